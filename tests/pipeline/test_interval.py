"""Intervals that are to hold nine times out of ten do so."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.pipeline.interval import Interval, ratio, total


def test_a_total_lies_in_its_interval_nine_times_out_of_ten() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    held = 0
    for _ in range(400):
        sizes = rng.integers(1, 6, 60)
        values = sizes * rng.normal(2.0, 0.3, 60)
        found = total(values[:8], sizes[:8], float(sizes[8:].sum()))
        held += found.low <= values[8:].sum() <= found.high
    assert 0.85 <= held / 400 <= 0.95


def test_a_ratio_lies_in_its_interval_nine_times_out_of_ten() -> None:
    rng = np.random.Generator(np.random.PCG64(6))
    held = 0
    for _ in range(400):
        sizes = rng.integers(5, 15, 10)
        found = ratio(rng.binomial(sizes, 0.4), sizes)
        held += found.low <= 0.4 <= found.high
    assert 0.83 <= held / 400 <= 0.95


def test_one_piece_says_little() -> None:
    assert total([3.0], [2], 10) == Interval(15.0, 7.5, 30.0)
    assert ratio([0, 0], [0, 0]) == Interval(0.0, 0.0, 0.0)


def test_equal_pieces_leave_no_doubt() -> None:
    found = total([2.0, 4.0, 2.0], [1, 2, 1], 100)
    assert (found.low, found.value, found.high) == pytest.approx((200, 200, 200))
