"""The container of a bin: made to fit its parts, or an object of the scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import Field

from simgen.assets.container import ContainerForm, ContainerKind, ContainerParams, Size
from simgen.errors import Fault, SceneFileError
from simgen.plugin import Kit, MaterialSetting, Sampled, Stream, material_from
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.scene_types.finishes import CONTAINERS
from simgen.spec.distributions import Distribution, support
from simgen.spec.faults import suggest

LARGEST_M = 1.2
_ON_GROUND_M = 0.00005
# Hulls' volume over the volume below a heap's level: odd parts, poured.
_PACKING = 0.35
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


@dataclass(frozen=True)
class Chosen:
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


def split_off(params: Any, kit: Kit) -> tuple[list[DraftObject], list[DraftObject]]:
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


def chosen_container(
    params: Any, kit: Kit, parts: Sequence[DraftObject], own: Sequence[DraftObject], rng: Stream
) -> Chosen:
    """The container of a world: the labelled one, or a support of drawn or fitting size.

    Args:
        own: things of the collection that `container` names; empty if it names none.
    """
    upright = Pose((0.0, 0.0, _ON_GROUND_M))
    if own:
        thing = replace(own[0], pose=upright)
        settings = ContainerParams.model_validate(thing.asset.params)
        if thing.scale != 1.0:
            settings = _scaled(settings, thing.scale)
        return Chosen(thing, settings, True, True)
    wanted = params.container if isinstance(params.container, BinContainer) else BinContainer()
    size = wanted.size_m or _size_for(kit, parts, float(params.fill), rng.child("size"))
    written = wanted.model_dump(exclude={"material", "size_m"}) | {"size_m": size}
    settings = ContainerParams.model_validate(written)
    look = wanted.material or CONTAINERS[str(wanted.kind)]
    material = material_from(look, rng.child("material"))
    thing = kit.support("container", "container", written, upright, {"*": material})
    return Chosen(thing, settings, False, wanted.size_m is not None)


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
    if not parts:
        return (0.36, round(0.36 / long, 4), round(0.36 * flat, 4))
    volume, longest = 0.0, 0.02
    for thing in parts:
        hull = kit.hull_m(thing)
        longest = max(longest, float(np.ptp(hull, axis=0).max()))
        volume += float(ConvexHull(hull, qhull_options="QJ").volume) / _PACKING
    width = (volume / fullness * long / flat) ** (1 / 3)
    width = min(max(width, 1.6 * longest), LARGEST_M)
    depth = max(width / long, 1.1 * longest)
    return (round(width, 4), round(depth, 4), round(flat * width, 4))


def largest_m(size: Any) -> tuple[float, float, float]:
    """The most that each edge of a size setting can be."""
    sizes = size.args if isinstance(size, Distribution) else (size,)
    if isinstance(size, Distribution) and size.kind == "weighted":
        sizes = size.args[0]
    x, y, z = (max(support(one[k])[1] for one in sizes) for k in range(3))
    return (x, y, z)
