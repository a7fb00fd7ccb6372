"""Screw threads as real helices (ISO 68-1: 60 degree flanks, flat crests and roots)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simgen.assets.shaping.patch import Array, Patch

# One pitch: root, flank, crest, flank; shares of the pitch and of the depth.
_AT = np.array([0.0, 0.25, 0.5625, 0.6875])
_HEIGHT = np.array([0.0, 0.0, 1.0, 1.0])
DEPTH = 0.6134  # of an outer thread, per pitch
Faces = NDArray[np.int64]


def thread(
    radius: float,
    pitch: float,
    length: float,
    slot: int = 0,
    *,
    around: int = 28,
    depth: float | None = None,
    limit: Callable[[Array], Array] | None = None,
) -> Patch:
    """A right-handed thread over z = 0 .. length, closed by flat ends, still without normals.

    Args:
        radius: of the crests, m.
        pitch: rise per turn, m.
        around: facets per turn.
        depth: of the grooves, m; default: as ISO has it.
        limit: greatest radius by height (a chamfer, a point); never below a tenth of the root.
    """
    groove = DEPTH * pitch if depth is None else depth
    turns = int(np.ceil(length / pitch)) + 5  # two before, two beyond, one for the seam
    rows = np.arange(4 * turns)
    lift = pitch * (rows // 4 + _AT[rows % 4] - 2)
    share = np.arange(around) / around
    z = lift[:, None] + pitch * share
    # What all but meets an end is put on it, or rounding would decide which side it is on.
    z = np.where(z < 1e-6 * pitch, 0.0, np.where(z > length - 1e-6 * pitch, length, z))
    r = radius - groove * (1 - _HEIGHT[rows % 4])[:, None] * np.ones(around)
    r[(z <= 0) | (z >= length)] = radius - groove
    if limit is not None:
        r = np.maximum(np.minimum(r, limit(z)), 0.1 * (radius - groove))
    angle = 2 * np.pi * share
    grid = np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=-1).reshape(-1, 3)
    number = np.arange(len(grid)).reshape(len(rows), around)
    wide = np.concatenate([number[:-4], number[4:, :1]], axis=1)  # a turn on is four rows up
    low, high = wide[:-1], wide[1:]
    quad = np.stack([low[:, :-1], low[:, 1:], high[:, 1:], high[:, :-1]], axis=-1).reshape(-1, 4)
    faces = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]])
    points, faces = _merged(grid, faces)
    return _closed(points, faces, length, slot)


def _merged(points: Array, faces: Faces) -> tuple[Array, Faces]:
    """Rows that the ends have pressed together made one; faces without area left out."""
    rounded = np.round(points / max(float(np.abs(points).max()), 1e-9), 9) + 0.0
    _, first, inverse = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    faces = inverse.reshape(-1)[faces]
    sides = [faces[:, i] != faces[:, (i + 1) % 3] for i in range(3)]
    faces = faces[sides[0] & sides[1] & sides[2]]
    used, faces = np.unique(faces, return_inverse=True)
    return points[first[used]], faces.reshape(-1, 3)


def _closed(points: Array, faces: Faces, length: float, slot: int) -> Patch:
    """Fans over both ends."""
    out = [faces]
    centres = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]])
    for end, centre in enumerate(centres):
        rim = np.flatnonzero(points[:, 2] == centre[2])
        rim = rim[np.argsort(np.arctan2(points[rim, 1], points[rim, 0]))]
        after = np.roll(rim, -1)
        hub = np.full(len(rim), len(points) + end)
        out.append(np.stack([hub, after, rim] if end == 0 else [hub, rim, after], axis=1))
    joined = np.concatenate(out)
    blank = np.zeros((len(joined), 3, 2))
    corners = np.concatenate([points, centres])
    slots = np.full(len(joined), slot, np.int32)
    return Patch(corners, joined, np.zeros((len(joined), 3, 3)), blank, slots)
