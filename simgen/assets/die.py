"""Asset source `die`: a six-sided die with real pips; its top face is a state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.errors import AssetError, Fault
from simgen.plugin import AssetSource, Color, NonNegative, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset, Surface
from simgen.records.pose import Pose

NUMBERS = ("one", "two", "three", "four", "five", "six")
# (axis, sign) of the face that shows one, two, ... six in the die's own frame. Opposite faces
# sum to seven. Right: seen from outside their common corner, 1, 2, 3 run counter-clockwise
# (dice of the West); left: clockwise (dice of China).
_FACES: dict[str, tuple[tuple[int, int], ...]] = {
    "right": ((2, 1), (0, 1), (1, 1), (1, -1), (0, -1), (2, -1)),
    "left": ((2, 1), (1, 1), (0, 1), (0, -1), (1, -1), (2, -1)),
}


class DieParams(Params):
    """Size, shape and colours of a die."""

    size_m: Sampled[Positive] = Field(0.016, description="edge, m")
    chirality: Sampled[Literal["left", "right"]] = Field(
        "right", description="right: 1, 2, 3 run counter-clockwise about their corner"
    )
    bevel_m: Sampled[NonNegative] | None = Field(
        None, description="radius of the rounded edges, m; default: 0.06 of the edge"
    )
    corner_m: Sampled[Positive] | None = Field(
        None, description="radius of the ball that cuts the corners, m; default: 0.765 of the edge"
    )
    pip_radius_m: Sampled[Positive] | None = Field(
        None, description="radius of a pip, m; default: 0.09 of the edge"
    )
    pip_depth_m: Sampled[Positive] | None = Field(
        None, description="depth of a pip, m; default: 0.035 of the edge"
    )
    color: Color = Field((0.83, 0.81, 0.76), description="base colour of the body")
    pip_color: Color = Field((0.02, 0.02, 0.022), description="base colour of the pips")
    roughness: Sampled[Unit] = Field(0.25, description="of body and pips; 0 mirror, 1 chalk")
    top_tolerance_deg: Annotated[Positive, Field(le=45)] = Field(
        20.0, description="a face tilted by more is not the top: no state `top`, so no `{top}`"
    )


class Die(AssetSource):
    """A six-sided die centred on its origin; slots `body`, `pips`; state `top`: one ... six.

    `top` is the face that looks up, if it is level within `top_tolerance_deg`. A die that leans
    on its edge, or flies, shows no number: it has no `top`, and a category of `{top}` gives it
    no label (it is counted as unlabelled, `no category`). Of dice in free flight about one in
    six carries a label by this rule; use a category without `{top}` to label them all.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = DieParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One: `die`."""
        return [Variant("die")]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`top` is one ... six."""
        return {"top": NUMBERS}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """The face that looks up; none if no face is level within the tolerance."""
        upward = pose.rotation()[2]
        heights = [float(sign * upward[axis]) for axis, sign in _FACES[params.chirality]]
        top = max(range(6), key=heights.__getitem__)
        if heights[top] < math.cos(math.radians(params.top_tolerance_deg)):
            return {}
        return {"top": NUMBERS[top]}

    def build(self, params: Any, variant: str) -> Asset:
        """Watertight; pips are cut out of the body.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.die_shape import die_mesh
        from simgen.assets.sizes import check_extents

        size = float(params.size_m)
        check_extents([size] * 3, "die", "lengths are metres: make size_m fit the scene")
        bevel = _share(params.bevel_m, 0.06, size)
        corner = _share(params.corner_m, 0.765, size)
        radius = _share(params.pip_radius_m, 0.09, size)
        depth = _share(params.pip_depth_m, 0.035, size)
        for wrong, what, cure in (
            (bevel > 0.2, "bevel_m is more than a fifth of the edge", "make it smaller"),
            (corner < 0.56, "corner_m is less than 0.56 of the edge", "make it larger"),
            (
                radius > 0.125,
                "pip_radius_m is more than an eighth of the edge: pips would meet",
                "",
            ),
            (depth > radius, "pip_depth_m is more than pip_radius_m", "make it smaller"),
        ):
            if wrong:
                raise AssetError(Fault("die", what, cure))
        mesh = die_mesh(size, _FACES[params.chirality], bevel, corner, radius, depth)
        surfaces = tuple(
            Surface(
                base_color=tuple(color),
                roughness=float(params.roughness),
                uv_in_metres=True,
                ior=1.5,
            )
            for color in (params.color, params.pip_color)
        )
        return Asset(mesh, ("body", "pips"), surfaces, licence="CC0-1.0")


def _share(value_m: float | None, default: float, size_m: float) -> float:
    return default if value_m is None else float(value_m) / size_m
