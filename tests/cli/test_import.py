"""`simgen import` as a person types it; the result is a dataset like any other."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.detect.coco import locate, read_coco
from simgen.evaluate.coco_files import read_labels, require_images
from simgen.pipeline.importing import import_set

REAL = Path(__file__).parents[3] / "shared" / "data" / "dice_real"


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    images = tmp_path / "images"
    images.mkdir()
    rows = []
    for number in (1, 2, 3):
        size = (40 + number, 30)
        Image.fromarray(np.full((30, size[0], 3), number * 60, np.uint8)).save(
            images / f"{number}.jpg"
        )
        rows.append({"id": number, "file_name": f"{number}.jpg", "width": size[0], "height": 30})
    boxes = [{"id": 1, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]}]
    data = {"images": rows, "annotations": boxes, "categories": [{"id": 1, "name": "die"}]}
    path = tmp_path / "train.json"
    path.write_text(json.dumps(data))
    return path


def test_import_show_and_finalize(simgen: Run, labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    facts = json.loads(simgen("import", labels, "--out", out, "--jobs", 2, "--json").stdout)
    assert (facts["frames"], facts["images"], facts["annotations"]) == (3, 3, 1)
    again = json.loads(simgen("import", labels, "--out", out, "--json").stdout)
    assert (again["frames"], again["skipped"]) == (0, 3)
    index = json.loads((out / "annotations/instances.json").read_text())
    assert [row["width"] for row in index["images"]] == [41, 42, 43]
    assert os.path.samefile(out / "images/0000/00000001.jpg", tmp_path / "images/2.jpg")
    assert "segmentation" not in index["annotations"][0]
    assert simgen("show", out).returncode == 0
    assert (out / "contact_sheet.png").is_file()
    assert simgen("finalize", out, "--verify").returncode == 0


def test_a_bad_picture_costs_its_frame(simgen: Run, labels: Path, tmp_path: Path) -> None:
    photo = tmp_path / "images/2.jpg"
    whole = photo.read_bytes()
    photo.write_bytes(whole[:200])
    done = simgen("import", labels, "--out", tmp_path / "set")
    assert done.returncode == 1
    assert "2.jpg" in done.stderr
    assert not (tmp_path / "set/frames/0000/00000001.json").exists()
    photo.write_bytes(whole)
    assert "frames: 1" in simgen("import", labels, "--out", tmp_path / "set").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.json"], "there is no such file or folder"),
        (["{labels}", "--from", "cocoo"], "unknown reader 'cocoo'"),
        (["{labels}", "--set", "groupby=x"], "--set groupby"),
        (["{labels}", "--set", "group_by"], "expects NAME=VALUE"),
        (["{labels}", "--images", "nowhere"], "3 of 3 pictures are missing"),
        (["{folder}"], "the format is not recognised"),
    ],
)
def test_wrong_input_is_explained(
    simgen: Run, labels: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    filled = [a.format(labels=labels, folder=labels.parent / "images") for a in arguments]
    done = simgen("import", *filled, "--out", tmp_path / "set")
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "set").exists()


def test_imported_photographs_are_read_like_their_coco_file(tmp_path: Path) -> None:
    """By what `train` and `predict` read sets with, and by what `evaluate` and `gap` do."""
    if not REAL.is_dir():
        pytest.skip(f"no photographs: {REAL} is missing")
    file, out = REAL / "val.json", tmp_path / "val"
    import_set(file, out)
    before, after = (read_coco(*locate(path)) for path in (file, out))
    assert before.categories == after.categories
    for old, new in zip(sorted(before.images, key=lambda i: i.id), after.images, strict=True):
        assert (old.id, old.width, old.height) == (new.id, new.width, new.height)
        assert (old.boxes == new.boxes).all()
        assert (old.labels == new.labels).all()
        assert old.path.read_bytes() == new.path.read_bytes()
    labels, truth = read_labels(out), read_labels(file)
    require_images(labels)
    boxes = [sorted((a["image_id"], a["bbox"]) for a in s.annotations) for s in (labels, truth)]
    assert boxes[0] == boxes[1]
