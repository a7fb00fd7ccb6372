"""BOP model folders are read as they are: millimetres, z up, names from the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from simgen.assets.meshes import Meshes, MeshesParams
from simgen.records.asset import Asset
from simgen.spec.fields import Root


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    for number, height in ((1, 90), (2, 140)):
        trimesh.creation.box((60, 40, height)).export(folder / f"obj_{number:06d}.ply")
    (folder / "models_info.json").write_text('{"1": {"diameter": 115.3}, "2": {}}')
    return folder


def test_millimetres(models: Path, load: Callable[..., Asset]) -> None:
    size = np.ptp(load(models, "obj_000002").mesh.bounds(), axis=0)
    np.testing.assert_allclose(size, [0.06, 0.04, 0.14], rtol=1e-6)
    np.testing.assert_allclose(
        np.ptp(load(models, "obj_000002", unit="cm").mesh.bounds(), axis=0), size * 10, rtol=1e-6
    )


def test_without_models_info_it_is_metres(models: Path, load: Callable[..., Asset]) -> None:
    (models / "models_info.json").unlink()
    assert np.ptp(load(models, "obj_000001").mesh.bounds(), axis=0)[2] == pytest.approx(90)


def test_names_for_categories(models: Path) -> None:
    root = Root("models", models, "objects.parts.path")
    params = MeshesParams(path=root, names={"obj_000001.ply": "ape"})
    variants = Meshes().variants(params)
    assert [v.name for v in variants] == ["obj_000001", "obj_000002"]
    assert [v.attributes["name"] for v in variants] == ["ape", "obj_000002"]
