"""Drawing of objects: how many, which variant, parameters, attributes, looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simgen.assets.sizes import MAX_M, MIN_M
from simgen.errors import Fault, SceneFileError
from simgen.plugin.cells import drawable
from simgen.plugin.looks import material_from
from simgen.plugin.protocols import Stream, Variant
from simgen.plugin.scene import Collection, Scene
from simgen.records.material import Material
from simgen.records.pose import Vec3
from simgen.records.world import AssetRef, DraftObject
from simgen.sampling.odds import OddsDrawer, spread_count
from simgen.sampling.shapes import RememberedShapes
from simgen.sampling.streams import KeyedStream
from simgen.spec.faults import place, suggest


@dataclass(frozen=True)
class Drawn:
    """A drawn object with its asset parameters as the plugin knows them (paths included)."""

    thing: DraftObject
    params: Any


class ObjectDrawer:
    """Draws the collections of a scene, world by world.

    Every value comes from the stream `objects.KEY.INDEX.what`, so neither the other
    collections nor their counts move it.
    """

    def __init__(self, scene: Scene, shapes: RememberedShapes) -> None:
        self._scene, self._shapes = scene, shapes
        self._variants: dict[str, tuple[Variant, ...]] = {}
        self._odds = OddsDrawer()

    def draw(self, rng: KeyedStream, *, empty: bool = False) -> tuple[Drawn, ...]:
        """The objects of a world.

        Args:
            rng: the world's root stream.
            empty: leave out every collection that can carry labels.
        """
        out: list[Drawn] = []
        for collection in self._scene.collections:
            if empty and collection.section.category is not None:
                continue
            own = rng.child("objects").child(collection.key)
            if self._scene.file.balance is not None:
                count = spread_count(collection.section.count, own.child("count"))
            else:
                count = int(own.child("count").draw(collection.section.count))
            out += self._all(collection, count, own)
        return tuple(out)

    def _all(self, collection: Collection, count: int, rng: KeyedStream) -> list[Drawn]:
        """Runs of objects that look the same; each run draws from the stream of its first."""
        out: list[Drawn] = []
        while len(out) < count:
            first = len(out)
            own = rng.child(str(first))
            length = int(own.child("repeat").draw(collection.section.repeat))
            one = self._one(collection, first, own)
            alike = range(first + 1, min(first + length, count))
            out += [one, *(replace(one, thing=replace(one.thing, index=i)) for i in alike)]
        return out

    def _one(self, collection: Collection, index: int, rng: KeyedStream) -> Drawn:
        section = collection.section
        params = rng.child("params").draw(collection.params)
        variants = self._variants_of(collection, params)
        drawn = rng.child("attributes").draw(section.attributes)
        own = {name: str(value) for name, value in drawn.items()}
        if section.odds:
            variant, decided = self._odds.draw(collection, variants, params, rng.child("variant"))
            own |= decided
        else:
            variant = rng.child("variant").choice(variants)
        attributes = {**variant.attributes, **own}
        asset = self._shapes.ref(f"objects.{collection.key}", section.asset, params, variant.name)
        thing = DraftObject(
            collection.key,
            index,
            asset,
            "distractor" if section.category is None else "object",
            attributes,
            self._materials(collection, asset, rng, attributes),
            float(rng.child("scale").draw(section.scale)),
            slots=self._shapes.slots(asset),
            extent_m=self._extent_m(asset),
        )
        check_extents(thing, self._scene, self._shapes)
        return Drawn(thing, params)

    def _extent_m(self, asset: AssetRef) -> Vec3:
        x, y, z = (float(edge) for edge in np.ptp(self._shapes.bounds_m(asset), axis=0))
        return (x, y, z)

    def _variants_of(self, collection: Collection, params: Any) -> tuple[Variant, ...]:
        # A folder of meshes is listed once; only drawn parameters can change the list.
        if params is not collection.params:
            return self._in_part(collection, params)
        if collection.key not in self._variants:
            self._variants[collection.key] = self._in_part(collection, params)
        return self._variants[collection.key]

    def _in_part(self, collection: Collection, params: Any) -> tuple[Variant, ...]:
        found, split = drawable(collection, params), collection.section.split
        if not found and split is not None:
            where = place(self._scene.document, ("objects", collection.key, "split"))
            number = len(collection.source.variants(params))
            what = f"none of the {number} assets is in the part {split.part}"
            raise SceneFileError(Fault(where, what, "change its `share`, or add assets"))
        return found

    def _materials(
        self, collection: Collection, asset: AssetRef, rng: Stream, attributes: dict[str, str]
    ) -> dict[str, Material]:
        section, out = collection.section, {}
        if section.material is not None:
            out["*"] = material_from(section.material, rng.child("material"), attributes)
        if section.materials:
            self._check_slots(collection, asset)
        for slot, setting in section.materials.items():
            out[slot] = material_from(setting, rng.child("materials").child(slot), attributes)
        return out

    def _check_slots(self, collection: Collection, asset: AssetRef) -> None:
        slots = self._shapes.slots(asset)
        faults = [
            Fault(
                place(self._scene.document, ("objects", collection.key, "materials", slot)),
                f"{asset.variant} has no material slot {slot!r}; its slots: {', '.join(slots)}",
                suggest(slot, slots, "slots"),
            )
            for slot in collection.section.materials
            if slot not in slots
        ]
        if faults:
            raise SceneFileError(faults)


def check_extents(thing: DraftObject, scene: Scene, shapes: RememberedShapes) -> None:
    """Refuse what is too large or too small for any scene, its scale included.

    Raises:
        SceneFileError: with its length and scale.
    """
    low, high = shapes.bounds_m(thing.asset)
    longest = float((high - low).max()) * thing.scale
    if MIN_M <= longest <= MAX_M:
        return
    where = place(scene.document, ("objects", thing.collection, "scale"))
    what = f"{thing.name} is {longest:.4g} m long at scale {thing.scale:g}"
    cure = f"from {MIN_M:g} to {MAX_M:g} m can be used; `scale` multiplies the asset's metres"
    raise SceneFileError(Fault(where, what, cure))
