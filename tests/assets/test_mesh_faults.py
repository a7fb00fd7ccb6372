"""Meshes that cannot be used are refused, each with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from simgen.assets.images import decode_image
from simgen.assets.meshes import Meshes, MeshesParams
from simgen.errors import AssetError
from simgen.records.asset import Asset
from simgen.spec.fields import Root

TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"


def _refused(path: Path, reason: str, **settings: Any) -> None:
    params = MeshesParams(path=Root(str(path), path, "objects.parts.path"), **settings)
    variant = Meshes().variants(params)[0].name
    with pytest.raises(AssetError, match=reason) as caught:
        Meshes().build(params, variant)
    assert str(path.parent) in caught.value.faults[0].where


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("v 0 0 0\nv nan 0 0\nv 0 1 0\nf 1 2 3\n", "1 of 3 vertices are NaN"),
        ("v 0 0 0\nv inf 0 0\nv 0 1 0\nf 1 2 3\n", "NaN or infinite"),
        (TRIANGLE, "no faces"),
        ("", "no faces|cannot be read"),
        ("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\nf 1 1 2\n", "all 2 faces have zero area"),
        (TRIANGLE + "f 1 2 9\n", "names vertex|cannot be read"),
        (TRIANGLE + "f a b c\n", "cannot be read|no faces"),
        ("mtllib gone.mtl\n" + TRIANGLE + "f 1 2 3\n", "gone.mtl"),
        ("mtllib ../m.mtl\n" + TRIANGLE + "f 1 2 3\n", "not inside the asset's folder"),
        ("mtllib /etc/hostname\n" + TRIANGLE + "f 1 2 3\n", "not inside the asset's folder"),
        ("mtllib C:\\m.mtl\n" + TRIANGLE + "f 1 2 3\n", "not inside the asset's folder"),
    ],
)
def test_bad_obj(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "bad.obj").write_text(text)
    _refused(tmp_path / "bad.obj", reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("map_Kd gone.png", "gone.png"),
        ("map_Kd -s 2 2 1 gone too.png", "gone too.png"),
        ("map_Kd ../../secret.png", "not inside"),
        ("map_Kd broken.png", "cannot be read as an image"),
    ],
)
def test_bad_texture(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (tmp_path / "m.mtl").write_text(f"newmtl a\n{line}\n")
    (tmp_path / "bad.obj").write_text(f"mtllib m.mtl\nusemtl a\n{TRIANGLE}f 1 2 3\n")
    _refused(tmp_path / "bad.obj", reason)


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("gone.png", "gone.png"),
        ("../out.png", "not inside"),
        ("data:,xx", "cannot be read|malformed"),
    ],
)
def test_bad_gltf_image(tmp_path: Path, uri: str, reason: str) -> None:
    for name, data in trimesh.creation.box().export(file_type="gltf").items():
        (tmp_path / name).write_bytes(data)
    path = tmp_path / "model.gltf"
    tree = json.loads(path.read_text())
    tree["images"] = [{"uri": uri}]
    tree["textures"] = [{"source": 0}]
    tree["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    tree["meshes"][0]["primitives"][0]["material"] = 0
    path.write_text(json.dumps(tree))
    _refused(path, reason)


@pytest.mark.parametrize("suffix", ["glb", "gltf", "ply", "stl"])
def test_garbage(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"bad.{suffix}").write_bytes(b"this is not a mesh at all" * 20)
    _refused(tmp_path / f"bad.{suffix}", "cannot be read|no faces")


def test_some_zero_area_faces_are_removed(tmp_path: Path, load: Callable[..., Asset]) -> None:
    (tmp_path / "ok.obj").write_text(TRIANGLE + "f 1 2 3\nf 1 1 2\nf 2 2 2\n")
    mesh = load(tmp_path / "ok.obj").mesh
    assert len(mesh.faces) == 1
    assert np.isfinite(mesh.normals).all()


def test_degenerate_normals_of_a_file_are_replaced(
    tmp_path: Path, load: Callable[..., Asset]
) -> None:
    (tmp_path / "ok.obj").write_text(TRIANGLE + "vn 0 0 0\nf 1//1 2//1 3//1\n")
    np.testing.assert_allclose(load(tmp_path / "ok.obj").mesh.normals, [[[0, 0, 1]] * 3])


def test_too_many_faces(tmp_path: Path) -> None:
    trimesh.creation.icosphere(subdivisions=2).export(tmp_path / "ball.stl")
    _refused(tmp_path / "ball.stl", "320 faces, more than max_faces = 100", max_faces=100)


@pytest.mark.parametrize(
    ("vertices", "settings", "reason"),
    [
        ("v 0 0 0\nv 1e30 0 0\nv 0 1e30 0\n", {}, "it is 1e\\+30 x 1e\\+30 x 0 m large"),
        ("v 0 0 0\nv 1e30 0 0\nv 0 1 0\n", {}, "zero area for a mesh of 1e\\+30 x 1 x 0 in"),
        ("v 0 0 0\nv 1e300 0 0\nv 0 1 0\n", {}, "a coordinate is 1e\\+300 in the file's unit"),
        ("v 0 0 0\nv 2 0 0\nv 0 3 0\n", {"fit": {"longest_m": 2000}}, "at most 1000 m"),
        ("v 0 0 0\nv 1e-6 0 0\nv 0 1e-6 0\n", {}, "at least 1e-05 m"),
        ("v 9e5 0 0\nv 900001 0 0\nv 9e5 1 0\n", {"origin": "as_is"}, "from its origin"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_sizes_that_no_scene_can_hold(
    tmp_path: Path, vertices: str, settings: dict[str, Any], reason: str
) -> None:
    (tmp_path / "bad.obj").write_text(vertices + "f 1 2 3\n")
    _refused(tmp_path / "bad.obj", reason, **settings)


def test_the_cure_for_a_wrong_unit_names_the_settings(tmp_path: Path) -> None:
    (tmp_path / "mug.obj").write_text("v 0 0 0\nv 9000 0 0\nv 0 9000 0\nf 1 2 3\n")
    params = {"path": Root("mug.obj", tmp_path / "mug.obj", "objects.parts.path")}
    with pytest.raises(AssetError) as caught:
        Meshes().build(MeshesParams.model_validate(params), "mug")
    assert "`unit:`" in caught.value.faults[0].cure
    assert "`fit:`" in caught.value.faults[0].cure
    small = Meshes().build(MeshesParams.model_validate(params | {"unit": "mm"}), "mug")
    assert np.ptp(small.mesh.bounds()[:, 0]) == pytest.approx(9)


def test_removed_faces_and_odd_sizes_are_noted(tmp_path: Path, load: Callable[..., Asset]) -> None:
    (tmp_path / "ok.obj").write_text(TRIANGLE + "f 1 2 3\nf 1 1 2\n")
    assert load(tmp_path / "ok.obj").notes == ("removed 1 zero-area faces of 2",)
    notes = load(tmp_path / "ok.obj", fit={"longest_m": 0.1}, unit="mm").notes
    assert len(notes) == 1
    (tmp_path / "big.obj").write_text("v 0 0 0\nv 90 0 0\nv 0 90 0\nf 1 2 3\n")
    assert "it is 90 m long" in load(tmp_path / "big.obj").notes[0]


def test_a_broken_image_is_named_without_an_address(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"nothing like it")
    with pytest.raises(AssetError, match="it is not PNG, JPEG") as caught:
        decode_image((tmp_path / "broken.png").read_bytes(), str(tmp_path / "broken.png"))
    assert "broken.png" in str(caught.value)
    assert "0x" not in str(caught.value)


def test_a_node_that_flattens_its_mesh_is_refused(tmp_path: Path) -> None:
    for name, data in trimesh.creation.icosphere(1).export(file_type="gltf").items():
        (tmp_path / name).write_bytes(data)
    path = tmp_path / "model.gltf"
    tree = json.loads(path.read_text())
    for node in tree["nodes"]:
        if "mesh" in node:
            node.pop("matrix", None)
            node["scale"] = [0, 0, 0]
    path.write_text(json.dumps(tree))
    _refused(path, "zero area")
