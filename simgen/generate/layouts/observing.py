"""What is measured of labelled pictures: counts, and sizes and places on three levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.sampling.layouts.spacing import spacing_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# A class of few labels lies between its own mean and that of all.
_PRIOR = 5.0


@dataclass(frozen=True)
class Picture:
    """Labels of one picture.

    Args:
        width, height: pixels.
        boxes: float64[N, 4] x, y, width, height in pixels, with areas.
        classes: int64[N], numbers of the classes.
    """

    width: float
    height: float
    boxes: Floats
    classes: Ints


@dataclass(frozen=True)
class Observed:
    """Columns of all pictures and all objects.

    Args:
        counts: int64[P, K] objects by picture and class.
        picture: float64[P, 4] in the order of PICTURE; NaN where a picture has too few objects.
        objects: float64[N, 4] in the order of OBJECT; NaN of objects that are alone.
        classes: int64[N].
        means: float64[K, 3] log size, across, down of each class.
        sizes, across, down: float64[N], as they are.
    """

    counts: Ints
    picture: Floats
    objects: Floats
    classes: Ints
    means: Floats
    sizes: Floats
    across: Floats
    down: Floats


def observe(pictures: Sequence[Picture], classes: int) -> Observed:
    """Measure pictures.

    Args:
        classes: number of classes.
    """
    raw = [_raw(one) for one in pictures]
    kinds = np.concatenate([one.classes for one in pictures])
    every = np.concatenate([rows for rows, _ in raw])
    means = _means(every, kinds, classes)
    levels, rest = [], []
    for (rows, spacing), one in zip(raw, pictures, strict=True):
        level, own = _split(rows - means[one.classes])
        levels.append(level)
        rest.append(np.column_stack([own, spacing]))
    counts = np.array([np.bincount(one.classes, minlength=classes) for one in pictures])
    sizes, across, down = np.exp(every[:, 0]), every[:, 1], every[:, 2]
    objects = np.concatenate(rest)
    return Observed(counts, np.array(levels), objects, kinds, means, sizes, across, down)


def _raw(one: Picture) -> tuple[Floats, Floats]:
    """Log size, across, down, float64[N, 3], and spacing, float64[N]; NaN if alone."""
    unit = np.sqrt(one.width * one.height)
    sizes = np.sqrt(one.boxes[:, 2] * one.boxes[:, 3]) / unit
    middles = one.boxes[:, :2] + one.boxes[:, 2:] / 2
    spacing = spacing_of(middles / unit, sizes)
    spacing[~np.isfinite(spacing)] = np.nan
    return np.column_stack([np.log(sizes), middles / (one.width, one.height)]), spacing


def _means(rows: Floats, kinds: Ints, classes: int) -> Floats:
    overall = rows.mean(axis=0)
    return np.array([
        (rows[kinds == k].sum(axis=0) + _PRIOR * overall) / ((kinds == k).sum() + _PRIOR)
        for k in range(classes)
    ])  # fmt: skip


def _split(rows: Floats) -> tuple[Floats, Floats]:
    """A picture's levels float64[4] and what is left to its objects float64[N, 3]."""
    level = np.full(4, np.nan)
    own = np.full_like(rows, np.nan)
    if len(rows):
        level[:3] = rows.mean(axis=0)
    if len(rows) > 1:
        own = rows - level[:3]
        level[3] = np.sqrt((own[:, 1:] ** 2).sum(axis=1).mean())
        own[:, 1:] /= max(level[3], 1e-9)
    return level, own
