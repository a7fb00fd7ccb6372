"""Clouds fused over the views of a world: the points of all views, thinned, in one frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgen.dataset.ply import read_ply
from simgen.dataset.reader import Dataset
from simgen.errors import DataError
from simgen.pipeline.exporting import export_set


def xyz(rows: np.ndarray) -> np.ndarray:
    return np.stack([rows[a] for a in "xyz"], axis=-1).astype(np.float64)


def test_worlds_have_the_points_of_their_views(rendered_set: Path, tmp_path: Path) -> None:
    export_set(rendered_set, tmp_path / "all", "points", {"voxel_m": 0})
    export_set(rendered_set, tmp_path / "frames", "points", {"per": "frame", "voxel_m": 0})
    files = sorted(p.name for p in (tmp_path / "all/points").iterdir())
    assert files == [f"{i:08d}.ply" for i in range(3)]
    for world in range(3):
        whole = read_ply(tmp_path / f"all/points/{world:08d}.ply")
        views = [
            read_ply(tmp_path / f"frames/points/{n:08d}.ply") for n in (2 * world, 2 * world + 1)
        ]
        assert (whole == np.concatenate(views)).all()


def test_points_of_an_object_lie_in_its_box_in_every_view(
    rendered_set: Path, tmp_path: Path
) -> None:
    """Both views' poses put the object's points onto the same solid, so the cloud is one."""
    export_set(rendered_set, tmp_path / "out", "points", {"voxel_m": 0.001})
    dataset, checked = Dataset.open(rendered_set), 0
    for world in range(3):
        rows = read_ply(tmp_path / f"out/points/{world:08d}.ply")
        for thing in dataset.world(world).instances:
            points = xyz(rows[rows["instance"] == thing.id])
            if not len(points):
                continue
            half = np.array([0.12, 0.05, 0.03] if thing.category == "brick" else [0.075] * 3) / 2
            local = thing.pose.apply_inverse(points)
            assert (np.abs(local) <= half + 2e-3).all()
            assert np.abs(np.abs(local) / half).max(axis=1).min() > 0.9  # on the surface
            checked += 1
        cells = np.floor(xyz(rows) / 0.001).astype(int)
        assert len(np.unique(cells, axis=0)) == len(rows)
    assert checked > 4


def test_sensor_depth_and_missing_depth(rendered_set: Path, tmp_path: Path) -> None:
    export_set(rendered_set, tmp_path / "clean", "points", {"voxel_m": 0})
    export_set(rendered_set, tmp_path / "out", "points", {"depth": "sensor_depth", "voxel_m": 0})
    counts = [len(read_ply(tmp_path / f"{n}/points/00000000.ply")) for n in ("out", "clean")]
    assert 0 < counts[0] < counts[1]
    from made_sets import awkward_map, sample_of, write_set

    source = write_set(tmp_path / "set", [sample_of(awkward_map(1, 1))])
    with pytest.raises(DataError, match="has no camera"):
        export_set(source, tmp_path / "none", "points")
