"""Weights that bring the wanted class shares and change the scene as little as possible.

Objects of collection k are drawn n times, n from p0_k, each from cell group g with the natural
probability q_kg, and an object of the group brings r_kgc labels of category c a frame (measured:
what is dropped, hidden or too small brings none; a die brings the face that is on top). Among all
ways to draw counts and cells that give the wanted shares t, the one with the least
Kullback-Leibler divergence from the natural one is an exponential tilt (I-projection, Csiszar
1975; iterative proportional fitting, Deming and Stephan 1940, finds it coordinate by coordinate):

    q'_kg ~ q_kg exp(theta . f_kg),  f_kgc = r_kgc - t_c sum_c' r_kgc'
    p'_k(n) ~ p0_k(n) Z_k^n,         Z_k = sum_g q_kg exp(theta . f_kg + mu)

where mu keeps the expected number of objects a world. theta and mu minimise the convex dual
sum_k log sum_n p0_k(n) Z_k^n - mu m, which BFGS does in milliseconds. Where counts cannot keep
their sum, mu is left out; where even then the shares are not met, no weights can: the file's
ranges do not hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LARGEST = 30.0  # log of the largest weight that is looked for


@dataclass(frozen=True)
class Part:
    """A collection, as weighing sees it.

    Args:
        counts: float64[N], numbers of objects that a world can have.
        count_shares: float64[N], their natural probabilities.
        shares: float64[G], natural probabilities of the cell groups.
        rates: float64[G, C], labels of each category that an object brings a frame.
    """

    counts: Floats
    count_shares: Floats
    shares: Floats
    rates: Floats


@dataclass(frozen=True)
class Tilt:
    """The weights of one collection.

    Args:
        odds: float64[G], times as often as naturally; mean 1 over the natural shares.
        count_shares: float64[N].
    """

    odds: Floats
    count_shares: Floats


def tilt(parts: Sequence[Part], targets: Floats) -> tuple[list[Tilt], Floats]:
    """Weights for the wanted shares, and the shares that they are expected to give.

    Args:
        targets: float64[C], adding up to 1; 0 for categories that are not wanted.

    Returns:
        One tilt per part, and float64[C]; where these are not the targets, no weights reach them.
    """
    parts = [_without(part, targets) for part in parts]
    best: tuple[float, list[Tilt], Floats] | None = None
    for keep_total in (True, False):
        tilts = _solve(parts, targets, keep_total)
        found = expected_shares(parts, tilts)
        miss = float(np.abs(found - targets).max())
        if best is None or miss < best[0] - 1e-6:
            best = (miss, tilts, found)
        if miss < 1e-3:
            break
    assert best is not None
    return best[1], best[2]


def expected_shares(parts: Sequence[Part], tilts: Sequence[Tilt]) -> Floats:
    """Shares of the categories among the labels under these weights, float64[C]."""
    total = np.zeros(parts[0].rates.shape[1])
    for part, weights in zip(parts, tilts, strict=True):
        mean = float(part.counts @ weights.count_shares)
        total += mean * (part.shares * weights.odds) @ part.rates
    return total / max(float(total.sum()), 1e-300)


def natural(parts: Sequence[Part]) -> list[Tilt]:
    """Weights that change nothing."""
    return [Tilt(np.ones(len(part.shares)), part.count_shares) for part in parts]


def _without(part: Part, targets: Floats) -> Part:
    """The part without groups that bring only categories that are not wanted."""
    bad = (part.rates @ (targets == 0) > 0) & (part.rates @ (targets > 0) <= 0)
    if not bad.any() or bad.all():
        return part
    return Part(part.counts, part.count_shares, np.where(bad, 0.0, part.shares), part.rates)


def _solve(parts: Sequence[Part], targets: Floats, keep_total: bool) -> list[Tilt]:
    from scipy.optimize import minimize

    features = [part.rates - part.rates.sum(axis=1, keepdims=True) * targets for part in parts]
    total = sum(float(part.counts @ part.count_shares) for part in parts)
    size = len(targets)

    def dual(x: Floats) -> tuple[float, Floats]:
        theta, mu = x[:size], x[size] if keep_total else 0.0
        value, gradient = 1e-9 * float(x @ x), 2e-9 * x
        for part, own in zip(parts, features, strict=True):
            log_z, chosen = _group_tilt(part, own, theta, mu)
            log_m, counts = _count_tilt(part, log_z)
            mean = float(part.counts @ counts)
            value += log_m
            gradient[:size] += mean * (chosen @ own)
            gradient[size] += mean
        value -= total * mu
        gradient[size] = gradient[size] - total if keep_total else 0.0
        return value, gradient

    start = np.zeros(size + 1)
    bounds = [(-_LARGEST, _LARGEST)] * (size + 1)
    answer = minimize(dual, start, jac=True, method="L-BFGS-B", bounds=bounds,
                      options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-10})  # fmt: skip
    theta, mu = answer.x[:size], float(answer.x[size]) if keep_total else 0.0
    out = []
    for part, own in zip(parts, features, strict=True):
        log_z, chosen = _group_tilt(part, own, theta, mu)
        _, counts = _count_tilt(part, log_z)
        odds = np.divide(chosen, part.shares, out=np.zeros_like(chosen), where=part.shares > 0)
        out.append(Tilt(odds, counts))
    return out


def _group_tilt(part: Part, features: Floats, theta: Floats, mu: float) -> tuple[float, Floats]:
    """log Z, and the tilted probabilities of the groups."""
    with np.errstate(divide="ignore"):
        logs = np.log(part.shares) + features @ theta
    top = float(logs.max())
    weights = np.exp(logs - top)
    return top + float(np.log(weights.sum())) + mu, weights / weights.sum()


def _count_tilt(part: Part, log_z: float) -> tuple[float, Floats]:
    """log M, and the tilted probabilities of the counts."""
    with np.errstate(divide="ignore"):
        logs = np.log(part.count_shares) + part.counts * log_z
    top = float(logs.max())
    weights = np.exp(logs - top)
    return top + float(np.log(weights.sum())), weights / weights.sum()
