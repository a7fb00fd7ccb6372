"""Background planes: walls around the scene and a floor below it, as real surfaces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import (
    Integer,
    MaterialSetting,
    Number,
    Params,
    Positive,
    Sampled,
    Stream,
    material_from,
)
from simgen.records.pose import Pose
from simgen.records.world import AssetRef, Draft, DraftObject
from simgen.sampling.randomizers.palette import WALL_MATERIAL
from simgen.sampling.randomizers.ranges import ranged
from simgen.spec.distributions import support

_THICK_M = 0.02
_LEAST_M = 0.05  # air between a wall and the scene


class PlanesParams(Params):
    """Settings of the planes."""

    walls: Sampled[Annotated[Integer, Field(ge=0, le=4)]] = Field(
        ranged("randint", 1, 3), description="of the four sides", examples=[{"randint": [1, 3]}]
    )
    distance_m: Sampled[Positive] = Field(
        ranged("uniform", 1.8, 3.2),
        description="of each wall from the origin; never inside the scene, m",
        examples=[{"uniform": [1.8, 3.2]}],
    )
    height_m: Sampled[Positive] = Field(
        ranged("uniform", 2.0, 3.0), description="of the walls above the floor, m"
    )
    floor_m: Sampled[Positive] | None = Field(
        ranged("uniform", 0.45, 1.0),
        description="how far below z = 0 the floor lies; null: no floor, walls start at -1 m",
    )
    turn_deg: Sampled[Number] = Field(
        ranged("uniform", 0.0, 360.0), description="of the walls about the vertical"
    )
    material: Sampled[MaterialSetting] = Field(
        WALL_MATERIAL, description="of each plane; default: paint, wallpaper, wood, stone"
    )


class Planes:
    """Puts walls and a floor behind the scene: boards that cast and receive light.

    They are background (instance 0). Cameras that would stand behind one are drawn again.
    """

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = {"walls": 0, "floor_m": None}
    Params: ClassVar[type[Params]] = PlanesParams

    def far_m(self, params: Any, bound_m: float) -> float:
        """No surface is farther from a camera than this, if it was `bound_m` without planes."""
        distance, height = support(params.distance_m)[1], support(params.height_m)[1]
        floor = 1.0 if params.floor_m is None else support(params.floor_m)[1]
        return bound_m + _reach(max(distance, bound_m), height, floor)

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with these planes; unchanged without walls and floor."""
        walls = int(rng.child("walls").draw(params.walls))
        floor = rng.child("floor_m").draw(params.floor_m)
        if walls == 0 and floor is None:
            return draft
        least = draft.radius_m + _LEAST_M
        sides = [
            max(least, float(rng.child(f"wall{n}").child("distance_m").draw(params.distance_m)))
            for n in range(4)
        ]
        foot = 1.0 if floor is None else float(floor)
        height = float(rng.child("height_m").draw(params.height_m))
        turn = math.radians(float(rng.child("turn_deg").draw(params.turn_deg)))
        chosen = rng.child("sides").shuffled(range(4))[:walls]
        planes = [
            _plane(f"wall{n}", _wall(n, sides, foot, height, turn), params, rng)
            for n in sorted(chosen)
        ]
        if floor is not None:
            planes.append(_plane("floor", _floor(sides, foot, turn), params, rng))
        facts = {"walls": walls, "floor_m": -foot if floor is not None else None}
        facts |= {f"wall{n}.distance_m": sides[n] for n in sorted(chosen)}
        return replace(
            draft,
            objects=(*draft.objects, *planes),
            radius_m=max(draft.radius_m, _reach(max(sides), height, foot)),
            facts={**draft.facts, **{k: v for k, v in facts.items() if v is not None}},
        )


Board = tuple[tuple[float, float, float], Pose]


def _wall(number: int, sides: list[float], foot: float, height: float, turn: float) -> Board:
    """Extents and pose of the wall on a side (+x, +y, -x, -y before the turn)."""
    along = turn + number * math.pi / 2
    left, right = sides[(number + 1) % 4], sides[(number + 3) % 4]
    middle = (left - right) / 2
    out = sides[number] + _THICK_M / 2
    x = out * math.cos(along) - middle * math.sin(along)
    y = out * math.sin(along) + middle * math.cos(along)
    size = (_THICK_M, left + right + 2 * _THICK_M, height)
    return size, Pose.from_yaw((x, y, height / 2 - foot), along)


def _floor(sides: list[float], foot: float, turn: float) -> Board:
    x, y = (sides[0] - sides[2]) / 2, (sides[1] - sides[3]) / 2
    c, s = math.cos(turn), math.sin(turn)
    place = (c * x - s * y, s * x + c * y, -foot - _THICK_M / 2)
    size = (sides[0] + sides[2] + 2 * _THICK_M, sides[1] + sides[3] + 2 * _THICK_M, _THICK_M)
    return size, Pose.from_yaw(place, turn)


def _plane(name: str, board: Board, params: Any, rng: Stream) -> DraftObject:
    own = rng.child(name).child("material")
    material = material_from(own.draw(params.material), own)
    wish = AssetRef("box", "", "box", {"size_m": list(board[0])}, "")
    return DraftObject(name, 0, wish, "support", materials={"*": material}, pose=board[1])


def _reach(distance: float, height: float, floor: float) -> float:
    """Distance of a room's farthest corner from the origin."""
    wide = distance + 2 * _THICK_M
    return math.hypot(wide, wide, max(height, floor + _THICK_M))
