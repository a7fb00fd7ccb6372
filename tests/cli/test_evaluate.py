"""`simgen evaluate` and `simgen gap` on a rendered dataset."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def many(simgen: Callable, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten frames; read only."""
    out = tmp_path_factory.mktemp("many") / "out"
    done = simgen("render", scene, "--out", out, "--frames", 10)
    assert done.returncode == 0, done.stderr
    return out


def _perfect(folder: Path, path: Path) -> Path:
    truth = json.loads((folder / "annotations" / "instances.json").read_text())
    keys = ("image_id", "category_id", "bbox", "segmentation")
    rows = [{**{k: a[k] for k in keys}, "score": 1.0} for a in truth["annotations"]]
    path.write_text(json.dumps(rows))
    return path


@pytest.mark.parametrize("iou", ["bbox", "segm"])
def test_labels_as_detections_are_perfect(
    simgen: Callable, many: Path, tmp_path: Path, iou: str
) -> None:
    found = _perfect(many, tmp_path / "p.json")
    done = simgen("evaluate", many, found, "--out", tmp_path / "e", "--iou", iou, "--json")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["metrics"]["mAP50_95"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert data["synthetic"]
    assert data["resampled"] == "worlds"
    assert {s["parameter"] for s in data["slices"]} >= {"size_px", "distance_m"}
    assert all(s["mAP50_95"]["value"] == pytest.approx(1.0) for s in data["slices"])
    assert (tmp_path / "e" / "report.html").is_file()


def test_bad_slices_and_categories_are_said(simgen: Callable, many: Path, tmp_path: Path) -> None:
    found = _perfect(many, tmp_path / "p.json")
    done = simgen("evaluate", many, found, "--out", tmp_path / "e", "--slice", "smell")
    assert done.returncode == 2
    assert "no label and no image has 'smell'" in done.stderr
    rows = json.loads(found.read_text())
    found.write_text(json.dumps([{**row, "category_id": 99} for row in rows]))
    done = simgen("evaluate", many, found, "--out", tmp_path / "e")
    assert done.returncode == 2
    assert "--map 99=" in done.stderr
    done = simgen("evaluate", many, found, "--out", tmp_path / "e", "--map", "99=block")
    assert done.returncode == 0, done.stderr


def test_gap_of_a_set_with_itself(simgen: Callable, many: Path, tmp_path: Path) -> None:
    done = simgen("gap", many, many, "--out", tmp_path / "g")
    assert done.returncode == 0, done.stderr
    assert "coverage: 1.000" in done.stdout
    assert (tmp_path / "g" / "report.md").is_file()
