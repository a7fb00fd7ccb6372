"""Keypoints in the index: COCO's spelling, read back and judged by pycocotools."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from simgen.dataset.coco_keypoints import keypoint_fields
from simgen.dataset.reader import Dataset
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset
from simgen.records.marks import KeypointPx

SCENE = """\
simgen: 1
scene: {type: flying, size_m: 0.2}
objects:
  blocks: {asset: box, count: 6, category: block, size_m: [0.1, 0.06, 0.04]}
  dice: {asset: die, count: 2, category: die}
camera: {distance_m: 0.3, distortion: {k1: -0.2, p1: 0.003}}
render: {engine: raycast, size: [160, 120], quality: draft}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("keypoints")
    (base / "scene.yaml").write_text(SCENE)
    render_dataset(RenderRequest(base / "scene.yaml", range(4)), base / "out")
    return base / "out"


def test_ground_truth_as_prediction_has_an_oks_of_one(folder: Path) -> None:
    truth = COCO(str(folder / "annotations/instances.json"))
    (block,) = truth.loadCats(truth.getCatIds(["block"]))
    assert len(block["keypoints"]) == 8
    assert len(block["skeleton"]) == 12
    assert "keypoints" not in truth.loadCats(truth.getCatIds(["die"]))[0]
    rows = [
        {k: row[k] for k in ("image_id", "category_id", "keypoints")} | {"score": 1.0}
        for row in truth.anns.values()
        if "keypoints" in row
    ]
    assert len(rows) > 15
    judge = COCOeval(truth, truth.loadRes(rows), "keypoints")
    judge.params.kpt_oks_sigmas = np.full(8, 0.01)  # strict: a pixel beside is wrong
    judge.params.catIds = [block["id"]]
    judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
    judge.evaluate()
    judge.accumulate()
    precision = judge.eval["precision"]
    assert precision[precision > -1].mean() == 1.0
    overlaps = [m.diagonal() for m in judge.ious.values() if len(m)]
    assert np.concatenate(overlaps) == pytest.approx(1.0)


def test_rows_say_what_the_records_say(folder: Path) -> None:
    dataset = Dataset.open(folder)
    index = json.loads((folder / "annotations/instances.json").read_bytes())
    names = index["categories"][0]["keypoints"]
    rows = iter(index["annotations"])
    seen = set()
    for record in dataset.records():
        labels = record.annotations
        assert labels.keypoints is not None
        for i in range(len(labels)):
            row = next(rows)
            if labels.category[i] == "die":
                assert "keypoints" not in row
                continue
            triples = np.array(row["keypoints"]).reshape(8, 3)
            assert row["num_keypoints"] == (triples[:, 2] > 0).sum()
            for name, point, (x, y, v) in zip(names, labels.keypoints[i], triples, strict=True):
                assert point.name == name
                seen.add(int(v))
                if v:
                    assert (x + 0.5, y + 0.5) == pytest.approx(point.xy_px)
                    assert -0.5 <= x <= 159.5
                    assert -0.5 <= y <= 119.5
                else:
                    assert (x, y) == (0, 0)
    assert seen == {0, 1, 2}


def test_points_that_an_object_lacks_are_not_labelled() -> None:
    points = [KeypointPx("b", (10.5, 20.5), 1.0, 2), KeypointPx("c", (-4.0, 3.0), 1.0, 0)]
    assert keypoint_fields(None, points) == {}
    made = keypoint_fields(("a", "b", "c"), points)
    assert made == {"keypoints": [0, 0, 0, 10.0, 20.0, 2, 0, 0, 0], "num_keypoints": 1}
