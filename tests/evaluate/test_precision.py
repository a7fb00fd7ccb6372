"""Average precision equals hand-computed values and pycocotools, also under weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sets import found, label, labels, random_set

from simgen.evaluate.coco_files import LabelFile
from simgen.evaluate.matching import match
from simgen.evaluate.metrics import replicate
from simgen.evaluate.precision import average_precision, precision_curve, rankings


def _metrics(truth: LabelFile, dets: list, weights: np.ndarray | None = None) -> dict[str, float]:
    ranked = rankings(match(truth, dets))
    ones = np.ones((1, len(truth.images))) if weights is None else weights[None]
    both = replicate([ranked], ones)
    names = ("mAP50_95", "mAP50", "mAP75", "AR100")
    return {name: float(both.metric(name)[0, 0]) for name in names}


def test_a_case_done_by_hand() -> None:
    box = [10.0, 10.0, 20.0, 20.0]
    truth = labels([label(1, 3, box), label(1, 3, [100.0, 100.0, 20.0, 20.0])])
    dets = [
        found(1, 3, box, 0.9),  # right
        found(1, 3, [50.0, 50.0, 20.0, 20.0], 0.8),  # wrong
        found(1, 3, [100.0, 100.0, 20.0, 20.0], 0.7),  # right
    ]
    ranking = rankings(match(truth, dets))[0]
    ap, recall = average_precision(ranking, np.ones((1, 1)))
    # Precision 1 up to recall 0.5 (points 0 to 0.50: 51 of them), then 2/3 for the other 50.
    assert ap[0] == pytest.approx(np.full(10, (51 + 50 * 2 / 3) / 101))
    assert recall[0] == pytest.approx(np.ones(10))
    precision, scores = precision_curve(ranking, 0)
    assert precision[50] == 1.0
    assert precision[51] == pytest.approx(2 / 3)
    assert scores[51] == 0.7


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_equals_pycocotools(seed: int) -> None:
    truth, dets = random_set(seed)
    stats = match(truth, dets).stats
    for name, value in _metrics(truth, dets).items():
        expected = stats[name]
        if expected < 0:  # pycocotools' way to say that there is nothing
            assert np.isnan(value)
        else:
            assert value == pytest.approx(expected, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_a_weight_is_as_many_copies_of_the_image(seed: int) -> None:
    truth, dets = random_set(seed, images=5)
    weights = np.random.Generator(np.random.PCG64(seed)).integers(0, 4, 5)
    rows, copied, number = [], [], 0
    for image in range(1, 6):
        for _ in range(weights[image - 1]):
            number += 1
            rows += [{**r, "image_id": number} for r in truth.annotations if r["image_id"] == image]
            # Copies of one image follow each other, as their scores are equal.
            copied += [{**d, "image_id": number} for d in dets if d["image_id"] == image]
    if not rows:
        return
    copies = labels(rows, max(number, 1))
    expected = match(copies, copied).stats
    for name, value in _metrics(truth, dets, weights.astype(float)).items():
        if expected[name] >= 0:
            assert value == pytest.approx(expected[name], abs=1e-9)


def test_no_detections_and_no_labels() -> None:
    truth = labels([label(1, 3, [1.0, 1.0, 9.0, 9.0])])
    assert _metrics(truth, [])["mAP50"] == 0.0
    ranked = rankings(match(truth, []))
    assert np.isnan(average_precision(ranked[1], np.ones((1, 1)))[0]).all()


def test_hotcoco_matches_alike() -> None:
    pytest.importorskip("hotcoco")
    for seed in range(10):
        truth, dets = random_set(seed)
        ours, theirs = match(truth, dets), match(truth, dets, evaluator="hotcoco")
        assert np.array_equal(ours.det_match, theirs.det_match)
        assert np.array_equal(ours.det_ignored, theirs.det_ignored)
        assert ours.stats == pytest.approx(theirs.stats, abs=1e-9)
