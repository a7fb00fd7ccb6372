"""A furnished room: things rest on tables, shelves, cabinets, seats and the floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.assets.furniture import SLOTS as FURNITURE_SLOTS
from simgen.assets.furniture import USUAL_M, FurnitureParams
from simgen.assets.furniture_shapes import rests
from simgen.plugin import (
    Integer,
    Kit,
    MaterialSetting,
    NonNegative,
    Number,
    Params,
    Platform,
    Positive,
    Sampled,
    Stream,
    Unit,
    material_from,
)
from simgen.records.material import Material
from simgen.records.pose import Pose
from simgen.records.world import Draft, DraftObject
from simgen.sampling.placing.furnishing import FloorPlan, Piece
from simgen.sampling.placing.platforms import Asked
from simgen.sampling.placing.resting import Spot, rest
from simgen.sampling.placing.tally import Tally
from simgen.sampling.scene_types import finishes
from simgen.sampling.scene_types.room_light import RoomLight, openings_of, room_lights
from simgen.spec.distributions import drawn_from, support

RestKind = Literal["table", "shelf", "board", "cabinet", "chair", "stool", "floor"]
Count = Annotated[Integer, Field(ge=0, le=12)]
# How often a thing is put there, per square metre and what of the area things like to use.
_WEIGHTS = {
    "table": 3.0, "cabinet": 3.0, "shelf": 4.0, "board": 4.0, "chair": 1.0, "stool": 1.5,
    "floor": 0.12,
}  # fmt: skip
_WALL_M = 0.12
_MARGIN_M = 0.1  # beyond the walls' outside
_EYE_M = (0.25, 0.35, 2.1)  # from walls, lowest and highest


class Furnishing(Params):
    """How many pieces of each kind; what finds no place is left out."""

    table: Sampled[Count] = Field(drawn_from("weighted", (1, 2), (3.0, 1.0)), description="tables")
    chair: Sampled[Count] = Field(
        drawn_from("randint", 1, 3), description="chairs, at the tables first"
    )
    shelf: Sampled[Count] = Field(drawn_from("randint", 0, 2), description="open shelves")
    board: Sampled[Count] = Field(
        drawn_from("randint", 0, 2), description="single boards on a wall"
    )
    cabinet: Sampled[Count] = Field(drawn_from("randint", 0, 1), description="cabinets with doors")
    stool: Sampled[Count] = Field(drawn_from("randint", 0, 1), description="round stools")


class RoomMaterials(Params):
    """What the room and its furniture are made of."""

    floor: Sampled[MaterialSetting] = Field(finishes.FLOORS, description="default: woods, stone, "
                                            "carpet, concrete")  # fmt: skip
    walls: Sampled[MaterialSetting] = Field(finishes.WALLS, description="default: paints, stripes")
    ceiling: Sampled[MaterialSetting] = Field(finishes.CEILINGS, description="default: white")
    trim: Sampled[MaterialSetting] = Field(
        finishes.TRIMS, description="skirting and frames; default: white or wood"
    )
    furniture: Sampled[MaterialSetting] = Field(
        finishes.FURNITURE, description="drawn for each piece; default: woods, melamine, paints"
    )
    seats: Sampled[MaterialSetting] = Field(
        finishes.SEATS, description="drawn for each piece; default: cloth or wood"
    )


class RoomParams(Params):
    """Settings of the room, its furniture, its light, and of how things rest there."""

    size_m: tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]] = Field(
        (
            drawn_from("uniform", 3.2, 5.2),
            drawn_from("uniform", 2.8, 4.2),
            drawn_from("uniform", 2.4, 2.8),
        ),
        description="clear width (x), depth (y) and height, m",
    )
    ceiling: bool = Field(True, description="none: open above, lit by the sky")
    furniture: Furnishing = Field(Furnishing(), description="how many pieces of each kind")
    materials: RoomMaterials = Field(RoomMaterials(), description="of the room and its furniture")
    light: RoomLight = Field(RoomLight(), description="windows and lamps")
    rest_on: Annotated[tuple[RestKind, ...], Field(min_length=1)] = Field(
        ("table", "shelf", "board", "cabinet", "chair", "stool", "floor"),
        description="where things may rest",
    )
    drop: Sampled[Unit] = Field(
        0.3, description="share of things that are dropped, to lie in any pose; others stand"
    )
    gap_m: Sampled[NonNegative] = Field(
        0.01, description="smallest distance of standing things' footprints, m"
    )
    max_tries: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        30, description="places tried per thing and surface"
    )
    yaw_deg: tuple[Number, Number] = Field(
        (0.0, 360.0), description="range of standing things' yaw"
    )
    collision: Literal["auto", "hull", "decompose"] = Field(
        "auto",
        description="shapes for physics: convex hulls, convex pieces (computed once, seconds a "
        "mesh), or pieces of what has dents alone",
    )


class Room:
    """A furnished room with windows and lamps; things rest on surfaces at several heights.

    Its lamps stay when the randomizer `lights` adds others; `environment` changes what is outside.
    Cameras stand inside the room.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = RoomParams

    def radius_m(self, params: Any) -> float:
        """Distance of the ceiling's farthest corner from the middle of the floor."""
        w, d, h = (support(edge)[1] for edge in params.size_m)
        beyond = _WALL_M + _MARGIN_M
        return math.hypot(w / 2 + beyond, d / 2 + beyond, h + beyond)

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """The room, its furniture, the things on it; all things counted."""
        size = (float(params.size_m[0]), float(params.size_m[1]), float(params.size_m[2]))
        openings = openings_of(params.light, size, rng.child("openings"))
        shell = _shell(params, size, openings, kit, rng.child("shell"))
        plan = FloorPlan(size, openings)
        pieces, spots = _furnished(params, kit, plan, rng.child("furniture"))
        if "floor" in params.rest_on:
            floor = Platform("floor", Pose(), (size[0] - 0.2, size[1] - 0.2), size[2])
            spots.append(Spot(floor, _WEIGHTS["floor"] * size[0] * size[1]))
        lights, environment, lamps = room_lights(params.light, size, openings, kit, rng)
        tally = Tally(kit)
        asked = Asked(
            "stand",
            float(params.gap_m),
            (float(params.yaw_deg[0]), float(params.yaw_deg[1])),
            params.max_tries,
            params.collision,
        )
        around = [shell, *pieces]
        rest(kit.objects, spots, around, float(params.drop), asked, tally, rng.child("place"))
        return Draft(
            (*tally.in_order(), shell, *pieces, *lamps),
            lights=lights,
            environment=environment,
            radius_m=self.radius_m(params),
            counts=tally.counts(),
            facts={
                "size_m": list(size),
                "windows": sum(o.kind == "window" for o in openings),
                "furniture": len(pieces),
            },
            eyes_m=_eyes(size),
        )


