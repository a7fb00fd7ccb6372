"""Bad input is said in three lines, all of it at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgen.errors import DataError
from simgen.evaluate.bins import split_spec
from simgen.evaluate.coco_files import read_detections, read_features, read_labels, require_images
from simgen.evaluate.matching import match
from simgen.evaluate.parameters import parameter

GOOD: dict[str, Any] = {
    "images": [{"id": 4, "file_name": "a.png", "width": 50, "height": 40, "simgen": {
        "world": 0, "lights": [{"power": 2.0}, {"power": 3.0}], "facts": {"a.b.0.c": 5}}}],
    "annotations": [{"id": 1, "image_id": 4, "category_id": 2, "bbox": [1, 2, 10, 12],
                     "simgen": {"visibility": 0.5, "spot": [1, 2], "look": {"color": "red"}}}],
    "categories": [{"id": 2, "name": "king"}, {"id": 5, "name": "queen"}],
}  # fmt: skip


def _write(tmp_path: Path, data: Any, name: str = "labels.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(data))
    return path


def _det(**more: Any) -> dict[str, Any]:
    return {"image_id": 4, "category_id": 2, "bbox": [1, 2, 10, 12], "score": 0.5, **more}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"annotations": []}, "there are no labels"),
        ({"images": []}, "there are no images"),
        ({"annotations": [{**GOOD["annotations"][0], "image_id": 9}]}, "belong to no image"),
        ({"annotations": [{**GOOD["annotations"][0], "category_id": 9}]}, "unknown category"),
        ({"annotations": [{**GOOD["annotations"][0], "bbox": [1, 2, 3]}]}, "four finite numbers"),
        ({"images": GOOD["images"] * 2}, "image ids repeat"),
    ],
)
def test_bad_labels(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    with pytest.raises(DataError, match=what) as error:
        read_labels(_write(tmp_path, {**GOOD, **change}))
    assert len(str(error.value.faults[0]).splitlines()) == 3


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([_det(image_id=5)], "are of images that the labels do not have"),
        ([_det(score=float("nan"))], "score that is not a finite number"),
        ([_det(bbox=[1, 2, float("inf"), 3])], "no usable bbox"),
        ([_det(category_id=77)], "categories 77 are none of the labels'"),
        ({"a": 1}, "not COCO results"),
    ],
)
def test_bad_detections(tmp_path: Path, rows: Any, what: str) -> None:
    labels = read_labels(_write(tmp_path, GOOD))
    with pytest.raises(DataError, match=what) as error:
        read_detections(_write(tmp_path, rows, "found.json"), labels)
    assert all(len(str(f).splitlines()) == 3 for f in error.value.faults)


def test_faults_come_together(tmp_path: Path) -> None:
    labels = read_labels(_write(tmp_path, GOOD))
    rows = [_det(image_id=5), _det(score=None)]
    with pytest.raises(DataError) as error:
        read_detections(_write(tmp_path, rows, "found.json"), labels)
    assert len(error.value.faults) == 2


def test_categories_by_name_by_mapping_and_with_an_offer(tmp_path: Path) -> None:
    labels = read_labels(_write(tmp_path, GOOD))
    named = {"categories": [{"id": 1, "name": "Kings"}, {"id": 2, "name": "queen"}],
             "annotations": [_det(category_id=1), _det(category_id=2)]}  # fmt: skip
    path = _write(tmp_path, named, "found.json")
    with pytest.raises(DataError, match="--map Kings=king"):
        read_detections(path, labels)
    rows = read_detections(path, labels, {"Kings": "king"})
    assert [row["category_id"] for row in rows] == [2, 5]
    plain = _write(tmp_path, [_det(category_id=77)], "plain.json")
    assert read_detections(plain, labels, {"77": "queen"})[0]["category_id"] == 5


def test_missing_images_and_files(tmp_path: Path) -> None:
    labels = read_labels(_write(tmp_path, GOOD))
    with pytest.raises(DataError, match="--images"):
        require_images(labels)
    with pytest.raises(DataError, match="1 of 1 images are missing"):
        require_images(read_labels(labels.path, tmp_path))
    with pytest.raises(DataError, match="cannot read"):
        read_labels(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("hello")
    with pytest.raises(DataError, match="not JSON"):
        read_labels(tmp_path / "text.json")


def test_features_must_be_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", np.ones((3, 2)))
    assert read_features(tmp_path / "f.npy").shape == (3, 2)
    np.save(tmp_path / "bad.npy", np.full((3, 2), np.nan))
    with pytest.raises(DataError, match="finite numbers"):
        read_features(tmp_path / "bad.npy")


@pytest.mark.parametrize("spec", ["a=3,1", "a=1", "a=x,y", "a:1", "a:x"])
def test_slices_that_cannot_be(spec: str) -> None:
    with pytest.raises(DataError):
        split_spec(spec)
    assert split_spec("a.b=1,2.5") == ("a.b", [1.0, 2.5])
    assert split_spec("a:3") == ("a", 3)


def test_recorded_parameters_are_found_by_path(tmp_path: Path) -> None:
    labels = read_labels(_write(tmp_path, GOOD))
    matches = match(labels, [])
    values = {
        "visibility": (0.5,), "simgen.visibility": (0.5,), "look.color": ("red",),
        "spot.1": (2.0,), "lights.1.power": (3.0,), "light_power": (5.0,),
        "facts.a.b.0.c": (5.0,), "image.facts.a.b.0.c": (5.0,), "category": ("king",),
    }  # fmt: skip
    for name, expected in values.items():
        assert parameter(name, labels, matches).values == expected
    with pytest.raises(DataError, match=r"recorded are: .*visibility"):
        parameter("colour", labels, matches)
    with pytest.raises(DataError, match=r"spot\.0"):
        parameter("spot", labels, matches)
