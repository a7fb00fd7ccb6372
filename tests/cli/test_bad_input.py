"""Bad input: exit 2, where / what / cure on stderr, no traceback, nothing left behind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
HEAD = (
    "simgen: 1\nscene: {type: flying}\nrender: {engine: raycast, size: [48, 32], quality: draft}\n"
)
GOOD_PLY = """ply
format ascii 1.0
element vertex 3
property float x
property float y
property float z
element face 1
property list uchar int vertex_indices
end_header
0 0 0
0.1 0 0
0 0.1 0
3 0 1 2
"""


def _refused(simgen: Run, tmp_path: Path, *arguments: object) -> str:
    before = sorted(tmp_path.rglob("*"))
    done = simgen("render", *arguments, "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
    return done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("objcts: {}", "did you mean 'objects'"),
        ("objects: {a: {asset: box, count: many}}", "expected a number, got text 'many'"),
        ("objects: {a: {asset: box, size_m: [-1, 1, 1]}}", "greater than 0, got -1"),
        ("objects: {a: {asset: box}}\ncategories: [mug]", "unknown category"),
        ("objects: {a: {asset: meshes, path: no/where.ply}}", "no file or folder"),
        ("objects: {a: {asset: !!python/object:os.system {}}}", "YAML tags are not allowed"),
        ("objects: {a: {asset: box, count: 1000000000000}}", "1000"),
        ("frames: 99999999999999999999999999", "too large"),
        ("extends: scene.yaml", "circle"),
        ("randomizers: {a: {kind: lihgts}}", "did you mean 'lights'"),
    ],
)
def test_scene_files(simgen: Run, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "scene.yaml").write_text(HEAD + text + "\n")
    talk = _refused(simgen, tmp_path, "scene.yaml")
    assert said in talk
    assert talk.startswith("scene.yaml:")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("0.1 0 0\n", "nan 0 0\n"), "NaN"),
        (("element face 1", "element face 0"), "face"),
        (("0 0.1 0\n", "0.2 0 0\n"), "area"),
        (("3 0 1 2", "3 0 1 9"), ""),
        ((GOOD_PLY, "not a mesh at all"), ""),
        ((GOOD_PLY, ""), ""),
    ],
)
def test_meshes(simgen: Run, tmp_path: Path, change: tuple[str, str], said: str) -> None:
    (tmp_path / "scene.yaml").write_text(HEAD + "objects: {a: {asset: meshes, path: m}}\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "good.ply").write_text(GOOD_PLY)
    (tmp_path / "m" / "bad.ply").write_text(GOOD_PLY.replace(*change))
    talk = _refused(simgen, tmp_path, "scene.yaml", "--frames", 1)
    assert said in talk
    assert "bad.ply" in talk


def test_a_missing_texture(simgen: Run, tmp_path: Path) -> None:
    (tmp_path / "scene.yaml").write_text(HEAD + "objects: {a: {asset: meshes, path: m}}\n")
    (tmp_path / "m").mkdir()
    lines = "mtllib a.mtl\nusemtl skin\nv 0 0 0\nv .1 0 0\nv 0 .1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"
    (tmp_path / "m" / "a.obj").write_text(lines + "f 1/1 2/2 3/3\n")
    (tmp_path / "m" / "a.mtl").write_text("newmtl skin\nmap_Kd gone.png\n")
    assert "gone.png" in _refused(simgen, tmp_path, "scene.yaml", "--frames", 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.yaml",), "cannot read the file"),
        ((".",), "cannot read the file"),
        (("scene.yaml", "--set", "camera.distanse_m=1"), "'distance_m'"),
        (("scene.yaml", "--set", "nonsense"), "expected PATH=VALUE"),
        (("scene.yaml", "--quality", "standart"), "did you mean 'standard'"),
        (("scene.yaml", "--renderer", "raycats"), "did you mean 'raycast'"),
        (("scene.yaml", "--frames", "0"), "--frames"),
        (("scene.yaml", "--frames", "999999999999"), "--frames"),
        (("scene.yaml", "--range", "5:5"), "0 <= A < B"),
        (("scene.yaml", "--range", "-1:5"), "A:B"),
        (("scene.yaml", "--range", "0:5", "--frames", "3"), "not both"),
        (("scene.yaml", "--jobs", "0"), "--jobs"),
        (("scene.yaml", "--seed", "-1"), "--seed"),
        ((), "SCENE"),
        (("--spec", "scene.yaml"), "not a frame record"),
        (("scene.yaml", "--spec", "scene.yaml"), "--spec"),
    ],
)
def test_arguments(simgen: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "scene.yaml").write_text(HEAD + "objects: {a: {asset: box}}\n")
    assert said in _refused(simgen, tmp_path, *arguments)


def test_a_misspelt_verb_suggests(simgen: Run) -> None:
    done = simgen("rendr")
    assert done.returncode == 2
    assert "Did you mean 'render'" in done.stderr


def test_debug_shows_where_it_was_raised(simgen: Run, tmp_path: Path) -> None:
    done = simgen("check", tmp_path / "none.yaml", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("verb", ["finalize", "show"])
def test_not_a_dataset(simgen: Run, tmp_path: Path, verb: str) -> None:
    done = simgen(verb, tmp_path)
    assert done.returncode == 2
    assert "manifest.json" in done.stderr
    assert list(tmp_path.iterdir()) == []
