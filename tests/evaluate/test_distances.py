"""FID against its closed form; KID, density and coverage on sets whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.evaluate.distances import coverage, fid, fid_infinity, kid, kid_estimate

RNG = np.random.Generator(np.random.PCG64(4))


def test_fid_of_two_gaussians() -> None:
    one = RNG.normal(0, 1, (200_000, 3)) * [1.0, 2.0, 0.5] + [0.0, 0.0, 1.0]
    two = RNG.normal(0, 1, (200_000, 3)) * [1.5, 2.0, 1.0] + [1.0, -1.0, 1.0]
    # Diagonal covariances: squared distance of means plus squared differences of deviations.
    assert fid(one, two) == pytest.approx(2.0 + 0.5**2 + 0.5**2, rel=0.02)


def test_fid_with_correlation_matches_the_matrix_root() -> None:
    from scipy.linalg import sqrtm

    mix = RNG.normal(0, 1, (5, 5))
    a, b = RNG.normal(0, 1, (400, 5)) @ mix, RNG.normal(1, 1, (300, 5))
    one, two = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    gap = a.mean(axis=0) - b.mean(axis=0)
    expected = gap @ gap + np.trace(one + two - 2 * sqrtm(one @ two).real)
    assert fid(a, b) == pytest.approx(expected, rel=1e-6)
    assert fid(a, a) == pytest.approx(0.0, abs=1e-8)


def test_extrapolation_removes_the_bias_of_small_sets() -> None:
    a, b = RNG.normal(0, 1, (120, 20)), RNG.normal(0, 1, (120, 20))
    assert fid(a, b) > 1.0  # the true distance is 0
    assert abs(fid_infinity(a, b, 0)) < 0.5 * fid(a, b)


def test_kid_is_unbiased_and_its_interval_tells_sets_apart() -> None:
    small = [kid(RNG.normal(0, 1, (20, 8)), RNG.normal(0, 1, (20, 8))) for _ in range(400)]
    assert abs(np.mean(small)) < 4 * np.std(small) / np.sqrt(len(small))
    a = RNG.normal(0, 1, (100, 8))
    alike, apart = RNG.normal(0, 1, (100, 8)), RNG.normal(0.7, 1, (100, 8))
    same, other = kid_estimate(a, alike, 0), kid_estimate(a, apart, 0)
    assert same.low < 0 < same.high or abs(same.value) < 0.05
    assert other.low > 0


def test_coverage_counts_the_modes_that_are_there() -> None:
    real = np.concatenate([RNG.normal(0, 1, (50, 2)), RNG.normal(50, 1, (50, 2))])
    half = RNG.normal(0, 1, (60, 2))
    found = coverage(real, half)
    assert found.coverage == pytest.approx(0.5, abs=0.05)
    assert not found.covered[50:].any()
    assert (found.nearest < 50).all()
    assert found.density == pytest.approx(1.0, abs=0.3)
    assert coverage(real, real).coverage == 1.0
