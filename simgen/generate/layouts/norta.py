"""Gaussian copulas for mixed margins: NORTA, "normal to anything" (Cario and Nelson 1997).

Numbers without ties are their normal scores. Ranks of counts are full of ties, which would make
every dependence look weaker than it is. NORTA asks instead which correlation of normal scores
gives the covariance that was seen: with g and h the values as functions of their scores and a, b
their coefficients in normalised Hermite polynomials, cov = sum over k >= 1 of rho^k a_k b_k
(Mehler 1866), solved by bisection.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.sampling.layouts.model import Counts

Floats = NDArray[np.float64]
_GRID = 4001
_TERMS = 40
_LIMIT = 0.98


def copula_of(values: Floats, counts: Sequence[Counts | None]) -> Floats:
    """Correlation of the normal scores, float64[D, D], positive definite.

    Args:
        values: float64[N, D]; a pair is judged by the rows where neither is NaN.
        counts: distributions of the columns that are counts; None: a column without ties.
    """
    columns = [v if c is not None else _normal_scores(v)
               for v, c in zip(values.T, counts, strict=True)]  # fmt: skip
    values = np.column_stack(columns)
    series = [_series(one) for one in counts]
    out = np.eye(len(series))
    for i in range(len(series)):
        for j in range(i):
            out[i, j] = out[j, i] = _score(values[:, i], values[:, j], series[i] * series[j])
    return nearest_correlation(out)


def _score(a: Floats, b: Floats, products: Floats) -> float:
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 3 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return 0.0
    pearson = float(np.corrcoef(a[both], b[both])[0, 1])
    # The law's own variances: those of the rows in common may be others.
    spread = products[-1]
    wanted, low, high = pearson * spread, -_LIMIT, _LIMIT
    powers = np.arange(1, _TERMS + 1)
    for _ in range(40):
        rho = (low + high) / 2
        if float((products[:-1] * rho**powers).sum()) < wanted:
            low = rho
        else:
            high = rho
    return (low + high) / 2


def _normal_scores(values: Floats) -> Floats:
    """Of the finite ones, float64[N]; equal values have equal scores."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    out = np.full(len(values), np.nan)
    known = np.isfinite(values)
    if known.any():
        out[known] = ndtri((rankdata(values[known]) - 0.5) / known.sum())
    return out


def _series(counts: Counts | None) -> Floats:
    """Hermite coefficients 1 to _TERMS, then the standard deviation; float64[_TERMS + 1]."""
    from scipy.special import ndtri

    if counts is None:  # the score itself
        return np.array([1.0, *[0.0] * (_TERMS - 1), 1.0])
    u = (np.arange(_GRID) + 0.5) / _GRID
    z = ndtri(u)
    ends = np.cumsum(counts.shares)
    values = np.minimum(np.searchsorted(ends, u, side="right"), len(ends) - 1).astype(np.float64)
    values -= values.mean()
    before, now, out = np.ones(_GRID), z, []
    for k in range(1, _TERMS + 1):
        out.append(float((values * now).mean()))
        before, now = now, (z * now - np.sqrt(k) * before) / np.sqrt(k + 1)
    return np.array([*out, float(values.std())])


def nearest_correlation(matrix: Floats, least: float = 1e-4) -> Floats:
    """The nearest correlation matrix whose eigenvalues are at least `least` (Higham 2002)."""
    now, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(200):
        if np.linalg.eigvalsh(now)[0] >= least:
            return now
        shifted = now - correction
        values, vectors = np.linalg.eigh(shifted)
        positive = (vectors * np.maximum(values, 2 * least)) @ vectors.T
        correction = positive - shifted
        now = positive.copy()
        np.fill_diagonal(now, 1.0)
    values, vectors = np.linalg.eigh(now)  # not converged: what is left is scaled away
    now = (vectors * np.maximum(values, 2 * least)) @ vectors.T
    scale = np.sqrt(np.diag(now))
    out: Floats = now / np.outer(scale, scale)
    return out
