"""Sight: rays against the convex pieces of a world, for looking before anything is rendered.

Coarser than the ray caster and thousands of times cheaper: a thing is the convex pieces that its
source brings, or its hull. What lies in a bowl counts as hidden by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.world import World, WorldObject
from simgen.sampling.shapes import RememberedShapes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solid:
    """A posed thing as half-spaces.

    Args:
        thing: what it is.
        facets: float64[F, 4] by piece; n . x + c <= 0 inside, in its own unscaled frame.
        middle_m, radius_m: a ball about it, world.
        top_m: height of its highest point, world.
        points_m: float64[N, 3], its middle and points just inside its hull, world.
    """

    thing: WorldObject
    facets: tuple[Floats, ...]
    middle_m: Floats
    radius_m: float
    top_m: float
    points_m: Floats

    def distance_m(self, point_m: Floats) -> float:
        """At most the distance of a point from the nearest piece; 0 inside."""
        local = self.thing.pose.apply_inverse(point_m) / self.thing.scale
        away = [float((planes[:, :3] @ local + planes[:, 3]).max()) for planes in self.facets]
        return max(0.0, min(away)) * self.thing.scale

    def entries_m(self, origin_m: Floats, directions: Floats) -> Floats:
        """How far unit rays float64[N, 3] run until they enter a piece, float64[N]; inf: never."""
        out = np.full(len(directions), np.inf)
        ahead = directions @ (self.middle_m - origin_m)
        square = float(((self.middle_m - origin_m) ** 2).sum()) - ahead**2
        near = np.flatnonzero((square < self.radius_m**2) & (ahead > -self.radius_m))
        if not near.size:
            return out
        pose, scale = self.thing.pose, self.thing.scale
        start = pose.apply_inverse(origin_m) / scale
        rays = directions[near] @ pose.rotation() / scale
        for planes in self.facets:
            gap = -(planes[:, :3] @ start + planes[:, 3])
            slope = rays @ planes[:, :3].T
            with np.errstate(divide="ignore", invalid="ignore"):
                at = gap / slope
            enter = np.where(slope < 0, at, -np.inf).max(axis=1)
            leave = np.where(slope > 0, at, np.inf).min(axis=1)
            beside = ((slope == 0) & (gap < 0)).any(axis=1)
            hit = ~beside & (leave > np.maximum(enter, 0))
            out[near[hit]] = np.minimum(out[near[hit]], np.maximum(enter[hit], 0))
        return out


def solids_of(world: World, shapes: RememberedShapes) -> tuple[Solid, ...]:
    """Every thing of a world, supports included, in its order."""
    return tuple(_solid(thing, shapes) for thing in world.objects)


def nearest_m(
    solids: Sequence[Solid], origin_m: Floats, directions: Floats, skip: Solid | None = None
) -> Floats:
    """How far unit rays [N, 3] run until they meet anything but `skip`, float64[N]."""
    out = np.full(len(directions), np.inf)
    for solid in solids:
        if solid is not skip:
            out = np.minimum(out, solid.entries_m(origin_m, directions))
    return out


def _solid(thing: WorldObject, shapes: RememberedShapes) -> Solid:
    hull = shapes.hull_m(thing.asset) * thing.scale
    low, high = hull.min(axis=0), hull.max(axis=0)
    middle = (low + high) / 2
    spread = hull[np.unique((hull @ _DIRECTIONS.T).argmax(axis=0))]
    inside = np.concatenate([middle[None], middle + 0.9 * (spread - middle)])
    return Solid(
        thing,
        shapes.facets(thing.asset),
        thing.pose.apply(middle),
        float(np.linalg.norm(hull - middle, axis=1).max()),
        float(thing.pose.apply(hull)[:, 2].max()),
        thing.pose.apply(inside),
    )


def _spread_directions(count: int) -> Floats:
    """Unit vectors spread evenly over the sphere (Fibonacci)."""
    k = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * k / count), np.pi * (1 + 5**0.5) * k
    flat = np.sin(polar)
    return np.stack([np.cos(turn) * flat, np.sin(turn) * flat, np.cos(polar)], axis=1)


_DIRECTIONS = _spread_directions(20)
