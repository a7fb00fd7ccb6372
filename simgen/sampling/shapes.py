"""Shapes: what sampling asks of the asset library, remembered by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simgen.assets.hulls import convex_hull
from simgen.records.asset import Asset
from simgen.records.world import AssetRef

Points = NDArray[np.float64]
_KEPT = 512
_COARSE = 64  # vertices of a hull that is only looked at


class Shapes(Protocol):
    """The part of the asset library that sampling needs."""

    def ref(self, collection: str, plugin: str, params: Any, variant: str) -> AssetRef:
        """Reference by content to an asset."""

    def resolved(self, wish: AssetRef) -> AssetRef:
        """The reference that a wish (one without a digest) comes to."""

    def made(self, collection: str, plugin: str, settings: Mapping[str, Any]) -> AssetRef:
        """Reference to a source's first variant with concrete settings."""

    def asset(self, ref: AssetRef) -> Asset:
        """The asset itself."""

    def hull_m(self, ref: AssetRef) -> Points:
        """Convex hull's vertices float64[N, 3], unscaled."""

    def pieces_m(self, ref: AssetRef) -> tuple[Points, ...]:
        """Convex decomposition, unscaled."""

    def contact_m(self, ref: AssetRef) -> tuple[Points, ...]:
        """The hull of what has no dents, convex pieces of what has, unscaled."""

    def bounds_m(self, ref: AssetRef) -> Points:
        """Smallest and largest corner float64[2, 3], unscaled."""


class RememberedShapes:
    """The library with hulls, bounds and slots of recent assets at hand.

    Placement asks for them hundreds of times per world; the library checks a digest each time.
    """

    def __init__(self, library: Shapes) -> None:
        self._library = library
        self._slots: dict[str, tuple[str, ...]] = {}
        self._facets: dict[str, tuple[Points, ...]] = {}
        self._kept: OrderedDict[tuple[str, str], Points] = OrderedDict()

    def ref(self, collection: str, plugin: str, params: Any, variant: str) -> AssetRef:
        """Reference by content to an asset."""
        return self._library.ref(collection, plugin, params, variant)

    def resolved(self, wish: AssetRef) -> AssetRef:
        """The reference that a wish (one without a digest) comes to."""
        return self._library.resolved(wish)

    def made(self, collection: str, plugin: str, settings: Mapping[str, Any]) -> AssetRef:
        """Reference to a source's first variant with concrete settings."""
        return self._library.made(collection, plugin, settings)

    def asset(self, ref: AssetRef) -> Asset:
        """The asset itself."""
        return self._library.asset(ref)

    def hull_m(self, ref: AssetRef) -> Points:
        """Convex hull's vertices float64[N, 3], unscaled."""
        return self._recall("hull", ref)

    def pieces_m(self, ref: AssetRef) -> tuple[Points, ...]:
        """Convex decomposition, unscaled."""
        return self._library.pieces_m(ref)

    def contact_m(self, ref: AssetRef) -> tuple[Points, ...]:
        """The hull of what has no dents, convex pieces of what has, unscaled."""
        return self._library.contact_m(ref)

    def bounds_m(self, ref: AssetRef) -> Points:
        """Smallest and largest corner float64[2, 3], unscaled."""
        return self._recall("bounds", ref)

    def slots(self, ref: AssetRef) -> tuple[str, ...]:
        """Names of the material slots."""
        if ref.digest not in self._slots:
            if len(self._slots) >= _KEPT:
                self._slots.clear()
            self._slots[ref.digest] = self._library.asset(ref).slots
        return self._slots[ref.digest]

    def facets(self, ref: AssetRef) -> tuple[Points, ...]:
        """Half-spaces float64[F, 4] (n . x + c <= 0 inside) of the source's own convex pieces,
        else of a coarse hull, unscaled."""
        if ref.digest not in self._facets:
            if len(self._facets) >= _KEPT:
                self._facets.clear()
            pieces = self.asset(ref).pieces_m and self.pieces_m(ref)
            solid = pieces or (convex_hull(self.hull_m(ref), _COARSE),)
            self._facets[ref.digest] = tuple(_half_spaces(piece) for piece in solid)
        return self._facets[ref.digest]

    def _recall(self, what: str, ref: AssetRef) -> Points:
        key = (what, ref.digest)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        get = self._library.hull_m if what == "hull" else self._library.bounds_m
        self._kept[key] = np.asarray(get(ref), np.float64)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


class RoughShapes(RememberedShapes):
    """The library without what takes seconds: for a look at worlds that nobody keeps."""

    def pieces_m(self, ref: AssetRef) -> tuple[Points, ...]:
        """The source's own convex pieces, else the hull."""
        return super().pieces_m(ref) if self.asset(ref).pieces_m else (self.hull_m(ref),)

    def contact_m(self, ref: AssetRef) -> tuple[Points, ...]:
        """The same."""
        return self.pieces_m(ref)


def _half_spaces(vertices: Points) -> Points:
    from scipy.spatial import ConvexHull

    # QJ joggles flat sets, which have no inside, until they have one.
    planes: Points = ConvexHull(np.asarray(vertices, np.float64), qhull_options="QJ").equations
    return planes