def _eyes(size: tuple[float, float, float]) -> Any:
    aside, low, high = _EYE_M
    x, y = size[0] / 2 - aside, size[1] / 2 - aside
    return ((-x, -y, low), (x, y, min(high, size[2] - 0.15)))


def _shell(
    params: Any, size: Sequence[float], openings: Sequence[Any], kit: Kit, rng: Stream
) -> DraftObject:
    written = {
        "size_m": list(size),
        "openings": [opening.model_dump() for opening in openings],
        "ceiling": params.ceiling,
        "wall_m": _WALL_M,
    }
    looks = params.materials
    materials = {
        name: material_from(getattr(looks, name), rng.child(name))
        for name in ("floor", "walls", "ceiling", "trim")
    }
    materials["door"] = material_from(finishes.DOORS, rng.child("door"))
    return kit.support("room", "room_shell", written, Pose(), materials)


def _furnished(
    params: Any, kit: Kit, plan: FloorPlan, rng: Stream
) -> tuple[list[DraftObject], list[Spot]]:
    """Posed furniture and the platforms on it; chairs stand at tables where there is room."""
    pieces: list[DraftObject] = []
    spots: list[Spot] = []
    tables: list[tuple[Pose, tuple[float, float, float], Any]] = []
    for kind in ("table", "cabinet", "shelf", "board", "chair", "stool"):
        for number in range(int(getattr(params.furniture, kind))):
            own = rng.child(f"{kind}{number}")
            settings = _settings(kind, plan, own)
            piece = Piece(f"{kind}{number}", kind, _size(settings))
            pose = _seated(piece, plan, tables, rng) if kind == "chair" else None
            pose = pose or plan.place(piece, rng)
            if pose is None:
                continue
            if kind == "table":
                tables.append((pose, piece.size_m, plan.taken[-1][0]))
            made = kit.support(kind, "furniture", settings, pose, _looks(params, kind, own), number)
            pieces.append(made)
            spots += _spots(params, piece, settings, made)
    return pieces, spots


