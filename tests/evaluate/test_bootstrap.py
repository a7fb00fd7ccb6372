"""Intervals cover the truth, keep clusters together and combine seeds."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.evaluate.bootstrap import difference, estimate, image_weights
from simgen.evaluate.precision import Ranking, average_precision


def _detector(images: int, seed: int) -> Ranking:
    """A ranking of a made-up detector on images of unequal difficulty."""
    rng = np.random.Generator(np.random.PCG64(seed))
    hard = rng.normal(0, 0.7, images)
    number = 1 + rng.poisson(3, images)
    image = np.repeat(np.arange(images), number)
    hit = rng.random(len(image)) < 1 / (1 + np.exp(-1.5 - hard[image]))
    wrong = np.repeat(np.arange(images), rng.poisson(1.5, images))
    of = np.concatenate([image[hit], wrong])
    score = np.concatenate([rng.normal(1, 1, hit.sum()), rng.normal(0, 1, len(wrong))])
    right = np.concatenate([np.ones(hit.sum(), bool), np.zeros(len(wrong), bool)])
    order = np.argsort(-score)
    counted = np.ones((1, len(of)))
    return Ranking(of[order], score[order], right[order][None], counted, number.astype(float))


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = average_precision(_detector(30_000, 1), np.ones((1, 30_000)))[0][0, 0]
    covered = 0
    for draw in range(120):
        weights = image_weights(np.arange(120), 300, draw)
        ap = average_precision(_detector(120, 100 + draw), weights)[0]
        found = estimate(ap, draw)
        covered += found.low <= truth <= found.high
    # 95 % of 120 is 114; at 0.93 fewer than 103 is rarer than one in a thousand.
    assert covered >= 103


def test_clusters_are_drawn_together_and_the_first_row_is_the_sample() -> None:
    weights = image_weights(np.array([0, 0, 1, 1, 2]), 50, 0)
    assert (weights[0] == 1).all()
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 2] == weights[:, 3]).all()
    assert ((weights[:, 0] + weights[:, 2] + weights[:, 4]) == 3).all()
    assert np.array_equal(weights, image_weights(np.array([0, 0, 1, 1, 2]), 50, 0))


def test_seeds_widen_the_interval_by_their_own_spread() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    images = rng.normal(0.5, 0.01, (4001, 1))
    alike = estimate(np.repeat(images, 3, axis=1), 0)
    apart = estimate(images + np.array([-0.05, 0.0, 0.05]), 0)
    assert alike.high - alike.low == pytest.approx(2 * 1.96 * 0.01, rel=0.1)
    # The mean of three seeds with standard deviation 0.05 spreads by 0.05 / sqrt(3).
    seeds = np.sqrt(0.05**2 / 3 + 0.01**2)
    assert apart.high - apart.low == pytest.approx(2 * 1.96 * seeds, rel=0.25)


def test_a_difference_is_judged_on_the_same_images() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    images = rng.normal(0.5, 0.1, (2001, 1))
    both = difference(images + 0.05, images, 0)
    assert both.value == pytest.approx(0.05)
    assert both.low == pytest.approx(0.05)
    assert both.high == pytest.approx(0.05)


def test_what_is_not_defined_stays_so() -> None:
    found = estimate(np.full((11, 1), np.nan), 0)
    assert (found.value, found.low, found.high) == (None, None, None)
    alone = estimate(np.ones((1, 1)), 0)
    assert (alone.value, alone.low) == (1.0, None)
