"""Bin picking: a container filled layer on layer, as parts are poured into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Discriminator, Field, Tag

from simgen.assets.container import (
    ContainerForm,
    ContainerKind,
    ContainerParams,
    Size,
    cavity_of,
)
from simgen.errors import Fault, SceneFileError
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
    material_from,
)
from simgen.records.pose import Pose
from simgen.records.world import Draft, DraftObject
from simgen.sampling.placing.filling import Room, fill
from simgen.sampling.placing.tally import Space, Tally
from simgen.sampling.scene_types.finishes import CONTAINERS, WORK_FLOORS
from simgen.spec.distributions import Distribution, support
from simgen.spec.faults import suggest

_GROUND_M = 0.05
_ON_GROUND_M = 0.00005
# Hulls' volume over the volume below a heap's level: odd parts, poured.
_PACKING = 0.35
_LARGEST_M = 1.2
_HEADROOM_M = 0.5


def _uniform(low: float, high: float) -> Any:
    return Distribution("uniform", (low, high), f"{{uniform: [{low:g}, {high:g}]}}")


_KINDS: Any = Distribution(
    "weighted",
    (("tote", "box", "crate"), (3.0, 2.0, 1.0)),
    "{weighted: {tote: 3, box: 2, crate: 1}}",
)


class BinContainer(ContainerForm):
    """The container: as the asset source `container`, with a size that may follow the parts."""

    kind: Sampled[ContainerKind] = Field(
        _KINDS,
        description="`box`: plain walls; `tote`: moulded, rounded and tapered, with a rim; "
        "`crate`: boards on corner posts",
    )
    size_m: Sampled[Size] | None = Field(
        None,
        description="clear width and depth at the floor, and clear height, m; default: what the "
        "world's parts fill to the level `fill`",
    )
    material: Sampled[MaterialSetting] | None = Field(
        None, description="default: one that suits the kind: plastic, cardboard, metal, wood"
    )


def _container_form(value: Any) -> str:
    return "collection" if isinstance(value, str) else "settings"


class BinParams(Params):
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
    ground: Sampled[MaterialSetting] = Field(
        WORK_FLOORS, description="material below the container; default: concrete, terrazzo, paint"
    )
    ground_size_m: tuple[Sampled[Positive], Sampled[Positive]] = Field(
        (3.0, 3.0), description="width and depth of the ground, m; z = 0 is its top"
    )
    max_tries: Annotated[Integer, Field(ge=1, le=4)] = Field(
        4, description="drops per part, after which it is given up"
    )
    collision: Literal["auto", "hull", "decompose"] = Field(
        "auto",
        description="shapes for physics: convex hulls, convex pieces (computed once, seconds a "
        "mesh), or pieces of what has dents alone",
    )


@dataclass(frozen=True)
class _Bin:
    """The container, standing upright about the z axis, with its settings.

    Args:
        thing: posed at its own frame's origin.
        settings: drawn settings of the source `container`.
        labelled: it is an object of the scene.
        limited: its size was given, so that the level bounds the heap; else it was made to fit.
    """

    thing: DraftObject
    settings: Any
    labelled: bool
    limited: bool


class Bin:
    """A container filled with parts, layer on layer, with physics.

    Parts of all collections are mixed. What falls beside the container is dropped again; what
    does not fit below the level is counted as dropped.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BinParams

    def radius_m(self, params: Any) -> float:
        """Half the ground's diagonal, or what the container needs with a heap on it."""
        width, depth = (support(edge)[1] for edge in params.ground_size_m)
        largest = _LARGEST_M
        if isinstance(params.container, BinContainer) and params.container.size_m is not None:
            largest = max(largest, *_largest(params.container.size_m))
        return max(math.hypot(width / 2, depth / 2, _GROUND_M), largest + _HEADROOM_M)

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """The container on its ground, and the parts in it; all counted.

        Raises:
            SceneFileError: `container` names no collection, or one of other assets.
        """
        parts, own = _split(params, kit)
        fullness = float(params.fill)
        order = rng.child("order")
        parts = sorted(parts, key=lambda thing: order.child(thing.name).random())
        chosen = _bin(params, kit, parts, own, rng.child("container"))
        tally = Tally(kit)
        room, space = _room(chosen, fullness, params, self.radius_m(params))
        fill(parts, room, space, tally, rng.child("place"))
        for spare in own[1:]:
            tally.drop(spare, "one container is enough")
        place = _stand(params, rng.child("stand"))
        inside = [replace(t, pose=place.compose(_posed(t))) for t in tally.placed]
        container = replace(chosen.thing, pose=place.compose(_posed(chosen.thing)))
        tally.placed = [*inside, *([container] if chosen.labelled else [])]
        width, depth = (float(edge) for edge in params.ground_size_m)
        ground = kit.box(
            "ground",
            (width, depth, _GROUND_M),
            Pose((0.0, 0.0, -_GROUND_M / 2)),
            material_from(params.ground, rng.child("ground")),
        )
        supports = [ground] if chosen.labelled else [container, ground]
        facts = {
            "fill": fullness,
            "container": str(chosen.settings.kind),
            "container_size_m": [float(v) for v in chosen.settings.size_m],
        }
        return Draft(
            (*tally.in_order(), *supports),
            interest_m=_middles(kit, inside) or (place.position_m,),
            radius_m=self.radius_m(params),
            counts=tally.counts(),
            facts=facts,
        )


