"""The whole path on real input: labels checked pixel by pixel, frames reproduced byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SIMGEN = str(Path(sys.executable).parent / "simgen")
YCB = ROOT.parent / "shared" / "assets" / "ycb"


def simgen(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([SIMGEN, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr[-3000:]
    return done


def chunk(folder: str, number: int, suffix: str) -> str:
    return f"{folder}/{number // 10000:04d}/{number:08d}{suffix}"


@pytest.fixture(scope="module")
def hundred(tmp_path_factory):
    """100 frames of own_meshes.yaml with the YCB scans, small and quick."""
    if not YCB.is_dir():
        pytest.skip(f"no YCB meshes: {YCB} is missing")
    out = tmp_path_factory.mktemp("ycb") / "out"
    simgen(
        "render", str(ROOT / "scenes/own_meshes.yaml"), "--out", str(out), "--frames", "100",
        "--jobs", "2", "--quality", "draft", "--renderer", "raycast",
        "--set", f"objects.parts.path={YCB}", "--set", "render.size=[320, 240]",
        "--set", "labels.min_pixels=1", "--set", "scene.beyond=none",
        "--set", "scene.collision=hull",  # convex pieces of scans take minutes the first time
    )  # fmt: skip
    return out


def test_ground_truth_as_prediction_scores_one(hundred):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO(str(hundred / "annotations/instances.json"))
    assert len(truth.imgs) == 100
    rows = [
        {k: a[k] for k in ("image_id", "category_id", "bbox", "segmentation")} | {"score": 1.0}
        for a in truth.anns.values()
    ]
    for kind in ("bbox", "segm"):
        answer = truth.loadRes([dict(row) for row in rows])
        judge = COCOeval(truth, answer, kind)
        judge.params.maxDets = [1, 100, 1000]
        judge.evaluate()
        judge.accumulate()
        precision = judge.eval["precision"][:, :, :, 0, 2]
        assert precision[precision > -1].mean() == 1.0, kind


def test_every_label_agrees_with_the_instance_map(hundred):
    from pycocotools import mask as coco_mask

    coco = json.loads((hundred / "annotations/instances.json").read_text())
    by_image: dict[int, list] = {}
    for row in coco["annotations"]:
        by_image.setdefault(row["image_id"], []).append(row)
    checked = 0
    for image in coco["images"]:
        frame = image["id"] - 1
        record = json.loads((hundred / chunk("frames", frame, ".json")).read_bytes())
        ids = cv2.imread(str(hundred / chunk("instances", frame, ".png")), cv2.IMREAD_UNCHANGED)
        depth = cv2.imread(str(hundred / chunk("depth", frame, ".png")), cv2.IMREAD_UNCHANGED)
        assert ids.dtype == depth.dtype == np.uint16
        assert (depth[ids > 0] > 0).all()
        owner = np.zeros(ids.shape, int)
        for row in by_image.get(image["id"], []):
            mask = coco_mask.decode(row["segmentation"]).astype(bool)
            owner += mask
            assert (mask == (ids == row["simgen"]["instance"])).all()
            ys, xs = np.nonzero(mask)
            tight = [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
            assert row["bbox"] == tight
            assert row["area"] == mask.sum() > 0
            assert 0 < row["simgen"]["visibility"] <= 1
            checked += 1
        assert owner.max(initial=0) <= 1
        listed = {r["simgen"]["instance"] for r in by_image.get(image["id"], [])}
        listed |= {u["instance"] for u in record["unlabelled"]}
        values, counts = np.unique(ids[ids > 0], return_counts=True)
        assert set(values[counts >= 20].tolist()) <= listed
    assert checked > 300


def test_depth_is_there_exactly_where_a_surface_is(hundred):
    """The table fills most views; where depth is 0 the ray really meets nothing."""
    from simgen.records.camera import Camera
    from simgen.records.serial import from_plain

    holes = 0
    for frame in range(0, 100, 5):
        record = json.loads((hundred / chunk("frames", frame, ".json")).read_bytes())
        depth = cv2.imread(str(hundred / chunk("depth", frame, ".png")), cv2.IMREAD_UNCHANGED)
        camera = from_plain(
            Camera, record["spec"]["camera"] if "spec" in record else record["camera"]
        )
        rows, cols = np.nonzero(depth == 0)
        holes += len(rows)
        far = camera.unproject(np.stack([cols + 0.5, rows + 0.5], -1), np.ones(len(rows)))
        eye = np.asarray(camera.T_world_cam.position_m)
        ray = far - eye
        down = ray[:, 2] < -1e-9
        t = -eye[2] / np.where(down, ray[:, 2], -1)
        spot = eye + ray * t[:, None]
        # The table's edges are rounded by 3 mm: there a ray may pass.
        on_table = down & (np.abs(spot[:, 0]) < 0.796) & (np.abs(spot[:, 1]) < 0.596)
        assert not on_table.any(), frame
    assert holes > 0


@pytest.fixture(scope="module")
def fifty(tmp_path_factory):
    """The same 50 frames: with one job, with two jobs, and frame 37 alone."""
    base = tmp_path_factory.mktemp("fifty")
    common = (
        "render", str(ROOT / "scenes/tabletop.yaml"), "--quality", "draft", "--renderer", "raycast",
        "--set", "render.size=[160, 120]",
    )  # fmt: skip
    simgen(*common, "--out", str(base / "one"), "--range", "0:50", "--jobs", "1")
    simgen(*common, "--out", str(base / "two"), "--range", "20:50", "--jobs", "2")
    simgen(*common, "--out", str(base / "two"), "--range", "0:20", "--jobs", "2")
    simgen(*common, "--out", str(base / "alone"), "--range", "37:38")
    simgen("finalize", str(base / "two"))
    return base


def test_frame_37_is_the_same_alone_and_in_a_run_of_50_with_one_or_two_jobs(fifty):
    names = [
        chunk("frames", 37, ".json"), chunk("images", 37, ".png"), chunk("depth", 37, ".png"),
        chunk("instances", 37, ".png"), chunk("worlds", 12, ".json"),
    ]  # fmt: skip
    for name in names:
        data = [(fifty / run / name).read_bytes() for run in ("one", "two", "alone")]
        assert data[0] == data[1] == data[2], name


def test_two_shards_and_finalize_give_the_bytes_of_one_run(fifty):
    def files(run: str) -> dict[str, bytes]:
        base = fifty / run
        paths = (p for p in base.rglob("*") if p.is_file() and "runs" not in p.parts)
        return {p.relative_to(base).as_posix(): p.read_bytes() for p in paths}

    one, two = files("one"), files("two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_a_second_run_makes_nothing_anew_and_more_frames_can_follow(fifty):
    before = {p: p.stat().st_mtime_ns for p in (fifty / "alone").rglob("*.png")}
    scene = str(ROOT / "scenes/tabletop.yaml")
    common = ("--out", str(fifty / "alone"), "--quality", "draft", "--renderer", "raycast")
    sets = ("--set", "render.size=[160, 120]")
    simgen("render", scene, *common, *sets, "--range", "36:39")
    assert {p: p.stat().st_mtime_ns for p in before} == before
    coco = json.loads((fifty / "alone" / "annotations/instances.json").read_text())
    assert [image["id"] for image in coco["images"]] == [37, 38, 39]


def test_one_frame_is_reproduced_from_its_record(fifty):
    done = simgen("render", "--spec", str(fifty / "one" / chunk("frames", 37, ".json")))
    assert "equal" in (done.stdout + done.stderr).lower()
