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


def test_imported_photographs_can_be_judged_like_any_set(simgen: Run, tmp_path: Path) -> None:
    if not REAL.is_dir():
        pytest.skip(f"no photographs: {REAL} is missing")
    out = tmp_path / "val"
    simgen("import", REAL / "val.json", "--out", out)
    truth = json.loads((REAL / "val.json").read_text())
    rows = [
        {k: a[k] for k in ("image_id", "category_id", "bbox")} | {"score": 0.9}
        for a in truth["annotations"]
    ]
    (tmp_path / "found.json").write_text(json.dumps(rows))
    done = simgen("evaluate", out, tmp_path / "found.json", "--out", tmp_path / "r", "--json")
    assert json.loads(done.stdout)["metrics"]["ap"]["value"] == 1.0
