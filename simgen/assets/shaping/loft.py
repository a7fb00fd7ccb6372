"""Lofting: a closed surface through rings of points that need not share a path."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.assets.shaping.patch import Array, Patch


def rounded_rectangle(width: float, depth: float, radius: float, steps: int = 5) -> Array:
    """Outline float64[4 * (steps + 1), 2] about the origin, counter-clockwise.

    Args:
        radius: of the corners; cut down to half of the shorter side.
        steps: facets of a corner; rings of equal `steps` have points that belong together.
    """
    r = min(radius, width / 2, depth / 2)
    t = np.radians(np.linspace(0, 90, steps + 1))
    out = []
    for quarter, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        a = t + quarter * np.pi / 2
        middle = np.array([sx * (width / 2 - r), sy * (depth / 2 - r)])
        out.append(middle + r * np.stack([np.cos(a), np.sin(a)], axis=1))
    return np.concatenate(out)


def lofted(rings: ArrayLike, slot: int = 0, crease_deg: float = 40.0) -> Patch:
    """The surface through rings, both ends closed by a fan about their middle; UVs in metres.

    Args:
        rings: [R, K, 3], counter-clockwise seen from where the rings go; the solid lies inside
            the first rings and is left again by the last ones.
    """
    points = np.asarray(rings, np.float64)
    count, around = points.shape[:2]
    k = np.arange(around)
    after = (k + 1) % around
    i = np.arange(count - 1)[:, None] * around
    quad = np.stack([i + k, i + after, i + around + after, i + around + k], axis=-1).reshape(-1, 4)
    first, last, end = count * around, count * around + 1, (count - 1) * around
    low = np.stack([np.full(around, first), after, k], axis=1)
    high = np.stack([np.full(around, last), end + k, end + after], axis=1)
    faces = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]], low, high])
    middles = [points[0].mean(axis=0), points[-1].mean(axis=0)]
    flat, faces = _welded(np.concatenate([points.reshape(-1, 3), middles]), faces)
    blank = np.zeros((len(faces), 3, 3))
    slots = np.full(len(faces), slot, np.int32)
    return Patch(flat, faces, blank, blank[..., :2], slots).boxed().creased(crease_deg)


def _welded(points: Array, faces: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """Without the faces that have no area because points of their rings coincide (no radius)."""
    _, first, index = np.unique(
        np.round(points, 9) + 0.0, axis=0, return_index=True, return_inverse=True
    )
    own = index.reshape(-1)[faces]
    good = (own[:, 0] != own[:, 1]) & (own[:, 1] != own[:, 2]) & (own[:, 2] != own[:, 0])
    return points[first], own[good].astype(np.int64)
