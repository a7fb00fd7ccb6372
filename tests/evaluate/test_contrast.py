"""Comparing detectors on the same images."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sets import as_detections, random_set

from simgen.evaluate.contrast import contrast, replicates_of
from simgen.evaluate.evaluation import Settings, evaluate

FEW = Settings(resamples=30, slices=("category",))


def test_better_detections_are_better_in_every_resample(tmp_path: Path) -> None:
    truth, dets = random_set(3, images=10)
    paths = [tmp_path / "perfect.json", tmp_path / "noisy.json"]
    for path, rows in zip(paths, (as_detections(truth), dets), strict=True):
        path.write_text(json.dumps(rows))
    perfect, noisy = (replicates_of(truth, [path], FEW) for path in paths)
    found = contrast(perfect, noisy, FEW.seed)["mAP50"]
    alone = evaluate(truth, paths[1:], FEW).metrics["mAP50"].value
    assert found.value == pytest.approx(1 - alone)
    assert 0 < found.low <= found.value <= found.high < 1
    same = contrast(noisy, noisy, FEW.seed)["mAP50_95"]
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_each_seed_has_the_value_that_it_has_alone(tmp_path: Path) -> None:
    truth, dets = random_set(4)
    paths = [tmp_path / "all.json", tmp_path / "half.json"]
    for path, rows in zip(paths, (dets, dets[::2]), strict=True):
        path.write_text(json.dumps(rows))
    alone = tuple(evaluate(truth, [path], FEW).metrics["mAP50"].value for path in paths)
    assert replicates_of(truth, paths, FEW).by_seed("mAP50") == pytest.approx(alone)