def _seated(
    piece: Piece, plan: FloorPlan, tables: Sequence[tuple[Pose, Any, Any]], rng: Stream
) -> Pose | None:
    for pose, size, outline in tables:
        for seat in plan.seats(pose, size, piece, rng):
            if plan.put(piece, seat, under=outline):
                return seat
    return None


def _settings(kind: str, plan: FloorPlan, rng: Stream) -> dict[str, Any]:
    stretch = {"chair": (0.92, 1.08), "stool": (0.85, 1.15)}.get(kind, (0.75, 1.3))
    narrow = 0.6 * min(plan.size_m[:2])
    own = rng.child("size")
    x, y, z = (edge * own.uniform(*stretch) for edge in USUAL_M[kind])
    if kind in ("table", "chair", "stool"):
        z = USUAL_M[kind][2] * own.uniform(0.95, 1.05)
    thick = 0.02 + 0.012 * own.random()
    z = thick if kind == "board" else min(z, plan.size_m[2] - 0.3)
    levels = {"shelf": max(2, round(z / own.uniform(0.32, 0.48)))}.get(kind, round(x / 0.5))
    return {
        "kind": kind,
        "size_m": [round(min(x, narrow), 4), round(min(y, narrow), 4), round(z, 4)],
        "levels": max(1, min(int(levels), 12)),
        "legs": "round" if own.random() < 0.4 else "square",
        "thickness_m": round(thick, 4),
        "back": own.random() < 0.7 if kind == "shelf" else True,
    }


def _size(settings: dict[str, Any]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in settings["size_m"])
    return (x, y, z)


def _looks(params: Any, kind: str, rng: Stream) -> dict[str, Material]:
    """Materials by slot: one for the piece, often another for its fronts, seats or top."""
    body = material_from(params.materials.furniture, rng.child("body"))
    out = dict.fromkeys(FURNITURE_SLOTS[kind], body)
    if "metal" in out:
        out["metal"] = material_from(finishes.METALS, rng.child("metal"))
    if "seat" in out:
        out["seat"] = material_from(params.materials.seats, rng.child("seat"))
    second = rng.child("second")
    for slot in ("front", "top"):
        if slot in out and second.random() < 0.5:
            out[slot] = material_from(params.materials.furniture, second.child(slot))
    if "frame" in out and second.random() < 0.3:
        out["frame"] = material_from(finishes.METALS, second.child("frame"))
    return out


def _spots(params: Any, piece: Piece, settings: dict[str, Any], made: DraftObject) -> list[Spot]:
    if piece.kind not in params.rest_on:
        return []
    assert made.pose is not None
    out = []
    for place in rests(FurnitureParams.model_validate(settings)):
        pose = made.pose.compose(Pose(place.middle_m))
        platform = Platform(
            f"{piece.name}.{place.name}", pose, place.size_m, place.headroom_m, made
        )
        out.append(Spot(platform, _WEIGHTS[piece.kind] * place.size_m[0] * place.size_m[1]))
    return out
