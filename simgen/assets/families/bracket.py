"""Asset source `bracket`: bent and flat sheet-metal brackets with holes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.families.fasteners import Finish
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Integer, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset

Kind = Literal["l", "u", "z", "plate", "gusset"]


class BracketParams(Oriented):
    """Which brackets, how large, how many holes."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="bent once, twice, to a step; flat; bent once with a gusset"
    )
    base_m: Sampled[Positive] = Field(0.06, description="length of the leg that lies, along x, m")
    height_m: Sampled[Positive] = Field(0.05, description="of the leg that stands, along z, m")
    width_m: Sampled[Positive] = Field(0.04, description="along y, m")
    thickness_m: Sampled[Positive] = Field(0.003, description="of the sheet, m")
    bend_radius_m: Sampled[Annotated[float, Field(ge=0)]] | None = Field(
        None, description="inside a bend, m; default: the thickness"
    )
    corner_m: Sampled[Annotated[float, Field(ge=0)]] | None = Field(
        None,
        description="radius of the legs' corners, m; default: 0.15 of the width, if there is room",
    )
    holes: Sampled[Annotated[Integer, Field(ge=0, le=6)]] = Field(2, description="in each leg")
    rows: Sampled[Annotated[Integer, Field(ge=1, le=3)]] = Field(
        1, description="of holes, side by side"
    )
    hole_m: Sampled[Positive] = Field(0.0055, description="diameter of the holes, m")
    slotted: Sampled[bool] = Field(False, description="holes are twice as long as wide")
    finish: Sampled[Finish] = Field("zinc", description="metal and coating")
    color: Color | None = Field(None, description="painted in this colour; default: bare metal")
    paint_roughness: Sampled[Unit] = Field(0.4, description="of the paint; 0 mirror, 1 chalk")


class Bracket(OrientedSource):
    """A bracket whose base lies on z = 0; slot `body`.

    Keypoints: `base_end`, `corner`, `top_end` (middles of its edges), of a plate only `base_end`
    and `corner`. State: `orientation`. Convex pieces follow the bends.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BracketParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind, all named `bracket`; attribute `kind`."""
        kinds = params.kinds
        return [Variant(f"{kind}_bracket", {"name": "bracket", "kind": kind}) for kind in kinds]

    def marks(self, params: Any, variant: str) -> Marks:
        """`base_end`, `corner`, `top_end`."""
        if variant == "plate_bracket":
            return Marks(("base_end", "corner"), (("base_end", "corner"),))
        names = ("base_end", "corner", "top_end")
        return Marks(names, (("base_end", "corner"), ("corner", "top_end")))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.bracket_shape import bracket_asset

        return bracket_asset(params, variant.removesuffix("_bracket"))
