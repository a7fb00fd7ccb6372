"""Asset source `container`: boxes, totes and crates that other things are put into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.errors import AssetError, Fault
from simgen.plugin import (
    AssetSource,
    Color,
    Integer,
    NonNegative,
    Number,
    Params,
    Positive,
    Sampled,
    Unit,
    Variant,
)
from simgen.records.asset import Asset, Surface

ContainerKind = Literal["box", "tote", "crate"]
# What a kind has where nothing else is said: taper in degrees, corner radius and rim in metres.
_USUAL = {"box": (0.0, 0.0, 0.0), "tote": (4.0, 0.035, 0.012), "crate": (0.0, 0.0, 0.0)}


Size = tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]]


class ContainerForm(Params):
    """How an open container is made, without its size."""

    kind: Sampled[ContainerKind] = Field(
        "tote",
        description="`box`: plain walls; `tote`: moulded, rounded and tapered, with a rim; "
        "`crate`: boards on corner posts",
    )
    wall_m: Sampled[Positive] = Field(0.004, description="thickness of walls and floor, m")
    taper_deg: Sampled[Annotated[Number, Field(ge=0, le=30)]] | None = Field(
        None, description="how far walls lean outwards; default: 4 for a tote, else 0"
    )
    corner_m: Sampled[NonNegative] | None = Field(
        None, description="radius of the inner corners, m; default: 0.035 for a tote, else 0"
    )
    rim_m: Sampled[NonNegative] | None = Field(
        None, description="width of the rim, m; default: 0.012 for a tote, else 0"
    )
    boards: Sampled[Annotated[Integer, Field(ge=1, le=12)]] = Field(
        3, description="of a crate, on each side"
    )
    board_gap: Sampled[Annotated[Number, Field(ge=0, le=0.6)]] = Field(
        0.2, description="share of a crate's walls that is open between the boards"
    )


class ContainerParams(ContainerForm):
    """Kind and size of an open container, and its looks."""

    size_m: Sampled[Size] = Field(
        (0.36, 0.26, 0.14), description="clear width and depth at the floor, and clear height, m"
    )
    color: Color = Field((0.12, 0.25, 0.55), description="base colour")
    roughness: Sampled[Unit] = Field(0.45, description="0 mirror, 1 chalk")


@dataclass(frozen=True)
class Cavity:
    """The room inside a container, in its own frame.

    Args:
        bottom_m, top_m: clear width and depth at the floor and at the upper edge.
        floor_m: height of the floor's upper side.
        height_m: height of the upper edge.
        corner_m: radius of the corners at the floor.
    """

    bottom_m: tuple[float, float]
    top_m: tuple[float, float]
    floor_m: float
    height_m: float
    corner_m: float


class Container(AssetSource):
    """An open box, a moulded tote with rim, or a crate of boards; slot `body`."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = ContainerParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One: `container`; its kind follows from the settings."""
        return [Variant("container")]

    def build(self, params: Any, variant: str) -> Asset:
        """Watertight, standing on z = 0 about the z axis, with its own convex pieces.

        Raises:
            AssetError: walls thicker than the room inside, or absurd sizes.
        """
        from simgen.assets.container_shape import container_shape
        from simgen.assets.sizes import check_extents

        check_extents(params.size_m, "container", "lengths are metres: make size_m fit the scene")
        if float(params.wall_m) > min(float(v) for v in params.size_m):
            what = f"wall_m = {float(params.wall_m):g} is more than the room inside"
            raise AssetError(Fault("container", what, "make the walls thinner"))
        patch, pieces = container_shape(params, cavity_of(params), taper_of(params)[2])
        surface = Surface(
            base_color=tuple(params.color), roughness=float(params.roughness), uv_in_metres=True
        )
        return Asset(patch.mesh(), ("body",), (surface,), licence="CC0-1.0", pieces_m=pieces)


def taper_of(params: Any) -> tuple[float, float, float]:
    """Taper in degrees, corner radius and rim width of drawn settings."""
    given = (params.taper_deg, params.corner_m, params.rim_m)
    usual = _USUAL[str(params.kind)]
    taper, corner, rim = (
        float(other if own is None else own) for own, other in zip(given, usual, strict=True)
    )
    return taper, corner, rim


def cavity_of(params: Any) -> Cavity:
    """The room inside a container of drawn settings."""
    taper, corner, _ = taper_of(params)
    width, depth, height = (float(v) for v in params.size_m)
    lean = 2 * height * math.tan(math.radians(taper))
    wall = float(params.wall_m)
    corner = min(corner, width / 2, depth / 2)
    return Cavity((width, depth), (width + lean, depth + lean), wall, wall + height, corner)
