"""Finisher: the library's part that realises finishes, with what it keeps between calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simgen.assets.cache import ByteCache
from simgen.assets.finishing.charts import Charts, unfolded
from simgen.assets.finishing.realising import tinted, worn
from simgen.assets.images import decode_image
from simgen.assets.textures import read_ref
from simgen.records.asset import Asset, Image, Surface, Wear
from simgen.records.material import FileRef
from simgen.records.serial import to_json
from simgen.records.world import AssetRef, WorldObject
from simgen.spec.fields import Root

_MEBIBYTE = 1024**2
# Texels of an object's charts: 0.8 mm on a thing of 20 cm. Supports fill pictures; nobody sees
# them from below.
_TEXELS, _SUPPORT_TEXELS = 350_000, 900_000


class Finisher:
    """Tints surfaces and wears them.

    Args:
        asset: of the library.
        roots: the scene's path settings, for stickers' files.
    """

    def __init__(self, asset: Callable[[AssetRef], Asset], roots: dict[str, Root]) -> None:
        self._asset, self._roots = asset, roots
        self._charts: ByteCache[Charts] = ByteCache(160 * _MEBIBYTE)
        # The same object is asked for by light, labels and export: it must be the same arrays.
        self._wears: ByteCache[Wear] = ByteCache(256 * _MEBIBYTE)

    def surfaces(self, thing: WorldObject, plain: tuple[Surface, ...]) -> tuple[Surface, ...]:
        """The surfaces of an object that has a finish.

        Raises:
            AssetError: an unknown kind, or a file that cannot be used.
        """
        steps = thing.finish or ()
        out = tinted(plain, [step for step in steps if step.kind == "tint"])
        layers = [step for step in steps if step.kind != "tint"]
        if not layers:
            return out
        turn = thing.pose.quaternion_wxyz
        key = to_json([thing.asset.digest, thing.scale, turn, layers])

        def make() -> Wear:
            return worn(layers, thing.pose, self._unfolded(thing), self._picture)

        wear = self._wears.get(key, make, _wear_bytes)
        return tuple(replace(surface, wear=wear) for surface in out)

    def _unfolded(self, thing: WorldObject) -> Charts:
        support = thing.role == "support"
        texels = _SUPPORT_TEXELS if support else _TEXELS

        def make() -> Charts:
            return unfolded(self._asset(thing.asset).mesh, thing.scale, texels, below=not support)

        return self._charts.get((thing.asset.digest, thing.scale, texels), make, _chart_bytes)

    def _picture(self, ref: FileRef) -> Image:
        found = decode_image(*read_ref(ref, self._roots))
        if found.alpha is None:
            return found.rgb
        return np.concatenate([found.rgb, found.alpha[..., None]], axis=-1)


def _wear_bytes(wear: Wear) -> int:
    return wear.color.nbytes + wear.cover.nbytes + wear.roughness.nbytes + wear.uv.nbytes


def _chart_bytes(charts: Charts) -> int:
    arrays = (charts.place_m, charts.normal, charts.open, charts.solid, charts.side, charts.uv)
    return sum(array.nbytes for array in arrays)
