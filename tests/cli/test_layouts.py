"""`simgen layouts` as a user types it, from labels to rendered frames, wrong input included."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from .conftest import Run

ROOT = Path(__file__).parents[2]
DICE = ROOT.parent / "shared" / "data" / "dice_real"
SCENE = """
simgen: 1
scene: {type: tabletop, beyond: none}
objects: {cubes: {asset: box, count: 12, size_m: [0.03, 0.03, 0.03], category: cube}}
randomizers: {real: {kind: layout, path: layout.json, objects: {'*': cubes}}}
camera: {elevation_deg: 90}
render: {engine: raycast, quality: draft, size: [160, 160]}
"""


def coco(path: Path, pictures: int = 40, seed: int = 0) -> Path:
    """Two to six boxes in the left half of each picture, 0.06 of its side."""
    rng = np.random.default_rng(seed)
    rows = []
    for image in range(pictures):
        for _ in range(int(rng.integers(2, 7))):
            x, y = 40 + 220 * rng.random(), 100 + 400 * rng.random()
            side = 640 * 0.06 * float(np.exp(0.1 * rng.standard_normal()))
            rows.append({"id": len(rows) + 1, "image_id": image, "category_id": 7,
                         "bbox": [x, y, side, side], "area": side**2, "iscrowd": 0})  # fmt: skip
    data = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 640, "height": 640}
                   for i in range(pictures)],
        "categories": [{"id": 7, "name": "thing"}],
        "annotations": rows,
    }  # fmt: skip
    path.write_text(json.dumps(data))
    return path


def test_from_labels_to_frames_that_follow_them(simgen: Run, tmp_path: Path):
    real = coco(tmp_path / "real.json")
    done = simgen("layouts", "fit", real, "--out", tmp_path / "layout.json", "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["pictures"] == 40
    assert facts["classes_with_a_law_of_their_own"] == 1
    (tmp_path / "scene.yaml").write_text(SCENE)
    out = tmp_path / "out"
    done = simgen("render", tmp_path / "scene.yaml", "--out", out, "--frames", "16")
    assert done.returncode == 0, done.stderr
    rows = json.loads((out / "annotations/instances.json").read_text())["annotations"]
    boxes = np.array([row["bbox"] for row in rows])
    assert 16 * 2 <= len(boxes) <= 16 * 6
    middle = (boxes[:, :2] + boxes[:, 2:] / 2) / 160
    assert np.mean(middle[:, 0] < 0.5) > 0.9
    assert np.median(np.sqrt(boxes[:, 2:].prod(axis=1))) / 160 == pytest.approx(0.06, rel=0.12)
    done = simgen("layouts", "compare", out, coco(tmp_path / "held.json", seed=1), "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["across"]["distance"] < 0.5
    assert found["joint"]["distance"] < 0.6
    far = simgen("layouts", "compare", real, tmp_path / "held.json", "--square", "2", "--json")
    assert json.loads(far.stdout)["size"]["distance"] > 3
    shown = simgen("layouts", "compare", out, real)
    assert "spacing: " in shown.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(images=[], annotations=[]), "there are no images"),
        (lambda d: d.update(annotations=[]), "there are no labels"),
        (lambda d: d.pop("categories"), "not COCO labels"),
        (lambda d: d["images"][0].pop("width"), "no width and height"),
        (lambda d: d["annotations"][0].update(bbox=[1, 2]), "no box of four"),
        (lambda d: d.update(annotations=d["annotations"][:2]), "too few to fit"),
        (lambda d: d["categories"].append({"id": 8, "name": "thing"}), "two categories"),
    ],
)
def test_labels_that_cannot_be_fitted_are_told(simgen: Run, tmp_path: Path, change, said: str):
    path = coco(tmp_path / "real.json")
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    done = simgen("layouts", "fit", path, "--out", tmp_path / "layout.json")
    assert done.returncode == 2
    assert said in done.stderr
    assert "real.json" in done.stderr
    assert "->" in done.stderr
    assert not (tmp_path / "layout.json").exists()


def test_missing_and_foreign_files_are_told(simgen: Run, tmp_path: Path):
    done = simgen("layouts", "fit", tmp_path / "nothing.json", "--out", tmp_path / "layout.json")
    assert done.returncode == 2
    assert "cannot read" in done.stderr
    (tmp_path / "scene.yaml").write_text(SCENE)
    done = simgen("check", tmp_path / "scene.yaml")
    assert done.returncode == 2
    assert "there is no file" in done.stderr
    (tmp_path / "layout.json").write_text('{"simgen_layout": 99}')
    done = simgen("sample", tmp_path / "scene.yaml", "--range", "0:1")
    assert done.returncode == 2
    assert "scene.yaml:5:" in done.stderr
    assert "expected version 1" in done.stderr


def test_the_dice_of_the_example_scene_follow_the_photographs(simgen: Run, tmp_path: Path):
    if not DICE.is_dir():
        pytest.skip(f"no photographs: {DICE} is missing")
    done = simgen("layouts", "fit", DICE / "train.json", "--out", tmp_path / "dice.json")
    assert done.returncode == 0, done.stderr
    kept, fresh = (
        [float(n) for n in re.findall(r"-?\d+\.\d+", path.read_text())]
        for path in (ROOT / "scenes" / "layouts" / "dice.json", tmp_path / "dice.json")
    )
    assert fresh == pytest.approx(kept, abs=1e-3)
    distances = {}
    for scene in ("dice", "dice_layout"):
        out = tmp_path / scene
        done = simgen(
            "render", ROOT / f"scenes/{scene}.yaml", "--out", out, "--frames", "24", "--renderer",
            "raycast", "--quality", "draft", "--set", "render.size=[160, 160]",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        done = simgen("layouts", "compare", out, DICE / "val.json", "--square", "1.15", "--json")
        distances[scene] = json.loads(done.stdout)["joint"]["distance"]
    assert distances["dice_layout"] < 0.65 * distances["dice"]
