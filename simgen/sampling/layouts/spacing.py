"""Spacing: distances of nearest neighbours, measured, and places moved until they are as wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 60
_STIFFNESS = 0.35


def spacing_of(places: Floats, sizes: Floats) -> Floats:
    """Distance to the nearest neighbour over the mean of both sizes, float64[N].

    Args:
        places: float64[N, 2], in the unit of the sizes.
        sizes: float64[N], positive.

    One object alone is infinitely far from all others.
    """
    nearest: Floats = _gaps(places, sizes).min(axis=1, initial=np.inf)
    return nearest


def spaced(places: Floats, sizes: Floats, wanted: Floats, low: Floats, high: Floats) -> Floats:
    """Places moved along the lines to nearest neighbours until their spacing is as wanted.

    Each object pulls or pushes itself and its nearest neighbour. The loneliest object gets the
    largest of the wanted spacings, and so on: so little has to move, and two that are nearest to
    each other want nearly the same. Draws nothing.

    Args:
        places: float64[N, 2].
        sizes: float64[N], in the same unit.
        wanted: float64[N], as `spacing_of` has it; no matter which is whose.
        low, high: float64[2], corners of where places may be.
    """
    places = places.copy()
    if len(places) < 2:
        return places
    rows = np.arange(len(places))
    goal = np.empty(len(places))
    goal[_gaps(places, sizes).min(axis=1).argsort(kind="stable")] = np.sort(wanted)
    for _ in range(_STEPS):
        gaps = _gaps(places, sizes)
        near = gaps.argmin(axis=1)
        away = places - places[near]
        apart = np.linalg.norm(away, axis=1)
        lost = apart < 1e-9  # on top of each other: any direction will do, the same every time
        turn = 2.399963 * rows
        away[lost] = np.stack([np.cos(turn), np.sin(turn)], axis=1)[lost]
        apart[lost] = 1.0
        size = (sizes + sizes[near]) / 2
        miss = np.where(lost, goal, goal - gaps[rows, near]) * size
        step = 0.5 * _STIFFNESS * away / apart[:, None] * miss[:, None]
        moved = step.copy()
        np.subtract.at(moved, near, step)
        places = np.clip(places + moved, low, high)
    return places


def _gaps(places: Floats, sizes: Floats) -> Floats:
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    gaps: Floats = apart / ((sizes[:, None] + sizes[None]) / 2)
    np.fill_diagonal(gaps, np.inf)
    return gaps
