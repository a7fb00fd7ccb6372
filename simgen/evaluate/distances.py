"""Distances between two sets of feature vectors: FID, KID, density and coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.bootstrap import Estimate

Floats = NDArray[np.float64]
NEIGHBOURS = 5
_POINTS = 8


@dataclass(frozen=True)
class Coverage:
    """How two sets of points lie in each other (Naeem et al. 2020, section 3).

    Args:
        density: mean number of real neighbourhoods around a synthetic point, over k; about 1
            where the sets are alike, and not bounded by 1.
        coverage: share of real points with a synthetic point in their neighbourhood.
        covered: bool[N] per real point.
        nearest: int64[M], the real point nearest to each synthetic one.
        distance: float64[M], how far it is.
        real_nearest: int64[N], the synthetic point nearest to each real one.
        real_distance: float64[N], how far it is, in neighbourhood radii.
    """

    density: float
    coverage: float
    covered: NDArray[np.bool_]
    nearest: NDArray[np.int64]
    distance: Floats
    real_nearest: NDArray[np.int64]
    real_distance: Floats


def fid(a: Floats, b: Floats) -> float:
    """Frechet distance of the Gaussians fitted to two sets (Heusel et al. 2017, equation 6).

    Biased upwards by about 1/N; see `fid_infinity`.

    Args:
        a: float64[N, D].
        b: float64[M, D].
    """
    mean = a.mean(axis=0) - b.mean(axis=0)
    one, two = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))
    # trace(sqrt(A B)) is the sum of roots of the eigenvalues of A B, which are those of the
    # symmetric A^1/2 B A^1/2: no complex numbers, and exact where A is singular.
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    crossed = np.linalg.eigvalsh(root @ two @ root)
    shared = np.sqrt(np.maximum(crossed, 0)).sum()
    return float(mean @ mean + np.trace(one) + np.trace(two) - 2 * shared)


def fid_infinity(a: Floats, b: Floats, seed: int) -> float:
    """FID extrapolated to endless sets: the intercept over 1/N (Chong and Forsyth 2020).

    Args:
        a: float64[N, D].
        b: float64[M, D].
        seed: of the subsets.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 3])))
    size = min(len(a), len(b))
    sizes = np.linspace(max(size // 3, 2), size, _POINTS).astype(int)
    found = [fid(_some(a, n, rng), _some(b, n, rng)) for n in sizes]
    return float(np.polyfit(1 / sizes, found, 1)[1])


def kid(a: Floats, b: Floats) -> float:
    """Unbiased squared MMD with the kernel (x.y / D + 1)^3 (Binkowski et al. 2018, section 4)."""
    ab, aa, bb = _kernel(a, b), _kernel(a, a), _kernel(b, b)
    n, m = len(a), len(b)
    inside = (aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1))
    return float(inside - 2 * ab.mean())


def kid_estimate(a: Floats, b: Floats, seed: int, resamples: int = 200) -> Estimate:
    """KID and its 95 % interval, over images of both sets.

    Resampling with replacement would pair points with themselves and break unbiasedness, so the
    interval is of halves drawn without replacement, whose spread about their mean is scaled to
    the full size (Politis and Romano 1994).
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 4])))
    value = kid(a, b)
    halves = max(len(a) // 2, 2), max(len(b) // 2, 2)
    found = [kid(_some(a, halves[0], rng), _some(b, halves[1], rng)) for _ in range(resamples)]
    # Halves of a set spread by sqrt(1/(n/2) - 1/n) = sqrt(1/n), the same as whole sets do.
    low, high = value + np.quantile(found, [0.025, 0.975]) - np.mean(found)
    return Estimate(value, float(low), float(high))


def coverage(real: Floats, fake: Floats, neighbours: int = NEIGHBOURS) -> Coverage:
    """Density and coverage of the real set by the synthetic one.

    Args:
        real: float64[N, D].
        fake: float64[M, D].
        neighbours: k of the real neighbourhoods.
    """
    from scipy.spatial.distance import cdist

    k = min(neighbours, len(real) - 1)
    own = np.sort(cdist(real, real), axis=1)  # column 0 is the point itself
    radius = np.maximum(own[:, k], 1e-12)
    across = cdist(real, fake)
    inside = across <= radius[:, None]
    return Coverage(
        density=float(inside.sum(axis=0).mean() / k),
        coverage=float(inside.any(axis=1).mean()),
        covered=inside.any(axis=1),
        nearest=across.argmin(axis=0),
        distance=across.min(axis=0),
        real_nearest=across.argmin(axis=1),
        real_distance=across.min(axis=1) / radius,
    )


def _kernel(a: Floats, b: Floats) -> Floats:
    return np.asarray((a @ b.T / a.shape[1] + 1) ** 3, np.float64)


def _some(points: Floats, number: int, rng: np.random.Generator) -> Floats:
    return np.asarray(points[np.argsort(rng.random(len(points)))[:number]])
