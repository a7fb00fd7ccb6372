"""Laws of distributions: probabilities of values and of ranges, exactly as `sampling` draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.spec.distributions import Distribution

Floats = NDArray[np.float64]
_STANDARD = NormalDist()
_BINS = 20


@dataclass(frozen=True)
class Continuous:
    """A law over numbers.

    Args:
        cdf: probability of a value at most x, elementwise.
        edges: float64[B + 1], ends of the bins that a page shows; the first and last are the ends
            of the law, or lie where next to nothing is outside.
    """

    cdf: Callable[[Floats], Floats]
    edges: Floats


@dataclass(frozen=True)
class Discrete:
    """A law over finitely many values.

    Args:
        shares: probability by value, in order; values are texts.
    """

    shares: Mapping[str, float]


def law_of(distribution: Distribution) -> Continuous | Discrete | None:
    """The law of one number or choice; None for a constant."""
    kind, args = distribution.kind, distribution.args
    if kind in ("choice", "weighted", "constant"):
        items = args[0] if kind == "weighted" else args
        weights = args[1] if kind == "weighted" else (1.0,) * len(items)
        return choice(items, weights) if len(items) > 1 else None
    if kind == "randint":
        low, high = args
        if low == high:
            return None
        return Discrete({str(n): 1 / (high - low + 1) for n in range(low, high + 1)})
    if kind == "uniform":
        return uniform(*args)
    if kind == "loguniform":
        return _log_uniform(*args)
    if kind in ("normal", "truncated_normal"):
        return _normal(*args)
    return None


def parts_of(distribution: Distribution) -> dict[str, Continuous | None]:
    """Laws of the numbers that describe a drawn vector or rotation, by name."""
    if distribution.kind == "sphere_shell":
        (r0, r1), (e0, e1), (a0, a1) = distribution.args
        s0, s1 = (math.sin(math.radians(e)) for e in (e0, e1))
        sine = uniform(s0, s1)
        return {
            "radius_m": _scaled(r0, r1, lambda r: r**3),
            "sine of elevation": sine,
            "azimuth_deg": uniform(a0, a1),
        }
    if distribution.kind == "so3":
        # The angle of a uniform rotation has density (1 - cos a) / pi (Miles 1965).
        edges = np.linspace(0, math.pi, _BINS + 1)

        def cdf(angle: Floats) -> Floats:
            return np.asarray(np.clip((angle - np.sin(angle)) / math.pi, 0, 1))

        return {"angle_rad": Continuous(cdf, edges)}
    return {}


def values_of_parts(distribution: Distribution, value: Any) -> dict[str, float]:
    """The same numbers of one drawn value."""
    if distribution.kind == "sphere_shell":
        x, y, z = value
        radius = math.sqrt(x * x + y * y + z * z)
        azimuth = math.degrees(math.atan2(y, x)) % 360
        low, high = distribution.args[2]
        while azimuth < low - 1e-9:
            azimuth += 360
        while azimuth > high + 1e-9 and azimuth - 360 >= low - 1e-9:
            azimuth -= 360
        return {"radius_m": radius, "sine of elevation": z / radius, "azimuth_deg": azimuth}
    return {"angle_rad": 2 * math.acos(min(1.0, abs(value[0])))}


def choice(items: Any, weights: Any) -> Discrete:
    """Law of which item is taken; equal texts are told apart by their place."""
    shares: dict[str, float] = {}
    for index, weight in enumerate(weights):
        shares[str(index)] = weight / math.fsum(weights)
    return Discrete(shares)


def uniform(low: float, high: float) -> Continuous | None:
    """A uniform law; None if there is nothing to vary."""
    return _scaled(low, high, lambda x: x)


def _scaled(low: float, high: float, scale: Callable[[Any], Any]) -> Continuous | None:
    """A number whose `scale` (growing) is uniform."""
    if not low < high:
        return None
    first, last = scale(low), scale(high)

    def cdf(x: Floats) -> Floats:
        return np.asarray((scale(np.clip(x, low, high)) - first) / (last - first))

    return Continuous(cdf, np.linspace(low, high, _BINS + 1))


def _log_uniform(low: float, high: float) -> Continuous | None:
    if not low < high:
        return None

    def cdf(x: Floats) -> Floats:
        inside = np.log(np.clip(x, low, high) / low)
        return np.asarray(inside / math.log(high / low))

    return Continuous(cdf, np.geomspace(low, high, _BINS + 1))


def _normal(
    mean: float, std: float, low: float = -math.inf, high: float = math.inf
) -> Continuous | None:
    if std <= 0 or low >= high:
        return None
    from scipy.special import ndtr

    below, above = float(ndtr((low - mean) / std)), float(ndtr((high - mean) / std))

    def cdf(x: Floats) -> Floats:
        inside = ndtr((np.clip(x, low, high) - mean) / std)
        return np.asarray((inside - below) / (above - below))

    ends = max(low, mean - 4 * std), min(high, mean + 4 * std)
    return Continuous(cdf, np.linspace(*ends, _BINS + 1))
