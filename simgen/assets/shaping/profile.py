"""Outlines in a plane: rounded corners, arcs, smooth curves, walls of even thickness."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def rounded(points: ArrayLike, radii: ArrayLike, steps: int = 6) -> Array:
    """A polyline with its inner corners replaced by arcs that touch both sides.

    Args:
        points: [N, 2].
        radii: of the N - 2 inner corners, or of all; cut down where a side is too short.
        steps: facets of an arc.
    """
    p = np.asarray(points, np.float64)
    size = np.broadcast_to(np.asarray(radii, np.float64), (len(p) - 2,))
    out = [p[:1]]
    for i, radius in enumerate(size, start=1):
        out.append(_corner(p[i - 1], p[i], p[i + 1], float(radius), steps))
    return np.concatenate([*out, p[-1:]])


def _corner(before: Array, at: Array, after: Array, radius: float, steps: int) -> Array:
    back, ahead = before - at, after - at
    a, b = float(np.linalg.norm(back)), float(np.linalg.norm(ahead))
    if radius <= 0 or a == 0 or b == 0:
        return at.reshape(1, 2)
    back, ahead = back / a, ahead / b
    half = np.arccos(np.clip(float(back @ ahead), -1, 1)) / 2
    if half > np.pi / 2 - 1e-3 or half < 1e-3:  # straight on, or straight back
        return at.reshape(1, 2)
    reach = min(radius / np.tan(half), 0.49 * a, 0.49 * b)
    radius = reach * float(np.tan(half))
    middle = at + (back + ahead) / np.linalg.norm(back + ahead) * radius / np.sin(half)
    first, last = at + back * reach - middle, at + ahead * reach - middle
    angle = np.arctan2(first[0] * last[1] - first[1] * last[0], first @ last)
    turns = np.linspace(0, angle, steps + 1)
    c, s = np.cos(turns), np.sin(turns)
    arc = np.stack([c * first[0] - s * first[1], s * first[0] + c * first[1]], axis=1)
    return np.asarray(middle + arc, np.float64)


def arc(centre: ArrayLike, radii: ArrayLike, start_deg: float, end_deg: float, steps: int) -> Array:
    """Points on an ellipse, both ends included, float64[steps + 1, 2]."""
    t = np.radians(np.linspace(start_deg, end_deg, steps + 1))
    circle = np.stack([np.cos(t), np.sin(t)], axis=1) * np.asarray(radii, np.float64)
    return np.asarray(circle + np.asarray(centre, np.float64), np.float64)


def smooth(points: ArrayLike, count: int) -> Array:
    """A curve through the points without overshoot, evenly divided, float64[count, N].

    Monotone cubic pieces (Fritsch and Carlson 1980) over the chord length.
    """
    from scipy.interpolate import PchipInterpolator

    p = np.asarray(points, np.float64)
    chord = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    return np.asarray(PchipInterpolator(chord, p)(np.linspace(0, chord[-1], count)), np.float64)


def shifted(line: Array, distance: float) -> Array:
    """The line moved to its left by a distance, point by point (mitred).

    Only for curves that bend less than the distance.
    """
    step = np.diff(line, axis=0)
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-12)
    left = np.stack([-step[:, 1], step[:, 0]], axis=1)
    both = np.concatenate([left[:1], left[:-1] + left[1:], left[-1:]])
    length = np.linalg.norm(both, axis=1, keepdims=True)
    both = both / np.maximum(length, 1e-12)
    first = np.concatenate([left, left[-1:]])
    stretch = 1 / np.maximum((both * first).sum(axis=1, keepdims=True), 0.5)
    return np.asarray(line + both * stretch * distance, np.float64)


def length_of(line: Array) -> float:
    """Length of a polyline."""
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
