"""Convex pieces for physics: hollow turned bodies in wedges, tubes in stretches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.hulls import convex_hull
from simgen.assets.shaping.patch import Array, Patch

# Vertices of a piece; a ball of 4 cm radius is met to half a millimetre. With 64 fruit sank in.
_MOST = 256


def turned_pieces(
    cells: Sequence[ArrayLike], wedges: int = 10, around: int = 2
) -> tuple[Array, ...]:
    """Convex pieces of a body of revolution.

    Args:
        cells: convex polygons [N, 2] in (r, z) that together are the outline. One that touches
            the axis gives one piece, another gives one for each wedge.
        wedges: pieces that a ring is cut into.
        around: chords of a wedge's outer side; the hull reaches the true radius at its ends.
    """
    out = []
    for cell in cells:
        corners = np.asarray(cell, np.float64)
        if corners[:, 0].min() < 1e-9:
            whole = _spun(corners, np.linspace(0, 2 * np.pi, 24, endpoint=False))
            out.append(convex_hull(whole, _MOST))
            continue
        for wedge in range(wedges):
            start = 2 * np.pi * wedge / wedges
            out.append(_spun(corners, start + np.linspace(0, 2 * np.pi / wedges, around + 1)))
    return tuple(out)


def wall_cells(outer: Array, inner: Array, cuts: Sequence[float]) -> list[Array]:
    """Quadrilaterals between an outer and an inner line, cut at heights.

    Args:
        outer, inner: [N, 2] in (r, z), z rising.
        cuts: heights, rising; between two of them a cell.
    """
    cells = []
    for low, high in pairwise(cuts):
        z = np.array([low, high])
        wide, narrow = (np.interp(z, line[:, 1], line[:, 0]) for line in (outer, inner))
        cells.append(
            np.column_stack([[narrow[0], wide[0], wide[1], narrow[1]], [low, low, high, high]])
        )
    return cells


def bands(patch: Patch, cuts: Sequence[float], axis: int = 2) -> tuple[Array, ...]:
    """Hulls of what lies below, between and above planes across an axis.

    Args:
        cuts: where the planes are, rising; none gives the one hull.
    """
    import manifold3d

    if not len(cuts):
        return (convex_hull(patch.points, _MOST),)
    points = np.ascontiguousarray(patch.points)
    body = manifold3d.Manifold(
        manifold3d.Mesh64(points, np.ascontiguousarray(patch.faces.astype(np.uint64)))
    )
    normal = np.eye(3)[axis]
    ends = [-np.inf, *cuts, np.inf]
    out = []
    for low, high in pairwise(ends):
        part = body if low == -np.inf else body.trim_by_plane(normal, low)
        part = part if high == np.inf else part.trim_by_plane(-normal, -high)
        corners = np.array(part.to_mesh64().vert_properties, np.float64)[:, :3]
        if len(corners) > 3:
            out.append(convex_hull(corners, _MOST))
    return tuple(out)


def tube_pieces(path: Array, radii: ArrayLike, stretches: int) -> tuple[Array, ...]:
    """Boxes' corners about stretches of a path in the x-z plane.

    Args:
        path: float64[N, 3].
        radii: half widths in the plane and across it.
        stretches: number of pieces.
    """
    a, b = np.asarray(radii, np.float64)
    marks = np.linspace(0, len(path) - 1, stretches + 1).round().astype(int)
    out = []
    for start, end in pairwise(marks):
        line = path[[start, (start + end) // 2, end]]
        normal = np.array([-(line[2] - line[0])[2], 0, (line[2] - line[0])[0]])
        normal *= a / max(float(np.linalg.norm(normal)), 1e-12)
        sides = [line + s * normal + [0, t * b, 0] for s in (-1, 1) for t in (-1, 1)]
        out.append(np.concatenate(sides))
    return tuple(out)


def _spun(corners: Array, angles: Array) -> Array:
    r, z = corners[:, :1], corners[:, 1:]
    x, y = r * np.cos(angles), r * np.sin(angles)
    ring = np.stack([x, y, np.broadcast_to(z, x.shape)], axis=-1).reshape(-1, 3)
    return np.asarray(np.unique(np.round(ring, 9), axis=0), np.float64)
