"""Each kind of finding on a mesh made to have it, and none on sound ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from simgen.assets.ledger import Row, ledger_text
from simgen.assets.lint.findings import Finding
from simgen.assets.lint.lint import lint
from simgen.errors import AssetError

TRIANGLE = "v 0 0 0\nv .1 0 0\nv 0 .1 0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty library with a licence."""
    (tmp_path / "LICENSE").write_text("CC0\n")
    return tmp_path


def put(folder: Path, name: str, mesh: Any = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (mesh if mesh is not None else trimesh.creation.icosphere(2, 0.05)).export(path)
    return path


def found(folder: Path, asset: str = "", **settings: Any) -> dict[str, Finding]:
    return {f.code: f for f in lint(folder, **settings).findings if f.asset == asset}


def test_sound_meshes_have_nothing(folder: Path) -> None:
    put(folder, "ball/ball.ply")
    put(folder, "cup/cup.glb", trimesh.creation.annulus(0.03, 0.04, 0.1))
    result = lint(folder)
    assert {f.code for f in result.findings} <= {"no-material"}
    assert result.clean
    assert result.assets == 2


def test_our_own_meshes_have_no_errors() -> None:
    result = lint(Path(__file__).parents[3] / "scenes" / "meshes")
    assert result.assets == 6
    assert not [f for f in result.findings if f.level == "error"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("v 0 0 0\nv nan 0 0\nv 0 1 0\nf 1 2 3\n", "unusable"),
        (TRIANGLE + "f 1 2 9\n", "unusable"),
        ("mtllib gone.mtl\n" + TRIANGLE + "f 1 2 3\n", "missing-file"),
        ("mtllib ../m.mtl\n" + TRIANGLE + "f 1 2 3\n", "unusable"),
    ],
)
def test_what_cannot_be_used_is_an_error_and_the_others_go_on(
    folder: Path, text: str, code: str
) -> None:
    put(folder, "ball/ball.ply")
    (folder / "bad").mkdir()
    (folder / "bad" / "bad.obj").write_text(text)
    assert found(folder, "bad/bad.obj")[code].level == "error"
    result = lint(folder)
    assert result.assets == 2
    assert result.findings[0].level == "error"
    assert not result.clean


def test_a_missing_texture_is_named(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "m.mtl").write_text("newmtl p\nmap_Kd paint.png\n")
    (folder / "a" / "a.obj").write_text(f"mtllib m.mtl\nusemtl p\n{TRIANGLE}f 1 2 3\n")
    assert "paint.png" in found(folder, "a/a.obj")["missing-file"].what


def test_a_texture_without_coordinates_and_one_on_a_point(folder: Path) -> None:
    (folder / "a").mkdir()
    Image.fromarray(np.full((4, 4, 3), 200, np.uint8)).save(folder / "a" / "p.png")
    (folder / "a" / "m.mtl").write_text("newmtl p\nmap_Kd p.png\n")
    head = f"mtllib m.mtl\nusemtl p\n{TRIANGLE}"
    (folder / "a" / "a.obj").write_text(head + "f 1 2 3\n")
    assert "1 of its 1 faces no UVs" in found(folder, "a/a.obj")["no-uvs"].what
    (folder / "a" / "a.obj").write_text(head + "vt .5 .5\nf 1/1 2/1 3/1\n")
    assert "point or a line" in found(folder, "a/a.obj")["flat-uvs"].what


def test_a_large_texture(folder: Path) -> None:
    (folder / "a").mkdir()
    Image.new("RGB", (5000, 4)).save(folder / "a" / "p.png")
    (folder / "a" / "m.mtl").write_text("newmtl p\nmap_Kd p.png\n")
    text = f"mtllib m.mtl\nusemtl p\n{TRIANGLE}vt 0 0\nvt 1 0\nvt 0 1\nf 1/1 2/2 3/3\n"
    (folder / "a" / "a.obj").write_text(text)
    assert "5000 x 4 pixels" in found(folder, "a/a.obj")["large-texture"].what


def test_geometry(folder: Path) -> None:
    ball = trimesh.creation.icosphere(2, 0.05)
    inside = ball.copy()
    inside.faces = inside.faces[:, ::-1]
    put(folder, "inside/a.ply", inside)
    assert found(folder, "inside/a.ply")["inside-out"].repair == "inside_out"
    mixed = ball.copy()
    mixed.faces[:5] = mixed.faces[:5, ::-1]
    put(folder, "mixed/a.ply", mixed)
    assert found(folder, "mixed/a.ply")["winding"].repair == "winding"
    twice = trimesh.Trimesh(ball.vertices, [*ball.faces, *ball.faces[:7]], process=False)
    put(folder, "twice/a.ply", twice)
    codes = found(folder, "twice/a.ply")
    assert "7 faces are there twice" in codes["duplicate-faces"].what
    assert codes["non-manifold"].level == "note"
    loose = ball.vertices[ball.faces].reshape(-1, 3)
    loose += np.random.Generator(np.random.PCG64(0)).normal(0, 1e-8, loose.shape)
    faces = np.arange(len(loose)).reshape(-1, 3)
    put(folder, "loose/a.stl", trimesh.Trimesh(loose, faces, process=False))
    assert found(folder, "inside/a.ply").keys() >= {"inside-out"}
    shell = trimesh.Trimesh(ball.vertices, ball.faces[:-4], process=False)
    put(folder, "shell/a.ply", shell)
    assert "not watertight" in found(folder, "shell/a.ply")["open"].what
    flat = trimesh.creation.box((0.2, 0.1, 1e-6))
    put(folder, "flat/a.ply", flat)
    assert found(folder, "flat/a.ply")["flat"].level == "note"


