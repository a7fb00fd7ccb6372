"""Bin picking: a container filled layer on layer, as parts are poured into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from simgen.assets.container import cavity_of
from simgen.plugin import (
    Integer,
    Kit,
    MaterialSetting,
    NonNegative,
    Number,
    Params,
    Positive,
    Sampled,
    Stream,
    Unit,
)
from simgen.records.pose import Pose
from simgen.records.world import Draft, DraftObject
from simgen.sampling.placing.filling import Room, fill
from simgen.sampling.placing.tally import Space, Tally
from simgen.sampling.scene_types.bin_container import (
    LARGEST_M,
    BinContainer,
    Chosen,
    chosen_container,
    largest_m,
    split_off,
)
from simgen.sampling.scene_types.finishes import WORK_FLOORS
from simgen.sampling.scene_types.surroundings import (
    Beyond,
    Surroundings,
    eyes_above,
    reach_m,
    surrounded,
    table_of,
)
from simgen.spec.distributions import Distribution, support

_GROUND_M = (3.0, 3.0)
_HEADROOM_M = 0.5


def _uniform(low: float, high: float) -> Any:
    return Distribution("uniform", (low, high), f"{{uniform: [{low:g}, {high:g}]}}")


_BEYOND: Any = Distribution(
    "weighted",
    (("none", "floor", "room"), (2.0, 1.0, 1.0)),
    "{weighted: {none: 2, floor: 1, room: 1}}",
)


def _container_form(value: Any) -> str:
    return "collection" if isinstance(value, str) else "settings"


class BinParams(Surroundings):
    """Settings of the container, of the ground and of how full it is."""

    container: Annotated[
        Annotated[str, Tag("collection")] | Annotated[BinContainer, Tag("settings")],
        Discriminator(_container_form),
    ] = Field(
        BinContainer(),
        description="a support without label; or a collection of `asset: container`, which may "
        "carry one",
    )
    fill: Sampled[Annotated[Unit, Field(gt=0)]] = Field(
        _uniform(0.35, 0.85), description="height of the heap as a share of the clear height"
    )
    offset_m: Sampled[NonNegative] = Field(
        0.03, description="largest offset of the container from the origin, m"
    )
    yaw_deg: Sampled[Number] = Field(
        _uniform(0.0, 360.0), description="the container's angle about z"
    )
    beyond: Sampled[Beyond] = Field(
        _BEYOND,
        description="`none`: it stands on a ground that goes on; `floor`: on a table with legs "
        "and a floor below; `room`: walls, too, open above",
    )
    ground: Sampled[MaterialSetting] = Field(
        WORK_FLOORS, description="material below the container; default: concrete, terrazzo, paint"
    )
    ground_size_m: tuple[Sampled[Positive], Sampled[Positive]] | None = Field(
        None,
        description="width and depth of the ground or table, m; z = 0 is its top; default: 3 x 3 m "
        "of ground, or a table that the container fits on",
    )
    max_tries: Annotated[Integer, Field(ge=1, le=4)] = Field(
        4, description="drops per part, after which it is given up"
    )
    collision: Literal["auto", "hull", "decompose"] = Field(
        "auto",
        description="shapes for physics: convex hulls, convex pieces (computed once, seconds a "
        "mesh), or pieces of what has dents alone",
    )


class Bin:
    """A container filled with parts, layer on layer, with physics.

    Parts of all collections are mixed. What falls beside the container is dropped again; what
    does not fit below the level is counted as dropped.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BinParams

    def radius_m(self, params: Any) -> float:
        """What is beyond the ground, or what the container needs with a heap on it."""
        largest = LARGEST_M
        if isinstance(params.container, BinContainer) and params.container.size_m is not None:
            largest = max(largest, *largest_m(params.container.size_m))
        sizes = [(2 * largest, 2 * largest), _GROUND_M]
        if params.ground_size_m is not None:
            x, y = (support(edge)[1] for edge in params.ground_size_m)
            sizes = [(x, y)]
        reach = max(reach_m(params, size) for size in sizes)
        return max(reach, math.hypot(1.1 * largest, largest + _HEADROOM_M))

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """The container on its ground, and the parts in it; all counted.

        Raises:
            SceneFileError: `container` names no collection, or one of other assets.
        """
        parts, own = split_off(params, kit)
        fullness = float(params.fill)
        order = rng.child("order")
        parts = sorted(parts, key=lambda thing: order.child(thing.name).random())
        chosen = chosen_container(params, kit, parts, own, rng.child("container"))
        tally = Tally(kit)
        room, space = _room(chosen, fullness, params, self.radius_m(params))
        fill(parts, room, space, tally, rng.child("place"))
        for spare in own[1:]:
            tally.drop(spare, "one container is enough")
        place = _stand(params, rng.child("stand"))
        inside = [replace(t, pose=place.compose(_posed(t))) for t in tally.placed]
        container = replace(chosen.thing, pose=place.compose(_posed(chosen.thing)))
        tally.placed = [*inside, *([container] if chosen.labelled else [])]
        size = _ground_size(params, chosen)
        ground = [
            table_of(params, size, params.ground, kit, rng),
            *surrounded(params, size, kit, rng),
        ]
        supports = ground if chosen.labelled else [container, *ground]
        facts = {
            "fill": fullness,
            "beyond": params.beyond,
            "container": str(chosen.settings.kind),
            "container_size_m": [float(v) for v in chosen.settings.size_m],
        }
        return Draft(
            (*tally.in_order(), *supports),
            interest_m=_middles(kit, inside) or (place.position_m,),
            radius_m=self.radius_m(params),
            counts=tally.counts(),
            facts=facts,
            eyes_m=eyes_above(),
        )


def _ground_size(params: Any, chosen: Chosen) -> tuple[float, float]:
    """Of the ground, or of a table that the container fits on however it is turned."""
    if params.ground_size_m is not None:
        return (float(params.ground_size_m[0]), float(params.ground_size_m[1]))
    if params.beyond == "none":
        return _GROUND_M
    across = math.hypot(*cavity_of(chosen.settings).top_m) + 0.15
    return (max(1.3, across), max(0.8, across))


def _room(chosen: Chosen, fullness: float, params: Any, radius: float) -> tuple[Room, Space]:
    inside = cavity_of(chosen.settings)
    share = fullness if chosen.limited else 1.0
    high = inside.floor_m + share * (inside.height_m - inside.floor_m)
    room = Room(chosen.thing, inside.bottom_m, inside.top_m, inside.floor_m, inside.height_m, high)
    reach = inside.bottom_m
    return room, Space(reach, reach, 0.0, params.max_tries, radius, params.collision)


def _stand(params: Any, rng: Stream) -> Pose:
    reach = float(params.offset_m) * math.sqrt(rng.random())
    angle = rng.uniform(0.0, 2 * math.pi)
    yaw = math.radians(float(params.yaw_deg))
    return Pose.from_yaw((reach * math.cos(angle), reach * math.sin(angle), 0.0), yaw)


def _posed(thing: DraftObject) -> Pose:
    assert thing.pose is not None
    return thing.pose


def _middles(kit: Kit, things: Sequence[DraftObject]) -> tuple[tuple[float, float, float], ...]:
    """Centres of the labelled parts, or of the others if there are none."""
    for role in ("object", "distractor"):
        found = [thing for thing in things if thing.role == role]
        if found:
            centres = [_posed(t).apply(kit.bounds_m(t).mean(axis=0)) for t in found]
            return tuple((float(x), float(y), float(z)) for x, y, z in centres)
    return ()
