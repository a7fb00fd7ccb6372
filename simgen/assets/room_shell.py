"""Asset source `room_shell`: floor, walls, windows, skirting and ceiling around a room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.errors import AssetError, Fault
from simgen.plugin import (
    AssetSource,
    Integer,
    NonNegative,
    Number,
    Params,
    Positive,
    Sampled,
    Variant,
)
from simgen.records.asset import Asset, Surface

SLOTS = ("floor", "walls", "ceiling", "trim", "door", "metal")
_COLORS = ((0.4, 0.3, 0.2), (0.8, 0.78, 0.74), (0.9, 0.9, 0.88), (0.85, 0.84, 0.8))
_EDGE_M = 0.15  # of wall that must stay beside an opening


class Opening(Params):
    """A window or a door in a wall."""

    kind: Literal["window", "door"] = Field("window", description="a door is closed")
    wall: Annotated[Integer, Field(ge=0, le=3)] = Field(
        description="0 at -y, 1 at +x, 2 at +y, 3 at -x"
    )
    along_m: Annotated[Number, Field(ge=-100, le=100)] = Field(
        0.0, description="its middle, along the wall, to the right seen from inside, m"
    )
    width_m: Positive = Field(1.2, description="of the hole, m")
    height_m: Positive = Field(1.2, description="of the hole, m")
    sill_m: NonNegative = Field(0.9, description="height of its lower edge, m; a door has 0")


class RoomShellParams(Params):
    """Size of a room and what is in its walls."""

    size_m: Sampled[tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]]] = Field(
        (4.0, 3.2, 2.5), description="clear width (x), depth (y) and height, m"
    )
    openings: tuple[Opening, ...] = Field((), description="windows and doors")
    ceiling: bool = Field(True, description="none: open above")
    skirting_m: Sampled[NonNegative] = Field(0.08, description="height of the skirting, m; 0: none")
    wall_m: Sampled[Positive] = Field(0.12, description="thickness of walls, m")


class RoomShell(AssetSource):
    """A room's floor, walls with windows and doors, skirting and ceiling; slots by part.

    The floor's upper side is z = 0 about the z axis. Frames stand in the windows; panes are left
    out: glass that clean is not seen.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = RoomShellParams
    # Seen from outside: the usual example's camera would stand in a wall.
    example: ClassVar[Mapping[str, Any]] = {
        "scene": {"type": "flying", "size_m": 8.0},
        "objects": {"room": {"asset": "room_shell", "size_m": [4.0, 3.2, 2.5], "ceiling": False}},
        "camera": {"distance_m": {"uniform": [9.0, 12.0]}},
    }

    def variants(self, params: Any) -> Sequence[Variant]:
        """One: `room`."""
        return [Variant("room")]

    def build(self, params: Any, variant: str) -> Asset:
        """Closed parts with their convex pieces (walls without their windows); UVs in metres.

        Raises:
            AssetError: an opening does not fit into its wall.
        """
        from simgen.assets.room_shapes import shell_parts
        from simgen.assets.shaping.patch import joined

        for number, opening in enumerate(params.openings):
            _check(opening, number, params)
        patches, pieces = shell_parts(params)
        surfaces = [Surface(base_color=c, roughness=0.8, uv_in_metres=True) for c in _COLORS]
        surfaces.append(Surface(base_color=(0.7, 0.66, 0.6), roughness=0.5, uv_in_metres=True))
        surfaces.append(Surface(base_color=(0.6,) * 3, roughness=0.3, metallic=1.0))
        return Asset(
            joined(*patches).mesh(), SLOTS, tuple(surfaces), licence="CC0-1.0", pieces_m=pieces
        )


def wall_length_m(params: Any, wall: int) -> float:
    """Clear length of a wall of drawn settings."""
    return float(params.size_m[wall % 2])


def _check(opening: Opening, number: int, params: Any) -> None:
    length, height = wall_length_m(params, opening.wall), float(params.size_m[2])
    sill = 0.0 if opening.kind == "door" else opening.sill_m
    beside = length / 2 - abs(opening.along_m) - opening.width_m / 2
    if beside < _EDGE_M or sill + opening.height_m > height - _EDGE_M:
        what = f"opening {number} ({opening.width_m:g} x {opening.height_m:g} m) does not fit "
        what += f"into wall {opening.wall} ({length:g} x {height:g} m)"
        cure = f"leave {_EDGE_M:g} m of wall beside and above it"
        raise AssetError(Fault("room_shell", what, cure))
