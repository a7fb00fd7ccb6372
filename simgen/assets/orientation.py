"""State `orientation`: how far an object's own upward axis leans from the vertical."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from simgen.plugin import AssetSource, Number, Params
from simgen.records.pose import Pose, Vec3

Tilt = tuple[
    Annotated[Number, Field(ge=0, le=180, description="from, deg")],
    Annotated[Number, Field(ge=0, le=180, description="to, deg")],
]
_USUAL: dict[str, tuple[float, float]] = {
    "upright": (0, 45),
    "lying": (45, 135),
    "upside_down": (135, 180),
}


def _apart(value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    ranges = sorted(value.values())
    if not ranges or any(a >= b for a, b in ranges):
        what = "expected names with [from, to] in degrees, from less than to"
        raise PydanticCustomError("orientation", "{message}", {"message": what})
    if any(before[1] > after[0] for before, after in pairwise(ranges)):
        what = "expected ranges that do not overlap"
        raise PydanticCustomError("orientation", "{message}", {"message": what})
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class Oriented(Params):
    """Settings of the state `orientation`."""

    orientation: Annotated[dict[Name, Tilt], AfterValidator(_apart)] | None = Field(
        None,
        description="names of the state `orientation` and the tilt from the vertical that each "
        "stands for, deg; a tilt of none has no state; default: upright [0, 45], lying "
        "[45, 135], upside_down [135, 180]",
    )


class OrientedSource(AssetSource):
    """An asset source with the state `orientation`; its Params derive from `Oriented`."""

    up: ClassVar[Vec3] = (0.0, 0.0, 1.0)

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`orientation`: upright, lying, upside_down, or as `orientation` says."""
        return {"orientation": tuple(params.orientation or _USUAL)}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """The range that the tilt lies in; none if it lies in none."""
        height = float(pose.rotation()[2] @ np.array(self.up))
        tilt = math.degrees(math.acos(min(max(height, -1.0), 1.0)))
        for name, (low, high) in (params.orientation or _USUAL).items():
            if low <= tilt < high or tilt == high == 180:
                return {"orientation": name}
        return {}
