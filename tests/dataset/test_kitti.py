"""KITTI folders: fields as the development kit's readme lists them, boxes as it computes them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_sets import CATEGORIES, awkward_map, sample_of, write_set

from simgen.annotate.annotators.box_3d import box_3d, corners_of
from simgen.dataset.writers.kitti_boxes import kitti_box
from simgen.errors import DataError
from simgen.pipeline.exporting import export_set
from simgen.plugin.scene import Category
from simgen.records.annotations import from_rows
from simgen.records.camera import Camera, Intrinsics
from simgen.records.pose import Pose
from simgen.records.sample import Sample

LENS = Intrinsics(47, 31, 60.0, 61.0, 23.25, 15.5)
FIELDS = ("type", "truncated", "occluded", "alpha", "left", "top", "right", "bottom", "height",
          "width", "length", "x", "y", "z", "rotation_y")  # fmt: skip


def about_y(angle: float, position: tuple[float, float, float]) -> Pose:
    """An object that stands upright in the camera's frame: its z is -y there."""
    half, up = angle / 2, math.sqrt(0.5)
    turn = (math.cos(half), 0.0, math.sin(half), 0.0)
    stand = (up, up, 0.0, 0.0)
    w = turn[0] * stand[0] - turn[2] * stand[2]
    return Pose(position, (w, turn[0] * up, turn[2] * up, -turn[2] * up))


def parse(path: Path) -> list[dict[str, float | str]]:
    rows = [line.split() for line in path.read_text().splitlines()]
    assert all(len(row) == len(FIELDS) for row in rows)
    return [
        {n: v if n == "type" else float(v) for n, v in zip(FIELDS, row, strict=True)}
        for row in rows
    ]


def devkit_corners(row: dict[str, float | str]) -> np.ndarray:
    """computeBox3D.m of the development kit."""
    h, w, length, ry = (float(row[n]) for n in ("height", "width", "length", "rotation_y"))
    turn = np.array([[math.cos(ry), 0, math.sin(ry)], [0, 1, 0], [-math.sin(ry), 0, math.cos(ry)]])
    x = [length / 2, length / 2, -length / 2, -length / 2] * 2
    y = [0.0] * 4 + [-h] * 4
    z = [w / 2, -w / 2, -w / 2, w / 2] * 2
    place = np.array([row[n] for n in "xyz"], np.float64)
    return (turn @ np.array([x, y, z])).T + place


def same_points(a: np.ndarray, b: np.ndarray) -> bool:
    distance = np.linalg.norm(a[:, None] - b[None], axis=-1)
    return bool((distance.min(axis=0) < 1e-4).all() and (distance.min(axis=1) < 1e-4).all())


def labelled(angle: float = 0.7, place: tuple[float, float, float] = (0.1, 0.05, 0.9)) -> Sample:
    camera, pose = Camera(LENS), about_y(angle, place)
    bounds = np.array([[-0.06, -0.03, 0.0], [0.06, 0.03, 0.1]])
    rows = [
        {"category": "mug", "box_xywh_px": (4, 3, 20, 12), "T_cam_object": pose,
         "visibility": 0.8, "truncation": 0.25, "box_3d": box_3d(bounds, pose, camera)},
        {"category": "große Dose", "box_xywh_px": (1.5, 2, 3, 4)},
        {"category": "no", "box_xywh_px": (0, 0, 5, 5), "ignore": True},
    ]  # fmt: skip
    rgb = np.zeros((31, 47, 3), np.uint8)
    return Sample(rgb, from_rows(rows), frame=3, world=3, camera=camera)


