"""AssetLibrary: recipes and references realised as arrays, built once, checked by content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from simgen.assets.built import Built, array_bytes, asset_bytes, bent, total_bytes
from simgen.assets.cache import ByteCache, DiskCache, cache_key, default_cache_dir
from simgen.assets.deforming import deformed_pieces
from simgen.assets.digest import asset_digest, geometry_digest
from simgen.assets.finishing.finisher import Finisher
from simgen.assets.hulls import convex_hull, convex_pieces, deepest_dent
from simgen.assets.settings import plain_settings, restored
from simgen.assets.sizes import check_size
from simgen.assets.surfaces import surfaces_of
from simgen.assets.textures import file_credit
from simgen.errors import AssetError, Fault
from simgen.plugin.protocols import AssetSource
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.records.asset import Asset, Credit, Image, Surface
from simgen.records.deformation import Deformation
from simgen.records.material import Texture
from simgen.records.serial import to_json
from simgen.records.world import AssetRef, Environment, World, WorldObject
from simgen.spec.faults import place
from simgen.spec.fields import Params

# Raise when the method or its settings change: old pieces on disk then count for nothing.
_PIECES_VERSION = 2
# What has no deeper dents than this share of its size rests on its hull as on itself.
_SHALLOW = 0.04
_MEBIBYTE = 1024**2


class AssetLibrary:
    """Implements `plugin.protocols.Library`, and what physics and placement need.

    Args:
        scene: where collections' paths come from.
        registry: asset plugins.
        cache_dir: for convex pieces; default $XDG_CACHE_HOME/simgen.
    """

    def __init__(self, scene: Scene, registry: Registry, cache_dir: Path | None = None) -> None:
        self.scene, self.registry = scene, registry
        self._collections = {f"objects.{c.key}": c for c in scene.collections}
        self._sources: dict[str, AssetSource] = {}
        self._built: ByteCache[Built] = ByteCache(512 * _MEBIBYTE)
        self._images: ByteCache[Image] = ByteCache(64 * _MEBIBYTE)
        self._skies: ByteCache[NDArray[np.float32]] = ByteCache(16 * _MEBIBYTE)
        self._shapes: ByteCache[Any] = ByteCache(64 * _MEBIBYTE)
        self._finisher = Finisher(self.asset, scene.roots)
        self._notes: set[str] = set()
        self._disk = DiskCache(cache_dir or default_cache_dir())

    def ref(self, collection: str, plugin: str, params: Params, variant: str) -> AssetRef:
        """Reference, with digest, to what `plugin` makes of these drawn parameters.

        Args:
            collection: `objects.KEY`, or `scene.NAME` for a scene type's own supports.

        Raises:
            AssetError: the asset cannot be built.
        """
        return self._entry(collection, plugin, plain_settings(params), variant, params).ref

    def resolved(self, wish: AssetRef) -> AssetRef:
        """The reference that a wish (one without a digest) comes to, all of it checked.

        Raises:
            AssetError: the asset cannot be built.
        """
        source = self._source(wish.plugin, wish.collection)
        params = self._restored(source, wish.collection, wish.params)
        plain = plain_settings(params)
        shape = wish.shape or ()
        return self._entry(wish.collection, wish.plugin, plain, wish.variant, params, shape).ref

    def made(self, collection: str, plugin: str, settings: Mapping[str, Any]) -> AssetRef:
        """Reference to a source's first variant: a scene type's own support.

        Args:
            collection: `scene.NAME`.
            settings: concrete, without paths: the scene file does not hold them.

        Raises:
            AssetError: the settings do not fit, or the asset cannot be built.
        """
        source = self._source(plugin, collection)
        try:
            params = source.Params.model_validate(dict(settings))
        except ValidationError as error:
            first = error.errors()[0]
            what = f"{plugin} does not take {first['loc']}: {first['msg']}"
            raise AssetError(Fault(collection, what, "a bug of the scene type")) from None
        return self.ref(collection, plugin, params, source.variants(params)[0].name)

    def asset(self, ref: AssetRef) -> Asset:
        """The asset, built again if need be.

        Raises:
            AssetError: it cannot be built, or its files changed since the world was drawn.
        """
        return self._checked(ref).asset

    def hull_m(self, ref: AssetRef) -> NDArray[np.float64]:
        """Vertices float64[N, 3] of the convex hull, unscaled, at most 128."""
        entry = self._checked(ref)

        def make() -> NDArray[np.float64]:
            return convex_hull(entry.asset.mesh.vertices_m.astype(np.float64))

        hull: NDArray[np.float64] = self._shapes.get(("hull", entry.geometry), make, array_bytes)
        return hull

    def pieces_m(self, ref: AssetRef) -> tuple[NDArray[np.float64], ...]:
        """Convex pieces, unscaled, each float64[N, 3]; kept on disk by content.

        Raises:
            AssetError: the decomposition failed.
        """
        entry = self._checked(ref)
        if entry.warps:
            return self._bent_pieces(ref, entry)
        if entry.asset.pieces_m:
            return entry.asset.pieces_m
        key = cache_key("pieces", _PIECES_VERSION, entry.geometry)

        def make() -> tuple[NDArray[np.float64], ...]:
            return self._disk.get(key, lambda: convex_pieces(entry.asset.mesh))

        pieces: tuple[NDArray[np.float64], ...] = self._shapes.get(key, make, total_bytes)
        return pieces

    def _bent_pieces(self, ref: AssetRef, entry: Built) -> tuple[NDArray[np.float64], ...]:
        straight = self._entry(ref.collection, ref.plugin, ref.params, ref.variant, None).ref

        def make() -> tuple[NDArray[np.float64], ...]:
            return deformed_pieces(self.contact_m(straight), entry.warps)

        key = ("bent", entry.geometry)
        pieces: tuple[NDArray[np.float64], ...] = self._shapes.get(key, make, total_bytes)
        return pieces

    def contact_m(self, ref: AssetRef) -> tuple[NDArray[np.float64], ...]:
        """Convex pieces that physics may use for the asset, unscaled, each float64[N, 3].

        The source's own; else the hull of what has no deep dents; else the decomposition.

        Raises:
            AssetError: the decomposition failed.
        """
        entry = self._checked(ref)
        if entry.asset.pieces_m:
            return self.pieces_m(ref)
        hull, key = self.hull_m(ref), ("dent", entry.geometry)
        dent = self._shapes.get(key, lambda: deepest_dent(entry.asset.mesh, hull), lambda _: 64)
        return (hull,) if dent <= _SHALLOW else self.pieces_m(ref)

    def bounds_m(self, ref: AssetRef) -> NDArray[np.float64]:
        """Smallest and largest corner, unscaled, float64[2, 3]."""
        return self._checked(ref).asset.mesh.bounds()

    def surfaces(self, thing: WorldObject) -> tuple[Surface, ...]:
        """One surface per slot of the object's asset, the world's overrides and finish applied."""
        plain = surfaces_of(self.asset(thing.asset), thing.materials, self.texture)
        return self._finisher.surfaces(thing, plain) if thing.finish else plain

    def texture(self, texture: Texture) -> Image:
        """uint8[H, W, 3] sRGB of a recipe or file.

        Raises:
            AssetError: unknown pattern, missing, changed or broken file.
        """
        from simgen.assets.textures import realise_texture

        # The size of a repeat is not in the pixels: leave it out of the key.
        key = to_json(replace(texture, tile_m=1.0))
        return self._images.get(
            key, lambda: realise_texture(texture, self.scene.roots), array_bytes
        )

    def environment(self, environment: Environment) -> NDArray[np.float32]:
        """Radiance float32[H, W, 3] in world axes (see `protocols.Library.environment`).

        Raises:
            AssetError: missing, changed or broken file.
        """
        from simgen.assets.environments import realise_environment

        def make() -> NDArray[np.float32]:
            return realise_environment(environment, self.scene.roots)

        return self._skies.get(to_json(environment), make, array_bytes)

    def credits(self, world: World) -> tuple[Credit, ...]:
        """Whose work is in a world: meshes, textures, maps and environment; sorted, each once.

        Raises:
            AssetError: a licence ledger is malformed.
        """
        found = set()
        for thing in world.objects:
            asset = self.asset(thing.asset)
            found.add(asset.credit or Credit("", asset.licence))
        textures = [m.texture for thing in world.objects for m in thing.materials.values()]
        refs = [world.environment.file]
        refs += [step.file for thing in world.objects for step in thing.finish or ()]
        for texture in (*textures, world.background):
            if texture is not None:
                refs += [texture.file, *(texture.maps or {}).values()]
        found |= {file_credit(ref, self.scene.roots) for ref in refs if ref is not None}
        return tuple(sorted(found, key=lambda credit: (credit.name, credit.licence, credit.sha256)))

    @property
    def notes(self) -> tuple[str, ...]:
        """`collection variant: note` of every asset built so far, sorted."""
        return tuple(sorted(self._notes))

    def _checked(self, ref: AssetRef) -> Built:
        shape = ref.shape or ()
        entry = self._entry(ref.collection, ref.plugin, ref.params, ref.variant, None, shape)
        if entry.ref.digest != ref.digest:
            what = f"{ref.plugin} {ref.variant!r} is no longer what it was when the world was drawn"
            cure = "restore its files and simgen's version, or draw into a new folder"
            raise AssetError(Fault(ref.collection, what, cure))
        return entry

    def _entry(
        self,
        collection: str,
        plugin: str,
        plain: dict[str, Any],
        variant: str,
        params: Params | None,
        shape: tuple[Deformation, ...] = (),
    ) -> Built:
        text = json.dumps(plain, sort_keys=True)
        if shape:
            straight = self._entry(collection, plugin, plain, variant, params)
            key = (straight.ref.digest, collection, to_json(shape))
            return self._built.get(key, lambda: bent(straight, shape), asset_bytes)

        def make() -> Built:
            source = self._source(plugin, collection)
            drawn = params or self._restored(source, collection, plain)
            asset = self._build(source, plugin, collection, drawn, variant)
            self._notes.update(f"{collection} {variant}: {note}" for note in asset.notes)
            digest = asset_digest(plugin, source.api, plain, variant, asset)
            ref = AssetRef(plugin, collection, variant, plain, digest)
            return Built(asset, ref, geometry_digest(asset.mesh))

        return self._built.get((collection, plugin, variant, text), make, asset_bytes)

    def _build(
        self, source: AssetSource, plugin: str, collection: str, params: Any, variant: str
    ) -> Asset:
        where = place(self.scene.document, tuple(collection.split(".")))
        try:
            asset = source.build(params, variant)
        except AssetError as error:
            # A procedural source does not know where its settings stand; the scene file does.
            faults = [replace(f, where=where) if f.where == plugin else f for f in error.faults]
            raise AssetError(faults) from None
        check_size(asset.mesh.vertices_m, f"{where} ({variant})", "set its size in metres")
        return asset

    def _source(self, plugin: str, where: str) -> AssetSource:
        if plugin not in self._sources:
            self._sources[plugin] = self.registry.get("assets", plugin, where)
        return self._sources[plugin]

    def _restored(self, source: AssetSource, collection: str, plain: dict[str, Any]) -> Params:
        known = self._collections.get(collection)
        if known is None and collection.startswith("objects."):
            what = "the scene has no such collection"
            raise AssetError(Fault(collection, what, "use the scene file that made this record"))
        try:
            return restored(source.Params, plain, known.params if known else None)
        except ValidationError as error:
            what = f"the record's parameters do not fit: {error.errors()[0]['msg']}"
            raise AssetError(Fault(collection, what)) from None
