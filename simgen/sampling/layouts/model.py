"""The law of layouts: margins, correlations, classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Order of the continuous numbers of a picture, after its counts, and of an object.
PICTURE = ("size", "across", "down", "spread")
OBJECT = ("size", "across", "down", "spacing")


@dataclass(frozen=True)
class Margin:
    """An empirical distribution.

    Args:
        quantiles: at evenly spaced probabilities from 0 to 1, both ends included.
    """

    quantiles: tuple[float, ...]

    def at(self, u: float) -> float:
        """The quantile of a probability in [0, 1]."""
        place = min(max(u, 0.0), 1.0) * (len(self.quantiles) - 1)
        low = min(int(place), len(self.quantiles) - 2)
        a, b = self.quantiles[low : low + 2]
        return a + (b - a) * (place - low)


@dataclass(frozen=True)
class Counts:
    """A distribution of whole numbers.

    Args:
        shares: probability of 0, 1, 2, ...; sums to 1.
    """

    shares: tuple[float, ...]

    def at(self, u: float) -> int:
        """The quantile of a probability in [0, 1]."""
        below = 0.0
        for number, share in enumerate(self.shares):
            below += share
            if u < below:
                return number
        return len(self.shares) - 1


@dataclass(frozen=True)
class Copula:
    """Dependence of several numbers (Gaussian copula).

    Args:
        correlation: of the normal scores; symmetric, positive definite, ones on the diagonal.
    """

    correlation: tuple[tuple[float, ...], ...]

    @cached_property
    def _root(self) -> Floats:
        return np.linalg.cholesky(np.array(self.correlation, np.float64))

    def uniforms(self, normals: list[float]) -> list[float]:
        """Dependent uniform numbers of independent standard normal ones."""
        scores = self._root @ np.array(normals)
        return [0.5 * math.erfc(-float(z) / math.sqrt(2)) for z in scores]


@dataclass(frozen=True)
class ObjectLaw:
    """How an object deviates from its picture and class.

    Args:
        margins: in the order of OBJECT: log size; place in units of the picture's spread;
            distance to the nearest neighbour over the mean of both sizes.
        copula: of the same four; which object of a picture gets which spacing is decided by
            their places in the end (see `spacing`).
    """

    margins: tuple[Margin, Margin, Margin, Margin]
    copula: Copula


@dataclass(frozen=True)
class ClassLaw:
    """One class.

    Args:
        name: category.
        labels: number that it was fitted to.
        counts: objects of it in a picture.
        log_size, across, down: means of the class.
        law: its own; None: labels were too few, the law of all classes holds.
    """

    name: str
    labels: int
    counts: Counts
    log_size: float
    across: float
    down: float
    law: ObjectLaw | None = None


@dataclass(frozen=True)
class LayoutLaw:
    """The law of layouts. Sizes are roots of box area over root of image area.

    Args:
        images, labels: numbers that it was fitted to.
        source: name of the file they came from.
        total: objects in a picture.
        classes: in the order of the file.
        picture: margins in the order of PICTURE: level of log sizes, middle (share of width
            and height), root mean square distance of the places from it.
        copula: of total, the classes' counts, and PICTURE, in this order.
        law: of objects of all classes.
        sizes, across, down: smallest and largest that were seen.
    """

    images: int
    labels: int
    source: str
    total: Counts
    classes: tuple[ClassLaw, ...]
    picture: tuple[Margin, Margin, Margin, Margin]
    copula: Copula
    law: ObjectLaw
    sizes: tuple[float, float]
    across: tuple[float, float]
    down: tuple[float, float]
