"""Laws agree with the draws, kind by kind: Kolmogorov-Smirnov and chi-squared on real draws."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from simgen.evaluate.coverage.laws import Continuous, Discrete, law_of, parts_of, values_of_parts
from simgen.sampling.draws import draw_value
from simgen.sampling.streams import KeyedStream
from simgen.spec.distribution_args import KINDS
from simgen.spec.distributions import Distribution


def made(kind: str, raw: Any) -> Distribution:
    return Distribution(kind, KINDS[kind](raw), "")


def draws(distribution: Distribution, number: int = 600) -> list[Any]:
    root = KeyedStream(3, "world", 0)
    return [draw_value(distribution, root.child(str(i))) for i in range(number)]


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("uniform", [-2, 5]),
        ("loguniform", [0.01, 3]),
        ("normal", [2, 0.5]),
        ("truncated_normal", [0, 1, 0.5, 2]),
    ],
)
def test_continuous(kind: str, raw: Any) -> None:
    distribution = made(kind, raw)
    law = law_of(distribution)
    assert isinstance(law, Continuous)
    values = np.array(draws(distribution))
    assert kstest(values, law.cdf).pvalue > 0.01
    assert kstest(values * 1.5, law.cdf).pvalue < 1e-3
    mass = np.diff(law.cdf(law.edges)).sum()
    assert mass == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [("randint", [2, 6]), ("choice", ["a", "b", "c"]), ("weighted", {"a": 3, "b": 1, "c": 0})],
)
def test_discrete(kind: str, raw: Any) -> None:
    distribution = made(kind, raw)
    law = law_of(distribution)
    assert isinstance(law, Discrete)
    assert sum(law.shares.values()) == pytest.approx(1)
    ledger: dict[str, Any] = {}
    for i in range(600):
        draw_value(distribution, KeyedStream(1, "world", i, "x", ledger).child(str(i)))
    seen = Counter(str(v) for v in ledger.values())
    kept = [value for value, share in law.shares.items() if share > 0]
    assert set(seen) == set(kept)
    expected = [600 * law.shares[v] for v in kept]
    assert chisquare([seen[v] for v in kept], expected).pvalue > 0.01


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("sphere_shell", {"radius_m": [1, 2], "elevation_deg": [10, 80], "azimuth_deg": [90, 450]}),
        ("so3", "uniform"),
    ],
)
def test_vectors_by_their_parts(kind: str, raw: Any) -> None:
    distribution = made(kind, raw)
    found = [values_of_parts(distribution, v) for v in draws(distribution)]
    for part, law in parts_of(distribution).items():
        assert law is not None
        assert kstest([f[part] for f in found], law.cdf).pvalue > 0.01, part


def test_what_cannot_vary_has_no_law() -> None:
    assert law_of(made("uniform", [1, 1])) is None
    assert law_of(made("randint", [3, 3])) is None
    assert law_of(made("choice", ["only"])) is None
