"""Asset source `can`: drink and food cans with a printed label, closed or opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.closure import closure_of, closure_values
from simgen.assets.families.assembly import ALUMINIUM, Seed
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset
from simgen.records.pose import Pose

Kind = Literal["drink", "slim", "food", "flat"]
SIZES: dict[str, tuple[float, float]] = {  # height and diameter, m
    "drink": (0.1152, 0.0662),
    "slim": (0.1450, 0.0530),
    "food": (0.1100, 0.0730),
    "flat": (0.0360, 0.0850),
}


class CanParams(Oriented):
    """Which cans, how large, how printed."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="drink 330 ml, slim 250 ml, food 425 ml, flat as tuna"
    )
    height_m: Sampled[Positive] | None = Field(None, description="m; default: the kind's own")
    diameter_m: Sampled[Positive] | None = Field(
        None, description="of the body, m; default: the kind's own"
    )
    open: Sampled[bool] = Field(False, description="state `closure`: the lid is open")
    seed: Sampled[Seed] = Field(0, description="chooses name, colours and design of the label")
    label_color: Color | None = Field(
        None, description="ground of the label; default: chosen by `seed`"
    )
    label_roughness: Sampled[Unit] = Field(0.28, description="0 mirror, 1 chalk")
    metal_color: Color = Field(ALUMINIUM, description="reflectance of lid and base")
    metal_roughness: Sampled[Unit] = Field(0.3, description="of lid and base")


class Can(OrientedSource):
    """A drink or food can standing on z = 0; slots `label`, `lid`, `base`, `tab`, `inside`.

    States: `orientation`, `closure` (open, closed). Keypoints: `lid` and `base` (their centres; of
    an open food can there is no lid), `front` (middle of the label's front, towards -y). Parts:
    `body`, `lid`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = CanParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind, all named `can`; attribute `kind`."""
        return [Variant(kind, {"name": "can", "kind": kind}) for kind in params.kinds]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`orientation` and `closure`."""
        return {**super().state_values(params), "closure": closure_values(params.open)}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """Tilt, and whether it is open."""
        return {**super().states(params, variant, pose), "closure": closure_of(params.open)}

    def marks(self, params: Any, variant: str) -> Marks:
        """`lid`, `base`, `front`."""
        return Marks(("lid", "base", "front"), (("lid", "base"),))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed; the label's UVs run once around.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.can_shape import can_asset

        return can_asset(params, variant)
