"""Keypoints, skeleton and parts from the notes beside a mesh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from simgen.assets.digest import asset_digest
from simgen.assets.meshes import Meshes, MeshesParams
from simgen.errors import AssetError
from simgen.records.asset import Asset
from simgen.records.marks import Marks
from simgen.spec.fields import Root

NOTES = """\
keypoints:
  nose: [50, 0, 100]
  heart: {at: [0, 0, 100], radius: 60}
skeleton: [[nose, heart]]
parts:
  nose side: {box: [[49, -1000, -1000], [51, 1000, 1000]]}
  rest: {slots: [material]}
"""


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """A PLY block in millimetres, 100 x 40 x 200, standing on z = 0."""
    box = trimesh.creation.box((100, 40, 200))
    box.apply_translation((0, 0, 100))
    path = tmp_path / "block.ply"
    path.write_bytes(box.export(file_type="ply"))
    return path


def _digest(asset: Asset) -> str:
    return asset_digest("meshes", 1, {}, "block", asset)


def test_marks_follow_the_mesh_into_metres(block: Path, load: Callable[..., Asset]) -> None:
    plain = load(block, unit="mm")
    block.with_suffix(".asset.yaml").write_text(NOTES.replace("material", plain.slots[0]))
    asset = load(block, unit="mm", fit={"height_m": 0.1}, origin="centre")
    assert [k.name for k in asset.keypoints] == ["nose", "heart"]
    assert asset.keypoints[0].position_m == pytest.approx((0.025, 0, 0))
    assert asset.keypoints[1].position_m == pytest.approx((0, 0, 0))
    assert asset.keypoints[1].radius_m == pytest.approx(0.03)
    assert asset.parts == ("nose side", "rest")
    assert asset.part is not None
    nose = asset.mesh.vertices_m[asset.mesh.faces[asset.part == 0]]
    assert nose[:, :, 0] == pytest.approx(0.025)
    assert (asset.part >= 0).all()


def test_what_depends_on_the_notes_has_them_in_its_digest(
    block: Path, load: Callable[..., Asset]
) -> None:
    notes = block.with_suffix(".asset.yaml")
    before = load(block)  # 200 m long: that is only a note
    notes.write_text("source: elsewhere\n")
    assert _digest(load(block)) == _digest(before)
    notes.write_text("keypoints: {nose: [0, 0, 1]}\n")
    marked = load(block)
    assert _digest(marked) != _digest(before)
    assert sorted(name for name, _ in marked.files) == ["block.asset.yaml", "block.ply"]


def test_names_are_known_without_the_mesh(block: Path) -> None:
    params = MeshesParams(path=Root(str(block), block, "objects.parts.path"))
    assert Meshes().marks(params, "block") == Marks()
    block.with_suffix(".asset.yaml").write_text(NOTES)
    block.write_bytes(b"no mesh")
    expected = Marks(("nose", "heart"), (("nose", "heart"),))
    assert Meshes().marks(params, "block") == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keypoints: {nose: [0, 0]}", "nose"),
        ("keypoints: {nose: [0, 0, .nan]}", "nose"),
        ("keypoints: {nose: [0, 0, 0]}\nskeleton: [[nose, tail]]", "tail"),
        ("keypoints: {nose: {at: [0, 0, 0], radius: -1}}", "radius"),
        ("parts: {lid: {}}", "slots"),
        ("parts: {lid: {slots: [paint]}}", "there is no slot 'paint'"),
        ("parts: {lid: {box: [[900, 900, 900], [901, 901, 901]]}}", "no face fits"),
        ("parts: {lid: {box: [[1, 0, 0], [0, 1, 1]]}}", "least and largest"),
    ],
)
def test_wrong_marks_are_said(
    text: str, said: str, block: Path, load: Callable[..., Asset]
) -> None:
    block.with_suffix(".asset.yaml").write_text(text)
    with pytest.raises(AssetError, match=said) as error:
        load(block, unit="mm")
    assert "block.asset.yaml" in str(error.value)


def test_parts_cut_by_box_hold_faces_by_their_centres(
    block: Path, load: Callable[..., Asset]
) -> None:
    block.with_suffix(".asset.yaml").write_text(
        "parts: {low: {box: [[-99, -99, -1], [99, 99, 99]]}}"
    )
    asset = load(block, unit="mm")
    assert asset.part is not None
    centres = asset.mesh.vertices_m[asset.mesh.faces].mean(axis=1)
    assert ((asset.part == 0) == (centres[:, 2] < 0.099)).all()
    assert np.unique(asset.part).tolist() == [-1, 0]
