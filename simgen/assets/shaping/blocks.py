"""Blocks: boxes with a slot and a picture for each side, boards that bodies are nailed of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.shaping.patch import Array, Patch
from simgen.assets.solids import rounded_box

# Axis, sign and the axes of u and v (with u's sign) of each side: seen from outside, with z up,
# or +y up on top and below, pictures are the right way round.
SIDES = ("left", "right", "front", "back", "bottom", "top")
_PLANES = ((0, -1, 1, -1, 2), (0, 1, 1, 1, 2), (1, -1, 0, 1, 2), (1, 1, 0, -1, 2),
           (2, -1, 0, -1, 1), (2, 1, 0, 1, 1))  # fmt: skip


def block(size: ArrayLike, edge: float = 0.0, slots: Sequence[int] = (0,) * 6) -> Patch:
    """A box centred on its origin with rounded edges; each side's UVs fill [0, 1].

    Args:
        size: extents along x, y, z.
        edge: radius of the edges.
        slots: of the sides, in the order of `SIDES`.
    """
    half = np.asarray(size, np.float64) / 2
    points, faces, normals = rounded_box(half, min(edge, 0.45 * float(half.min())), steps=2)
    corners = points[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    axis = np.argmax(
        np.round(np.abs(across) / np.abs(across).max(axis=1, keepdims=True), 6), axis=1
    )
    side = 2 * axis + (across[np.arange(len(axis)), axis] > 0)
    uv = np.zeros((len(faces), 3, 2))
    for number, (_, _, u, sign, v) in enumerate(_PLANES):
        chosen = side == number
        at = corners[chosen]
        uv[chosen] = (
            0.5 + np.stack([sign * at[..., u] / half[u], at[..., v] / half[v]], axis=-1) / 2
        )
    return Patch(points, faces, normals, uv, np.asarray(slots, np.int32)[side])


def corners_of(size: ArrayLike, centre: ArrayLike, rotation: Array | None = None) -> Array:
    """The eight corners of a box, a convex piece, float64[8, 3]."""
    half = np.asarray(size, np.float64) / 2
    signs = np.array([(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)], np.float64)
    local = signs * half
    if rotation is not None:
        local = local @ rotation.T
    return np.asarray(local + np.asarray(centre, np.float64), np.float64)
