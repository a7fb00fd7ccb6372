"""Prisms with a slot for each side: an outline in x-z drawn out along y."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.shaping.patch import Patch


def prism(
    outline: ArrayLike,
    depth: float,
    slots: Sequence[int],
    ends: int,
    *,
    upright: bool = False,
    crease_deg: float = 35.0,
) -> Patch:
    """A closed body over y = -depth/2 .. depth/2.

    Args:
        outline: [N, 2] in (x, z), counter-clockwise with x to the right and z up (as seen
            along +y); simple, not closed.
        slots: of each side, from its corner to the next.
        ends: slot of both end faces, whose UVs fill [0, 1] over the outline's box.
        upright: u of the sides runs along y and v along the outline; else the other way round.
            Sides in a row with the same slot share [0, 1] by length.

    Raises:
        ValueError: the outline runs clockwise.
    """
    import manifold3d

    p = np.asarray(outline, np.float64)
    after = np.roll(p, -1, axis=0)
    if float((p[:, 0] * after[:, 1] - p[:, 1] * after[:, 0]).sum()) <= 0:
        raise ValueError("the outline runs clockwise")
    count = len(p)
    near, far = (np.insert(p, 1, y, axis=1) for y in (-depth / 2, depth / 2))
    i = np.arange(count)
    j = (i + 1) % count
    start, end = _along(p, slots)
    quad = np.stack([i, count + i, count + j, j], axis=1)
    run = np.stack([start, start, end, end], axis=1)
    across = np.broadcast_to([0.0, 1.0, 1.0, 0.0], run.shape)
    uv = np.stack([across, run] if upright else [run, across], axis=-1)
    caps = np.asarray(manifold3d.triangulate([np.ascontiguousarray(p)]), np.int64)
    flat = (p - p.min(axis=0)) / np.ptp(p, axis=0)
    other = caps[:, ::-1]
    faces = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]], caps, other + count])
    corner_uv = np.concatenate([uv[:, [0, 1, 2]], uv[:, [0, 2, 3]], flat[caps], flat[other]])
    slot = np.concatenate([slots, slots, np.full(2 * len(caps), ends)]).astype(np.int32)
    blank = np.zeros((len(faces), 3, 3))
    return Patch(np.concatenate([near, far]), faces, blank, corner_uv, slot).creased(crease_deg)


def _along(p: np.ndarray, slots: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Where each side starts and ends in its run of equal slots, shares in [0, 1]."""
    length = np.linalg.norm(np.roll(p, -1, axis=0) - p, axis=1)
    start, end = np.zeros(len(p)), np.ones(len(p))
    first = 0
    for k in range(1, len(p) + 1):
        if k == len(p) or slots[k] != slots[first]:
            total = length[first:k].sum()
            end[first:k] = np.cumsum(length[first:k]) / total
            start[first:k] = np.concatenate([[0.0], end[first : k - 1]])
            first = k
    return start, end
