"""Distances of layouts: zero for the same set, the right one for one planted difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgen.errors import DataError
from simgen.evaluate.coco_files import LabelFile
from simgen.evaluate.layout_distances import layout_distances


def labels(number: int, seed: int = 0, *, factor: float = 1.0, shift: float = 0.0,
           empty: int = 0) -> LabelFile:  # fmt: skip
    """Pictures of three boxes, `empty` more without any."""
    rng = np.random.default_rng(seed)
    images = tuple({"id": i, "file_name": f"{i}.png", "width": 200, "height": 100}
                   for i in range(number + empty))  # fmt: skip
    rows = []
    for i in range(number):
        for _ in range(3):
            x, y = rng.uniform(20, 120), rng.uniform(10, 70)
            side = factor * 12 * np.exp(0.2 * rng.standard_normal())
            box = [x + 200 * shift - side / 2, y - side / 2, side, side]
            rows.append({"id": len(rows), "image_id": i, "category_id": 1, "bbox": box,
                         "area": side**2, "iscrowd": 0})  # fmt: skip
    return LabelFile(Path("a.json"), images, tuple(rows), {1: "thing"}, None)


def found(one: LabelFile, other: LabelFile, square: float = 0.0) -> dict[str, float]:
    return {row.name: row.distance for row in layout_distances(one, other, square)}


def test_a_set_is_at_no_distance_from_itself():
    rows = layout_distances(labels(30), labels(30))
    assert all(row.distance == pytest.approx(0, abs=1e-6) for row in rows)
    assert all(row.floor > 0.01 for row in rows if row.name not in ("objects", "overlap"))


def test_each_difference_shows_where_it_is():
    real = labels(200)
    larger = found(labels(200, factor=2.0), real)
    assert larger["size"] == pytest.approx(np.log(2) / 0.2, rel=0.1)
    assert larger["across"] == pytest.approx(0, abs=1e-6)
    moved = found(labels(200, shift=0.1), real)
    assert moved["across"] == pytest.approx(0.1 / (0.5 / np.sqrt(12)), rel=0.1)
    assert moved["spacing"] == pytest.approx(0, abs=1e-6)
    assert moved["joint"] > 0.2
    assert found(labels(200, empty=100), real)["objects"] > 1  # pictures without objects count


def test_both_directions_are_as_far():
    real = labels(200)
    there, back = (found(labels(200, shift=shift), real)["joint"] for shift in (0.3, -0.3))
    assert there == pytest.approx(back, rel=0.05)


def test_lonely_objects_have_no_spacing_and_the_rest_is_told():
    def lonely(seed: int) -> LabelFile:
        many = labels(20, seed)
        return replace(many, annotations=many.annotations[::3])

    rows = found(lonely(0), lonely(1))
    assert np.isnan(rows.pop("spacing"))
    assert np.isfinite(list(rows.values())).all()


def test_boxes_can_be_made_squares_as_real_labels_are():
    real = labels(50)
    tight = found(labels(50, factor=1 / 1.5), real, square=1.5)
    assert tight["size"] == pytest.approx(0, abs=1e-6)


def test_too_little_to_compare_is_told():
    with pytest.raises(DataError, match="too few"):
        layout_distances(labels(3), labels(30))
    crowds = tuple({**row, "iscrowd": 1} for row in labels(30).annotations)
    with pytest.raises(DataError, match="0 labels are too few"):
        layout_distances(labels(30), replace(labels(30), annotations=crowds))
    bare = tuple({"id": row["id"]} for row in labels(30).images)
    with pytest.raises(DataError, match="no width and height"):
        layout_distances(replace(labels(30), images=bare), labels(30))
