"""Predictions out of a few pieces, with intervals that hold nine times out of ten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SIDE = 0.95  # quantile: 5 % on either side


@dataclass(frozen=True)
class Interval:
    """A number and between which two it lies with 90 % probability."""

    value: float
    low: float
    high: float

    def __mul__(self, factor: float) -> Interval:
        return Interval(self.value * factor, self.low * factor, self.high * factor)

    def __add__(self, other: float) -> Interval:
        return Interval(self.value + other, self.low + other, self.high + other)

    def rounded(self, digits: int) -> Interval:
        """Without the digits that mean nothing."""
        return Interval(*(round(v, digits) for v in (self.value, self.low, self.high)))


def total(values: Sequence[float], sizes: Sequence[float], whole: float) -> Interval:
    """What pieces of `whole` size come to, if those that were measured are typical.

    A ratio estimate (Cochran, Sampling Techniques, 6.2) with the error of the mean and of the
    pieces to come, by Student's t. One piece alone says little: half to twice its figure.

    Args:
        values: measured.
        sizes: of the measured pieces.
        whole: size of all pieces to come.
    """
    rate, spread = _rate(values, sizes)
    count = whole / float(np.mean(sizes))
    value = rate * whole
    if spread is None:
        return Interval(value, value / 2, value * 2)
    half = spread * math.sqrt(count + count**2 / len(values))
    return Interval(value, max(0.0, value - half), value + half)


def ratio(values: Sequence[float], sizes: Sequence[float]) -> Interval:
    """Values per size over all pieces there could be."""
    if not sum(sizes):
        return Interval(0.0, 0.0, 0.0)
    rate, spread = _rate(values, sizes)
    if spread is None:
        return Interval(rate, rate / 2, rate * 2)
    half = spread / float(np.mean(sizes)) / math.sqrt(len(values))
    return Interval(rate, max(0.0, rate - half), rate + half)


def _rate(values: Sequence[float], sizes: Sequence[float]) -> tuple[float, float | None]:
    """Values per size, and how far a piece strays from it, times Student's t; None: unknown."""
    from scipy.special import stdtrit

    rate = float(np.sum(values) / np.sum(sizes))
    if len(values) < 2:
        return rate, None
    residuals = np.asarray(values) - rate * np.asarray(sizes)
    freedom = len(values) - 1
    deviation = math.sqrt(float(residuals @ residuals) / freedom)
    return rate, float(stdtrit(freedom, _SIDE)) * deviation
