"""BOP folders as docs/bop_datasets_format.md of bop_toolkit describes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from made_sets import awkward_map, sample_of, write_set

from simgen.dataset.reader import Dataset
from simgen.errors import DataError
from simgen.pipeline.exporting import export_set
from simgen.records.masks import decode
from simgen.records.sample import Sample


@pytest.fixture(scope="module")
def bop(rendered_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bop") / "out"
    export_set(rendered_set, out, "bop", {"frames_per_scene": 3})
    return out


def scenes(root: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for folder in sorted(p for p in root.glob("*_pbr/*") if p.is_dir()):
        names = ("scene_gt", "scene_gt_info", "scene_camera")
        yield folder, {n: json.loads((folder / f"{n}.json").read_bytes()) for n in names}


def frames(root: Path, source: Path) -> Iterator[tuple[Path, int, dict[str, Any], Sample]]:
    dataset, seen = Dataset.open(source), 0
    for folder, tables in scenes(root):
        assert {tuple(t) for t in tables.values()} == {tuple(tables["scene_gt"])}
        for key in tables["scene_gt"]:
            sample = dataset.sample(int(folder.name) * 3 + int(key))
            yield folder, int(key), {n: t[key] for n, t in tables.items()}, sample
            seen += 1
    assert seen == 6


def test_every_number_is_that_of_the_source(bop: Path, rendered_set: Path) -> None:
    objects = json.loads((bop / "objects.json").read_bytes())
    for folder, image, rows, sample in frames(bop, rendered_set):
        labels, camera = sample.annotations, rows["scene_camera"]
        rgb = cv2.imread(str(folder / f"rgb/{image:06d}.png"))[..., ::-1]
        assert (rgb == sample.rgb).all()
        raw = cv2.imread(str(folder / f"depth/{image:06d}.png"), cv2.IMREAD_UNCHANGED)
        assert np.allclose(raw * camera["depth_scale"] / 1000, sample.depth_m, atol=1e-6)
        assert len(rows["scene_gt"]) == len(rows["scene_gt_info"]) == len(labels)
        for i, (gt, info) in enumerate(zip(rows["scene_gt"], rows["scene_gt_info"], strict=True)):
            assert objects[str(gt["obj_id"])]["category"] == labels.category[i]
            pose = labels.T_cam_object[i]
            assert pose is not None
            assert np.allclose(np.array(gt["cam_R_m2c"]).reshape(3, 3), pose.rotation())
            assert np.allclose(np.array(gt["cam_t_m2c"]) / 1000, pose.position_m)
            for name, rle in (("mask", labels.amodal_mask[i]), ("mask_visib", labels.mask[i])):
                file = folder / name / f"{image:06d}_{i:06d}.png"
                mask = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
                assert (mask == 255 * decode(rle)).all()  # type: ignore[arg-type]
            assert tuple(info["bbox_visib"]) == labels.box_xywh_px[i]
            assert tuple(info["bbox_obj"]) == labels.amodal_box_xywh_px[i]
            assert info["px_count_visib"] == labels.area_px[i]
            assert info["px_count_valid"] <= info["px_count_all"]
            whole = labels.visibility[i] * (1 - labels.truncation[i])  # type: ignore[operator]
            assert info["visib_fract"] == pytest.approx(whole, abs=0.01)


def test_models_projected_by_pose_and_k_fill_their_masks(bop: Path, rendered_set: Path) -> None:
    """As bop_toolkit's renderer would: pixel centres at whole numbers."""
    checked = 0
    for folder, image, rows, sample in frames(bop, rendered_set):
        k = np.array(rows["scene_camera"]["cam_K"]).reshape(3, 3)
        for i, gt in enumerate(rows["scene_gt"]):
            if sample.annotations.truncation[i]:
                continue
            points, _ = ply(bop / f"models/obj_{gt['obj_id']:06d}.ply")
            camera = points @ np.array(gt["cam_R_m2c"]).reshape(3, 3).T + gt["cam_t_m2c"]
            uv = (camera @ k.T)[:, :2] / camera[:, 2:]
            drawn = inside(cv2.convexHull(uv.astype(np.float32)), sample.rgb.shape[:2])
            mask = cv2.imread(str(folder / f"mask/{image:06d}_{i:06d}.png"), 0) > 0
            assert (drawn != mask).sum() <= 2
            x, y, w, h = rows["scene_gt_info"][i]["bbox_obj"]
            low, high = uv.min(axis=0), uv.max(axis=0)
            expected = [x - 0.5, y - 0.5, x + w - 0.5, y + h - 0.5]
            assert np.abs(np.array([*low, *high]) - expected).max() < 0.75
            checked += 1
    assert checked > 5


def inside(hull: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Pixels whose centre, at whole numbers, is inside a polygon."""
    places = [(float(x), float(y)) for y in range(shape[0]) for x in range(shape[1])]
    found = [cv2.pointPolygonTest(hull, place, False) > 0 for place in places]
    return np.array(found).reshape(shape[:2])


def test_cameras_put_the_world_where_it_is(bop: Path, rendered_set: Path) -> None:
    for _, _, rows, sample in frames(bop, rendered_set):
        camera = rows["scene_camera"]
        assert sample.camera is not None
        point = np.array([0.1, 0.2, 0.3])
        mine = (
            np.array(camera["cam_R_w2c"]).reshape(3, 3) @ point
            + np.array(camera["cam_t_w2c"]) / 1000
        )
        assert np.allclose(mine, sample.camera.to_camera(point))


def test_models_have_their_size_in_millimetres(bop: Path) -> None:
    objects = json.loads((bop / "objects.json").read_bytes())
    info = json.loads((bop / "models/models_info.json").read_bytes())
    assert set(objects) == set(info) == {"1", "2"}
    for number, row in info.items():
        points, faces = ply(bop / f"models/obj_{int(number):06d}.ply")
        size = [120, 50, 30] if objects[number]["category"] == "brick" else [75, 75, 75]
        assert np.allclose(np.ptp(points, axis=0), size, atol=1e-3)
        assert [row[f"size_{a}"] for a in "xyz"] == pytest.approx(size, abs=1e-3)
        assert [row[f"min_{a}"] for a in "xyz"] == pytest.approx(points.min(axis=0), abs=1e-3)
        assert row["diameter"] == pytest.approx(np.linalg.norm(size), rel=0.01)
        assert faces.max() < len(points)


def ply(path: Path) -> tuple[np.ndarray, np.ndarray]:
    import trimesh

    mesh = trimesh.load(path, process=False)
    return np.asarray(mesh.vertices), np.asarray(mesh.faces)


def test_objects_by_category(rendered_set: Path, tmp_path: Path) -> None:
    export_set(rendered_set, tmp_path / "bop", "bop", {"objects": "category", "models": False})
    assert not (tmp_path / "bop/models").exists()
    objects = json.loads((tmp_path / "bop/objects.json").read_bytes())
    names = {c.id: c.name for c in Dataset.open(rendered_set).manifest.categories}
    assert {int(n): row["category"] for n, row in objects.items()} == names


def test_what_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    sample = sample_of(awkward_map(1, 3))
    source = write_set(tmp_path / "set", [sample])
    with pytest.raises(DataError, match="was not rendered"):
        export_set(source, tmp_path / "bop", "bop")
    with pytest.raises(DataError, match="has no camera"):
        export_set(source, tmp_path / "bop", "bop", {"models": False})
    assert not (tmp_path / "bop").exists()
    assert replace(sample, frame=1).frame == 1
