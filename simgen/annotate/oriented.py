"""The smallest rectangle of any direction about a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.records.masks import Mask


def oriented_box(mask: Mask) -> NDArray[np.float64]:
    """Corners of the smallest rectangle that holds every pixel of a mask as a unit square.

    The smallest rectangle has a side on the convex hull (Freeman and Shapira 1975).

    Args:
        mask: bool[H, W], not empty.

    Returns:
        float64[4, 2] x, y in pixels, clockwise in the picture; may reach outside it.

    Raises:
        ValueError: the mask is empty.
    """
    hull = _hull(_corners(mask))
    edges = np.roll(hull, -1, axis=0) - hull
    angles = np.unique(np.round(np.arctan2(edges[:, 1], edges[:, 0]) % (np.pi / 2), 12))
    axes = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    along = hull @ axes.T  # [corners, angles]
    across = hull @ np.stack([-axes[:, 1], axes[:, 0]])
    areas = np.ptp(along, axis=0) * np.ptp(across, axis=0)
    best = int(np.argmin(np.round(areas, 9)))  # the first of equals, whatever the rounding
    u, v = axes[best], np.array([-axes[best, 1], axes[best, 0]])
    low = np.array([along[:, best].min(), across[:, best].min()])
    high = np.array([along[:, best].max(), across[:, best].max()])
    square = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    return np.array([a * u + b * v for a, b in square], np.float64)


def _corners(mask: Mask) -> NDArray[np.float64]:
    """Corners of the first and last pixel of every row: the others are inside their hull."""
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        raise ValueError("the mask is empty")
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - mask[rows][:, ::-1].argmax(axis=1)
    x = np.concatenate([first, first, last, last])
    y = np.concatenate([rows, rows + 1, rows, rows + 1])
    found: NDArray[np.float64] = np.stack([x, y], axis=-1).astype(np.float64)
    return found


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convex hull in order (Andrew 1979); a pixel's corners are never on one line."""
    ordered = np.unique(points, axis=0)
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return np.array([*lower[:-1], *upper[:-1]])


def _chain(points: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    chain: list[NDArray[np.float64]] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