@pytest.mark.parametrize("angle", [-3.0, -1.2, 0.0, 0.7, 1.5, 2.9])
def test_labels_are_those_of_the_source(tmp_path: Path, angle: float) -> None:
    sample = labelled(angle)
    source = write_set(tmp_path / "set", [sample])
    export_set(source, tmp_path / "kitti", "kitti")
    mug, can, ignored = parse(tmp_path / "kitti/training/label_2/000003.txt")
    assert (mug["type"], mug["truncated"], mug["occluded"]) == ("mug", 0.25, 1)
    assert [mug[n] for n in ("left", "top", "right", "bottom")] == [4, 3, 24, 15]
    extra = sample.annotations.extra
    assert extra is not None
    assert same_points(devkit_corners(mug), np.array(extra["box_3d"][0]["corners_cam_m"]))
    assert [mug[n] for n in ("height", "width", "length")] == pytest.approx([0.1, 0.06, 0.12])
    turn = (float(mug["rotation_y"]) - angle + math.pi) % (2 * math.pi) - math.pi
    assert turn == pytest.approx(0, abs=1e-4)
    seen = float(mug["rotation_y"]) - math.atan2(float(mug["x"]), float(mug["z"]))
    assert math.cos(float(mug["alpha"])) == pytest.approx(math.cos(seen), abs=1e-4)
    assert (can["type"], can["truncated"], can["occluded"]) == ("große_Dose", -1, 3)
    unknown = [-1, -1, -1, -1000, -1000, -1000, -10]
    assert [can[n] for n in FIELDS[8:]] == unknown
    assert [ignored[n] for n in FIELDS[:4]] == ["DontCare", -1, -1, -10]
    assert [ignored[n] for n in FIELDS[8:]] == unknown


def test_the_calibration_projects_to_whole_pixel_centres(tmp_path: Path) -> None:
    sample = labelled()
    export_set(write_set(tmp_path / "set", [sample]), tmp_path / "kitti", "kitti")
    text = (tmp_path / "kitti/training/calib/000003.txt").read_text().splitlines()
    matrices = {line.split(":")[0]: np.array(line.split()[1:], float) for line in text}
    assert set(matrices) == {"P0", "P1", "P2", "P3", "R0_rect", "Tr_velo_to_cam", "Tr_imu_to_velo"}
    point = np.array([0.2, -0.1, 1.3, 1])
    u, v, w = matrices["P2"].reshape(3, 4) @ point
    assert np.allclose([u / w + 0.5, v / w + 0.5], LENS.project(point[:3]))


quaternions = st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(
    lambda q: sum(v * v for v in q) > 0.01
)


@given(quaternions, st.lists(st.floats(0.01, 0.5), min_size=3, max_size=3))
def test_any_object_is_inside_its_upright_box(q: list[float], size: list[float]) -> None:
    length = math.sqrt(sum(v * v for v in q))
    w, x, y, z = (v / length for v in q)
    pose = Pose((0.1, 0.2, 1.0), (w, x, y, z))
    corners = pose.apply(corners_of(np.array([[0, 0, 0], size], np.float64)))
    box = kitti_box(corners, pose.rotation()[:, 0])
    turn = -box.rotation_y
    back = np.array([[math.cos(turn), 0, math.sin(turn)], [0, 1, 0],
                     [-math.sin(turn), 0, math.cos(turn)]])  # fmt: skip
    local = (corners - box.location_m) @ back.T
    h, w_m, l_m = box.hwl_m
    assert np.allclose(local.min(axis=0), [-l_m / 2, -h, -w_m / 2], atol=1e-6)
    assert np.allclose(local.max(axis=0), [l_m / 2, 0, w_m / 2], atol=1e-6)


def test_what_kitti_cannot_say(tmp_path: Path) -> None:
    bent = Intrinsics(47, 31, 60.0, 61.0, 23.25, 15.5, (0.1, 0, 0, 0, 0))
    sample = sample_of(awkward_map(1, 2))
    source = write_set(tmp_path / "set", [Sample(sample.rgb, camera=Camera(bent))])
    with pytest.raises(DataError, match="lens has distortion"):
        export_set(source, tmp_path / "kitti", "kitti")
    export_set(source, tmp_path / "kitti", "kitti", {"ignore_distortion": True})
    twins = (Category(1, "a b"), Category(2, "a_b"))
    source = write_set(tmp_path / "twins", [sample_of(awkward_map(1, 0))], categories=twins)
    with pytest.raises(DataError, match="differ in spaces"):
        export_set(source, tmp_path / "other", "kitti")
    assert not (tmp_path / "other").exists()
    assert CATEGORIES