def test_cracks(folder: Path) -> None:
    ball = trimesh.creation.icosphere(2, 0.05)
    corners = ball.vertices[ball.faces].reshape(-1, 3)
    corners = corners + np.random.Generator(np.random.PCG64(0)).normal(0, 1e-8, corners.shape)
    lines = [f"v {x:.12f} {y:.12f} {z:.12f}" for x, y, z in corners]
    lines += [f"f {i + 1} {i + 2} {i + 3}" for i in range(0, len(corners), 3)]
    (folder / "ball.obj").write_text("\n".join(lines))
    codes = found(folder, "ball.obj")
    assert codes["cracks"].repair == "merge_vertices"
    assert "open" not in codes


def test_normals_that_point_inwards(folder: Path) -> None:
    text = TRIANGLE + "vn 0 0 -1\nf 1//1 2//1 3//1\n"
    (folder / "a.obj").write_text(text)
    assert "100 % of its area" in found(folder, "a.obj")["normals"].what


def test_many_faces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgen.assets.lint.geometry.MANY_FACES", 100)
    put(folder, "ball/a.ply")
    assert "320 faces" in found(folder, "ball/a.ply")["many-faces"].what


def test_sizes(folder: Path) -> None:
    put(folder, "tin/tin.stl", trimesh.creation.box((80, 60, 100)))
    codes = found(folder, "tin/tin.stl")
    assert "mm" in codes["size"].cure
    assert "size" not in found(folder, "tin/tin.stl", unit="mm")
    put(folder, "star/star.stl", trimesh.creation.box((8e4, 6, 100)))
    assert found(folder, "star/star.stl")["size"].level == "error"


def test_a_mug_in_another_unit_than_the_other_mugs(folder: Path) -> None:
    for number in range(5):
        size = 12.0 if number == 3 else 0.1 + 0.01 * number
        put(folder, f"mug/{number}.ply", trimesh.creation.box((size, 0.05, 0.05)))
    outlier = found(folder, "mug/3.ply")["scale"]
    assert "other mugs 0.12 m" in outlier.what
    assert "unit: cm" in outlier.cure
    assert sum(f.code == "scale" for f in lint(folder).findings) == 1


def test_names_that_say_nothing(folder: Path) -> None:
    put(folder, "0a1b2c3d4e5f60718293a4b5c6d7e8f9/model.ply")
    assert "0a1b" in next(iter(f for f in lint(folder).findings if f.code == "no-category")).what
    put(folder, "12.ply")
    put(folder, "spoon.ply")
    assert "no-category" in found(folder, "12.ply")
    assert "no-category" not in found(folder, "spoon.ply")


def test_licences(tmp_path: Path) -> None:
    put(tmp_path, "ball/ball.ply")
    assert found(tmp_path, "ball/ball.ply")["no-licence"].repair == "licence"
    (tmp_path / "LICENSE").write_text("Attribution-NonCommercial 4.0\n")
    assert found(tmp_path, "ball/ball.ply")["non-commercial"].level == "note"
    rows = [
        Row(file="gone.ply", licence="MIT"),
        Row(file="ball/ball.ply", licence="MIT", sha256="0"),
    ]
    (tmp_path / "ledger.json").write_bytes(ledger_text(rows))
    whats = [f.what for f in lint(tmp_path).findings if f.asset == "ledger.json"]
    assert any("gone.ply" in w for w in whats)
    assert any("has changed" in w for w in whats)
    (tmp_path / "ledger.json").write_text("[]")
    assert any(f.asset == "ledger.json" and f.level == "error" for f in lint(tmp_path).findings)


def test_malformed_notes_are_an_error(folder: Path) -> None:
    put(folder, "ball/ball.ply")
    (folder / "ball" / "ball.asset.yaml").write_text("repair: nonsense\n")
    assert found(folder, "ball/ball.ply")["unusable"].level == "error"


def test_a_single_file(folder: Path) -> None:
    path = put(folder, "ball.ply")
    result = lint(path)
    assert result.assets == 1
    assert result.clean


def test_nothing_to_look_at_is_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(AssetError):
            lint(path)


def test_the_record_is_plain_json(folder: Path) -> None:
    from dataclasses import asdict

    put(folder, "ball/ball.ply")
    json.dumps(asdict(lint(folder)))
