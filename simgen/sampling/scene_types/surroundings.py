"""What stands around the things of interest: the table they lie on, a floor below, a room."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field

from simgen.plugin import Kit, MaterialSetting, Params, Positive, Sampled, Stream, material_from
from simgen.records.pose import Pose, Vec3
from simgen.records.world import DraftObject
from simgen.sampling.scene_types import finishes
from simgen.sampling.scene_types.room_light import RoomLight, openings_of
from simgen.spec.distributions import Distribution, support, values_of

Beyond = Literal["none", "floor", "room"]
THICKNESS_M = 0.04
_EDGE_M = 0.003
# A smaller table gets no legs: it may be a board, a plate or a stage of a machine.
_LEGS_FROM_M = 0.4
_FLOOR_M = 7.0
_SLAB_M = 0.05
_WALL_M = 0.12
_ROOM_HEIGHT_M = 2.6
# From the table's edges to the walls.
_AWAY_M = (1.0, 2.2)
_ABOVE_M = 0.03
_ANYWHERE_M = 1e6


class Surroundings(Params):
    """Settings that scene types on a table share."""

    beyond: Sampled[Beyond] = Field(
        "floor",
        description="what is beyond the table: `none`, nothing but the environment; `floor`, legs "
        "and a floor below; `room`, walls with windows and doors, too, open above",
    )
    table_height_m: Sampled[Positive] = Field(0.74, description="of the table above the floor, m")
    legs: Sampled[MaterialSetting] = Field(
        finishes.FURNITURE, description="material of the table's frame; default: woods, paints"
    )
    floor: Sampled[MaterialSetting] = Field(
        finishes.FLOORS, description="material of the floor; default: woods, stone, carpet"
    )
    walls: Sampled[MaterialSetting] = Field(
        finishes.WALLS, description="material of walls; default: paints, stripes"
    )


def reach_m(params: Any, table_m: tuple[float, float]) -> float:
    """Distance from the middle of the table's top to the farthest corner of all this.

    Args:
        params: `Surroundings`, undrawn.
        table_m: the table's largest width and depth.
    """
    kinds = values_of(params.beyond) if isinstance(params.beyond, Distribution) else None
    kinds = kinds or (params.beyond,)
    out = math.hypot(table_m[0] / 2, table_m[1] / 2, THICKNESS_M)
    down = support(params.table_height_m)[1] + 2 * _SLAB_M
    if "floor" in kinds:
        wide = max(_FLOOR_M, 2 * max(table_m)) / 2
        out = max(out, math.hypot(wide, wide, down))
    if "room" in kinds:
        x, y = (edge / 2 + _AWAY_M[1] + _WALL_M for edge in table_m)
        high = max(down, _ROOM_HEIGHT_M - support(params.table_height_m)[0])
        out = max(out, math.hypot(x, y, high))
    return out + 0.01


def eyes_above() -> tuple[Vec3, Vec3]:
    """Where cameras stand: anywhere, but not below the table's top."""
    return ((-_ANYWHERE_M, -_ANYWHERE_M, _ABOVE_M), (_ANYWHERE_M,) * 3)


def table_of(
    params: Any, size_m: tuple[float, float], surface: Any, kit: Kit, rng: Stream
) -> DraftObject:
    """The table whose top is z = 0, about the origin; with legs if there is a floor.

    Args:
        params: drawn `Surroundings`.
        surface: material setting of its top.
    """
    top = material_from(surface, rng.child("surface"))
    width, depth = size_m
    if params.beyond == "none" or min(size_m) < _LEGS_FROM_M:
        size = (width, depth, THICKNESS_M)
        middle = Pose((0.0, 0.0, -THICKNESS_M / 2))
        bevel = min(_EDGE_M, min(size_m) / 10)
        return kit.box("table", size, middle, top, bevel_m=bevel)
    height = float(params.table_height_m)
    own = rng.child("table")
    settings = {
        "kind": "table",
        "size_m": [width, depth, height],
        "thickness_m": min(THICKNESS_M, height / 4),
        "legs": "round" if own.random() < 0.4 else "square",
    }
    materials = {"top": top, "frame": material_from(params.legs, own.child("legs"))}
    # The top's true height: parts of furniture keep a little play.
    return kit.support("table", "furniture", settings, Pose((0.0, 0.0, -height)), materials)


def surrounded(
    params: Any, table_m: tuple[float, float], kit: Kit, rng: Stream
) -> list[DraftObject]:
    """What there is beyond the table: nothing, a floor, or a room without a ceiling."""
    down = float(params.table_height_m)
    if params.beyond == "none":
        return []
    floor = material_from(params.floor, rng.child("floor"))
    if params.beyond == "floor":
        wide = max(_FLOOR_M, 2 * max(table_m))
        middle = Pose((0.0, 0.0, -down - _SLAB_M / 2))
        return [kit.box("floor", (wide, wide, _SLAB_M), middle, floor)]
    own = rng.child("room")
    away = [[own.uniform(*_AWAY_M) for _ in range(2)] for _ in range(2)]
    size = tuple(round(edge + sum(far), 4) for edge, far in zip(table_m, away, strict=True))
    shift = [(far[0] - far[1]) / 2 for far in away]
    room = (size[0], size[1], _ROOM_HEIGHT_M)
    light = RoomLight(windows=2) if own.random() < 0.5 else RoomLight(windows=1)
    openings = openings_of(light, room, own.child("openings"))
    settings = {
        "size_m": list(room),
        "openings": [opening.model_dump() for opening in openings],
        "ceiling": False,
        "wall_m": _WALL_M,
    }
    materials = {
        "floor": floor,
        "walls": material_from(params.walls, rng.child("walls")),
        "trim": material_from(finishes.TRIMS, own.child("trim")),
        "door": material_from(finishes.DOORS, own.child("door")),
    }
    pose = Pose((shift[0], shift[1], -down))
    return [kit.support("room", "room_shell", settings, pose, materials)]
