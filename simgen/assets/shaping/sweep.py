"""Sweeping: a closed section along a path."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.normals import unit_or
from simgen.assets.shaping.patch import Array, Patch


def tube(
    path: ArrayLike, radii: ArrayLike, segments: int = 24, slot: int = 0, up: ArrayLike = (0, 1, 0)
) -> Patch:
    """An elliptical tube with flat, smooth-shaded ends; u runs around, v along the path.

    Args:
        path: [N, 3].
        radii: [N, 2] or [2], half widths along the section's first axis (away from `up`,
            across the path) and along its second (as near to `up` as the path lets it).
    """
    angles = np.arange(segments) * (2 * np.pi / segments)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    p = np.asarray(path, np.float64)
    size = np.broadcast_to(np.asarray(radii, np.float64), (len(p), 2))
    return swept(p, circle[None] * size[:, None], slot, up)


def swept(path: Array, sections: Array, slot: int = 0, up: ArrayLike = (0, 1, 0)) -> Patch:
    """A body through sections along a path, closed by fans.

    Args:
        path: float64[N, 3].
        sections: float64[N, K, 2], closed outlines, counter-clockwise as seen against the path.
        up: direction that the sections' second axis keeps to.
    """
    count, around = sections.shape[:2]
    tangent = unit_or(np.gradient(path, axis=0), np.array([0.0, 0, 1]))
    side = unit_or(np.cross(np.asarray(up, np.float64), tangent), np.array([1.0, 0, 0]))
    above = np.cross(tangent, side)
    rows = path[:, None] + sections[..., :1] * side[:, None] + sections[..., 1:] * above[:, None]
    points = np.concatenate([rows.reshape(-1, 3), path[:1], path[-1:]])
    k = np.arange(around)
    after = (k + 1) % around
    i = np.arange(count - 1)[:, None] * around
    quads = np.stack([i + k, i + after, i + around + after, i + around + k], axis=-1)
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    v = np.broadcast_to((run / run[-1])[:, None], (count, around + 1))
    u = np.broadcast_to(np.arange(around + 1) / around, (count, around + 1))
    grid = np.stack([u, v], axis=-1)
    cells = [grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]]
    corner = np.stack(cells, axis=2).reshape(-1, 4, 2)
    quad = quads.reshape(-1, 4)
    first, last = count * around, count * around + 1
    end = (count - 1) * around
    low = np.stack([np.full(around, first), after, k], axis=1)
    high = np.stack([np.full(around, last), end + k, end + after], axis=1)
    faces = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]], low, high])
    flat = np.stack([(k + 0.5) / around, (k + 1) / around, k / around], axis=1)
    caps = [np.stack([flat, np.full_like(flat, height)], axis=-1) for height in (0.0, 1.0)]
    caps[1] = caps[1][:, [0, 2, 1]]
    uv = np.concatenate([corner[:, [0, 1, 2]], corner[:, [0, 2, 3]], *caps])
    blank = np.zeros((len(faces), 3, 3))
    slots = np.full(len(faces), slot, np.int32)
    return Patch(points, faces, blank, uv, slots).creased(50.0)
