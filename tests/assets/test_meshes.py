"""Folders as sources, names, and normalising to metres, z up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from pydantic import ValidationError

from simgen.assets.meshes import Meshes, MeshesParams
from simgen.errors import AssetError
from simgen.records.asset import Asset
from simgen.spec.fields import Root

OWN = Path(__file__).parents[2] / "scenes" / "meshes"
YCB = Path(__file__).parents[2].parent / "shared" / "assets" / "ycb"


def _tree(folder: Path, *files: str) -> Path:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        trimesh.creation.box((0.1, 0.2, 0.3)).export(path)
    return folder


def _names(folder: Path, **settings: Any) -> dict[str, str]:
    params = MeshesParams(path=Root(str(folder), folder, "objects.parts.path"), **settings)
    return {v.name: v.attributes["name"] for v in Meshes().variants(params)}


def test_a_folder_with_one_mesh_gives_its_name(tmp_path: Path) -> None:
    _tree(tmp_path, "mug/textured.obj", "can/a.stl", "can/b.stl", "brick.stl")
    wanted = {"brick": "brick", "can/a": "can", "can/b": "can", "mug": "mug"}
    assert _names(tmp_path) == wanted


def test_technical_folder_names_are_passed_over(tmp_path: Path) -> None:
    _tree(tmp_path, "mug/google_16k/textured.obj", "bowl/google_16k/textured.obj")
    assert _names(tmp_path) == {"bowl": "bowl", "mug": "mug"}


def test_a_file_is_a_source(tmp_path: Path) -> None:
    _tree(tmp_path, "mug/textured.obj", "bolt.stl")
    assert _names(tmp_path / "bolt.stl") == {"bolt": "bolt"}
    assert _names(tmp_path / "mug" / "textured.obj") == {"mug": "mug"}


def test_names_and_include(tmp_path: Path) -> None:
    _tree(tmp_path, "a/x.stl", "a/y.stl", "b/z.ply")
    assert _names(tmp_path, include=("a/*",)) == {"a/x": "a", "a/y": "a"}
    renamed = _names(tmp_path, names={"a": "nut", "a/y.stl": "bolt"})
    assert renamed == {"a/x": "nut", "a/y": "bolt", "b": "b"}
    with pytest.raises(AssetError, match="typo fits no mesh"):
        _names(tmp_path, names={"typo": "nut"})
    with pytest.raises(AssetError, match="fits include"):
        _names(tmp_path, include=("*.fbx",))


def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    _tree(tmp_path, "m/a.stl", "m/a.ply")
    with pytest.raises(AssetError, match="called 'm/a'"):
        _names(tmp_path)


def test_fit_takes_exactly_one_measure(root_of: Callable[..., Root]) -> None:
    for bad in ({}, {"height_m": 0.1, "width_m": 0.1}):
        with pytest.raises(ValidationError, match="exactly one"):
            MeshesParams(path=root_of(OWN), fit=bad)


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, (0.1, 0.2, 0.3)),
        ({"unit": "cm"}, (0.001, 0.002, 0.003)),
        ({"unit": "inch"}, (0.00254, 0.00508, 0.00762)),
        ({"fit": {"height_m": 0.6}}, (0.2, 0.4, 0.6)),
        ({"fit": {"width_m": 0.1}}, (0.05, 0.1, 0.15)),
        ({"fit": {"longest_m": 0.03}, "unit": "mm"}, (0.01, 0.02, 0.03)),
        ({"up": "y"}, (0.1, 0.3, 0.2)),
        ({"up": "x"}, (0.3, 0.2, 0.1)),
        ({"up": "-x", "fit": {"height_m": 1.0}}, (3.0, 2.0, 1.0)),
    ],
)
def test_size(
    tmp_path: Path, settings: dict[str, Any], size: tuple[float, ...], load: Callable[..., Asset]
) -> None:
    _tree(tmp_path, "brick.stl")
    bounds = load(tmp_path, origin="base", **settings).mesh.bounds()
    np.testing.assert_allclose(np.ptp(bounds, axis=0), size, rtol=1e-6)
    np.testing.assert_allclose(bounds[0], [-size[0] / 2, -size[1] / 2, 0], atol=1e-8)


@pytest.mark.parametrize("up", ["x", "y", "z", "-x", "-y", "-z"])
def test_up_axis_points_up_and_nothing_is_mirrored(
    tmp_path: Path, up: str, load: Callable[..., Asset]
) -> None:
    axis, sign = "xyz".index(up[-1]), -1 if up[0] == "-" else 1
    arrow = trimesh.creation.cone(radius=0.1, height=1.0)  # its tip looks along +z
    arrow.apply_transform(trimesh.geometry.align_vectors([0, 0, 1], sign * np.eye(3)[axis]))
    arrow.export(tmp_path / "arrow.stl")
    mesh = load(tmp_path / "arrow.stl", up=up, origin="base").mesh
    tip = mesh.vertices_m[mesh.vertices_m[:, 2].argmax()]
    np.testing.assert_allclose(tip, [0, 0, 1], atol=1e-6)
    volume = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False).volume
    assert volume > 0


def test_centre(tmp_path: Path, load: Callable[..., Asset]) -> None:
    _tree(tmp_path, "brick.stl")
    bounds = load(tmp_path, origin="centre").mesh.bounds()
    np.testing.assert_allclose(bounds.sum(axis=0), 0, atol=1e-8)


def test_our_own_meshes(tmp_path: Path, root_of: Callable[..., Root]) -> None:
    params = MeshesParams(path=root_of(OWN))
    source = Meshes()
    names = [v.name for v in source.variants(params)]
    assert names == ["bottle", "bowl", "bracket", "brick", "can", "mug"]
    for name in names:
        asset = source.build(params, name)
        assert asset.licence == "CC0-1.0"
        assert np.isfinite(asset.mesh.normals).all()
        low, high = asset.mesh.bounds()
        assert abs(low[2]) < 1e-7
        assert 0.02 < high[2] < 0.25
    assert sum(p.stat().st_size for p in OWN.rglob("*") if p.is_file()) < 1_500_000


@pytest.mark.skipif(not YCB.is_dir(), reason=f"the YCB meshes are not at {YCB}")
def test_every_ycb_mesh_loads(root_of: Callable[..., Root]) -> None:
    params = MeshesParams(path=root_of(YCB))
    source = Meshes()
    variants = source.variants(params)
    assert len(variants) == 24
    assert "mug" in {v.name for v in variants}
    for variant in variants:
        asset = source.build(params, variant.name)
        assert asset.surfaces[0].base_color_image is not None
        assert asset.surfaces[0].base_color_image.shape == (512, 512, 3)
        assert np.isfinite(asset.mesh.normals).all()
        assert np.isfinite(asset.mesh.uv).all()
        assert "CC-BY-4.0" in asset.licence
        assert 0.02 < np.ptp(asset.mesh.bounds(), axis=0).max() < 0.4
