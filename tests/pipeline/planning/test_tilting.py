"""Weights: shares are met where they can be, with the least change, and misses are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.pipeline.planning.tilting import Part, expected_shares, natural, tilt

QUARTERS = np.full(4, 0.25)


def kinds(shares: list[float], rates: list[float], counts: range = range(3, 11)) -> Part:
    """A collection of four kinds, one category each."""
    q, n = np.array(shares) / sum(shares), np.array(counts, float)
    return Part(n, np.full(len(n), 1 / len(n)), q, np.diag(rates))


def only(category: int, counts: dict[int, float], rate: float = 0.8) -> Part:
    """A collection of one category."""
    weights = np.array(list(counts.values()))
    rates = np.zeros((1, 4))
    rates[0, category] = rate
    return Part(np.array(list(counts), float), weights / weights.sum(), np.ones(1), rates)


def test_kinds_of_one_collection_are_balanced_without_touching_counts() -> None:
    part = kinds([10, 1, 1, 1], [0.9, 0.8, 0.5, 0.95])
    (found,), shares = tilt([part], QUARTERS)
    np.testing.assert_allclose(shares, QUARTERS, atol=1e-6)
    np.testing.assert_allclose(found.count_shares, part.count_shares, atol=1e-6)
    # With one category a kind, odds are share over natural share over rate, up to a factor.
    closed = 1 / (part.shares * np.diag(part.rates))
    np.testing.assert_allclose(found.odds / found.odds[0], closed / closed[0], rtol=1e-4)
    assert found.odds @ part.shares == pytest.approx(1)


def test_counts_of_several_collections_move_and_the_total_stays() -> None:
    rare = {0: 7.0, 1: 2.0, 2: 1.0, 3: 0.2}
    parts = [only(0, dict.fromkeys(range(11), 1.0), 0.9), *(only(i, rare) for i in (1, 2, 3))]
    tilts, shares = tilt(parts, QUARTERS)
    np.testing.assert_allclose(shares, QUARTERS, atol=1e-5)
    before = sum(p.counts @ p.count_shares for p in parts)
    after = sum(p.counts @ t.count_shares for p, t in zip(parts, tilts, strict=True))
    assert after == pytest.approx(before, rel=1e-4)
    assert all(
        (t.count_shares[p.count_shares == 0] == 0).all() for p, t in zip(parts, tilts, strict=True)
    )


def test_what_fixed_counts_do_not_allow_is_not_promised() -> None:
    parts = [only(0, {10: 1.0}), *(only(i, {1: 1.0}) for i in (1, 2, 3))]
    _, shares = tilt(parts, QUARTERS)
    np.testing.assert_allclose(shares, [10 / 13, 1 / 13, 1 / 13, 1 / 13], atol=1e-6)


def test_the_total_gives_way_before_the_shares_do() -> None:
    parts = [
        only(0, dict.fromkeys(range(2, 9), 1.0)),
        *(only(i, {1: 1.0, 2: 1.0}) for i in (1, 2, 3)),
    ]
    tilts, shares = tilt(parts, QUARTERS)
    np.testing.assert_allclose(shares, QUARTERS, atol=2e-3)
    assert parts[0].counts @ tilts[0].count_shares < 3


def test_categories_that_are_not_wanted_are_never_drawn() -> None:
    (found,), shares = tilt([kinds([1, 1, 1, 1], [0.9] * 4)], np.array([0.5, 0.5, 0.0, 0.0]))
    assert found.odds[2] == found.odds[3] == 0
    np.testing.assert_allclose(shares, [0.5, 0.5, 0, 0], atol=1e-6)


def test_kinds_that_give_several_categories_are_weighed_by_what_they_give() -> None:
    """A die gives all its faces alike: only the other kinds can move the shares."""
    rates = np.array([[0.3, 0.3, 0.0], [0.0, 0.0, 0.9]])
    part = Part(np.array([4.0]), np.ones(1), np.array([0.5, 0.5]), rates)
    _, shares = tilt([part], np.array([0.2, 0.2, 0.6]))
    np.testing.assert_allclose(shares, [0.2, 0.2, 0.6], atol=1e-6)
    _, shares = tilt([part], np.array([0.5, 0.2, 0.3]))
    assert abs(shares[0] - 0.5) > 0.05


@settings(max_examples=40, deadline=None)
@given(
    shares=st.lists(st.floats(0.05, 1), min_size=4, max_size=4),
    rates=st.lists(st.floats(0.1, 1), min_size=4, max_size=4),
    wanted=st.lists(st.floats(0.05, 1), min_size=4, max_size=4),
)
def test_any_shares_of_one_collection_are_met(
    shares: list[float], rates: list[float], wanted: list[float]
) -> None:
    targets = np.array(wanted) / sum(wanted)
    part = kinds(shares, rates)
    tilts, found = tilt([part], targets)
    np.testing.assert_allclose(found, targets, atol=1e-4)
    np.testing.assert_allclose(expected_shares([part], tilts), found, atol=1e-9)


def test_natural_weights_change_nothing() -> None:
    part = kinds([10, 1, 1, 1], [1.0] * 4)
    np.testing.assert_allclose(expected_shares([part], natural([part])), part.shares, atol=1e-12)