def _split(params: Any, kit: Kit) -> tuple[list[DraftObject], list[DraftObject]]:
    """Parts, and the things of the collection that the container comes from."""
    key = params.container if isinstance(params.container, str) else None
    if key is not None and key not in kit.collections:
        what = f"there is no collection {key!r}"
        raise SceneFileError(Fault("scene.container", what, suggest(key, kit.collections)))
    own = [thing for thing in kit.objects if thing.collection == key]
    if own and own[0].asset.plugin != "container":
        what = f"{key!r} is made by {own[0].asset.plugin!r}, whose inside is not known"
        cure = f"make objects.{key} of `asset: container`"
        raise SceneFileError(Fault("scene.container", what, cure))
    return [thing for thing in kit.objects if thing.collection != key], own


def _bin(
    params: Any, kit: Kit, parts: Sequence[DraftObject], own: Sequence[DraftObject], rng: Stream
) -> _Bin:
    upright = Pose((0.0, 0.0, _ON_GROUND_M))
    if own:
        thing = replace(own[0], pose=upright)
        settings = ContainerParams.model_validate(thing.asset.params)
        if thing.scale != 1.0:
            settings = _scaled(settings, thing.scale)
        return _Bin(thing, settings, True, True)
    wanted = params.container if isinstance(params.container, BinContainer) else BinContainer()
    size = wanted.size_m or _size_for(kit, parts, float(params.fill), rng.child("size"))
    written = wanted.model_dump(exclude={"material", "size_m"}) | {"size_m": size}
    settings = ContainerParams.model_validate(written)
    look = wanted.material or CONTAINERS[str(wanted.kind)]
    material = material_from(look, rng.child("material"))
    thing = kit.support("container", "container", written, upright, {"*": material})
    return _Bin(thing, settings, False, wanted.size_m is not None)


def _scaled(settings: ContainerParams, factor: float) -> ContainerParams:
    """Settings of a container that is that many times as large."""
    lengths = ("wall_m", "corner_m", "rim_m")
    update: dict[str, Any] = {
        name: value * factor for name in lengths if (value := getattr(settings, name)) is not None
    }
    update["size_m"] = tuple(float(v) * factor for v in settings.size_m)
    return settings.model_copy(update=update)


def _size_for(
    kit: Kit, parts: Sequence[DraftObject], fullness: float, rng: Stream
) -> tuple[float, float, float]:
    """Clear size that the parts fill to the level, in the proportions of boxes people use."""
    from scipy.spatial import ConvexHull

    long, flat = rng.uniform(1.15, 1.6), rng.uniform(0.35, 0.6)
    volume, longest = 0.0, 0.02
    for thing in parts:
        hull = kit.hull_m(thing)
        longest = max(longest, float(np.ptp(hull, axis=0).max()))
        volume += float(ConvexHull(hull, qhull_options="QJ").volume) / _PACKING
    width = (volume / fullness * long / flat) ** (1 / 3)
    width = min(max(width, 1.6 * longest), _LARGEST_M)
    depth = max(width / long, 1.1 * longest)
    return (round(width, 4), round(depth, 4), round(flat * width, 4))


def _room(chosen: _Bin, fullness: float, params: Any, radius: float) -> tuple[Room, Space]:
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


def _largest(size: Any) -> tuple[float, float, float]:
    """The most that each edge of a size setting can be."""
    sizes = size.args if isinstance(size, Distribution) else (size,)
    if isinstance(size, Distribution) and size.kind == "weighted":
        sizes = size.args[0]
    x, y, z = (max(support(one[k])[1] for one in sizes) for k in range(3))
    return (x, y, z)
