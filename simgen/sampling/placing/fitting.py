"""Whether an object fits onto a table at all, wherever it is put and however it is turned."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Kit
from simgen.records.world import DraftObject
from simgen.sampling.placing.tally import Space, flat_radius_m


def footprint(hull_m: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the vertices float64[N, 3] that bound the view from above, counter-clockwise.

    Remembered by content: of most objects it is asked for in every world.
    """
    return _footprint(np.ascontiguousarray(hull_m, np.float64).tobytes())


@lru_cache(maxsize=512)
def _footprint(hull: bytes) -> NDArray[np.intp]:
    from scipy.spatial import ConvexHull, QhullError

    flat = np.frombuffer(hull, np.float64).reshape(-1, 3)[:, :2]
    try:
        return np.asarray(ConvexHull(flat).vertices, np.intp)
    except (QhullError, ValueError):  # seen edge-on: a plane, a line or a point
        along = flat @ np.ptp(flat, axis=0)
        ends = [int(along.argmin()), int(along.argmax())]
        return np.array([ends[0], ends[1], ends[0]], np.intp)


def misfit(kit: Kit, thing: DraftObject, space: Space) -> str:
    """Why an object that stands or lies flat fits nowhere, with the sizes, or ""."""
    low, high = kit.bounds_m(thing)
    across, deep, tall = (float(v) for v in high - low)
    if tall > space.radius_m:
        return f"taller than the scene ({tall:.2f} m; it reaches up to {space.radius_m:.2f} m)"
    width, depth = space.table_m
    if 2 * flat_radius_m(kit, thing) <= min(width, depth):
        return ""
    hull = kit.hull_m(thing)
    narrow = least_width_m(hull[footprint(hull), :2])
    if narrow > min(width, depth) or max(across, deep) > math.hypot(width, depth):
        return f"larger than the table ({across:.2f} x {deep:.2f} m on {width:.2f} x {depth:.2f} m)"
    return ""


def least_width_m(corners_m: NDArray[np.float64]) -> float:
    """Width of a convex polygon float64[N, 2] across its narrowest direction.

    That direction is square to one of the edges (Houle and Toussaint 1988).
    """
    edges = np.roll(corners_m, -1, axis=0) - corners_m
    length = np.linalg.norm(edges, axis=1)
    edges = edges[length > 0] / length[length > 0, None]
    if not len(edges):
        return 0.0
    away = corners_m @ np.stack([-edges[:, 1], edges[:, 0]])
    return float(np.ptp(away, axis=0).min())
