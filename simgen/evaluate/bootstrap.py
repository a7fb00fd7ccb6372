"""Percentile intervals over images, and over seeds as repeats (Efron and Tibshirani 1993).

Images are drawn with replacement, whole clusters at a time (views of one world share objects,
light and background, so they are one draw). Only weights are drawn; nothing is matched again.

Repeats. Trainings with several seeds are judged on the same images: a crossed design. One
replicate draws images once for all seeds, and seeds with replacement (Owen 2007, "The pigeonhole
bootstrap"). The mean of S drawn seeds spreads by (S-1)/S too little, which matters for S = 3, so
deviations between seeds are scaled by sqrt(S / (S-1)). One seed says nothing about other seeds:
its interval is of images only.

Measured (a simulated detector with images of unequal difficulty, 300 draws): the 95 % interval
covers the AP of endless images in 90 % of 40-image sets and in 94 % of sets of 100 and of 300.
Basic and bias-corrected intervals covered no more often, so the plain percentile one stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value and its interval.

    Args:
        value: on all images, mean over seeds; None where it is not defined.
        low: lower end of the 95 % interval.
        high: upper end.
    """

    value: float | None
    low: float | None
    high: float | None


def image_weights(clusters: NDArray[np.int64], resamples: int, seed: int) -> Floats:
    """How often each image is drawn in each resample.

    Args:
        clusters: int64[I], images with the same number are drawn together.
        resamples: number of resamples B.
        seed: of the draw.

    Returns:
        float64[B + 1, I]; row 0 is the sample itself, all ones.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
    of, number = np.unique(clusters, return_inverse=True)
    drawn = rng.multinomial(len(of), np.full(len(of), 1 / len(of)), size=resamples)
    ones = np.ones((1, len(clusters)))
    return np.concatenate([ones, drawn[:, number].astype(np.float64)])


def estimate(values: Floats, seed: int) -> Estimate:
    """Value and interval out of a metric under all weightings.

    Args:
        values: float64[B + 1, S], row 0 on all images, a column per seed.
        seed: of the draw among repeats.
    """
    point = values[0].mean()
    if not np.isfinite(point):
        return Estimate(None, None, None)
    replicates = _over_repeats(values[1:], seed)
    replicates = replicates[np.isfinite(replicates)]
    if not len(replicates):
        return Estimate(float(point), None, None)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return Estimate(float(point), float(min(low, point)), float(max(high, point)))


def difference(ours: Floats, theirs: Floats, seed: int) -> Estimate:
    """Interval of `ours` minus `theirs`: both under the same weightings of the same images.

    Args:
        ours: float64[B + 1, S].
        theirs: float64[B + 1, S'].
        seed: of the draws among repeats.
    """
    point = ours[0].mean() - theirs[0].mean()
    # Seeds of the two sides are independent of each other, images are not.
    spread = _over_repeats(ours[1:], seed) - _over_repeats(theirs[1:], seed + 1)
    both = np.concatenate([[point], spread])[:, None]
    return estimate(both, seed)


def _over_repeats(replicates: Floats, seed: int) -> Floats:
    number, seeds = replicates.shape
    if seeds == 1:
        return replicates[:, 0]
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 2])))
    drawn = (rng.random((number, seeds)) * seeds).astype(np.int64)
    mean: Floats = replicates.mean(axis=1)
    moved = np.take_along_axis(replicates, drawn, axis=1).mean(axis=1) - mean
    return np.asarray(mean + moved * np.sqrt(seeds / (seeds - 1)))
