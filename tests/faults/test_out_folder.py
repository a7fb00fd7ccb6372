"""OUT that cannot be used: refused before anything is made, or nothing is left half-written."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

# The fixtures of these names.
Mount = Callable[[Path, str], AbstractContextManager[Path]]
Simgen = Callable[..., subprocess.CompletedProcess[str]]
SCENE = """\
simgen: 1
scene: {type: flying}
objects: {blocks: {asset: box, count: 2, category: block}}
render: {engine: raycast, size: [320, 240], quality: draft}
outputs: [rgb, depth, instances, normals]
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """The scene file, outside any OUT."""
    path = tmp_path / "scene.yaml"
    path.write_text(SCENE)
    return path


def _check_whole(out: Path) -> int:
    """Every record has its files and nothing else is there but whole files; number of frames."""
    names = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert not [name for name in names if ".tmp" in name]
    records = sorted(name for name in names if name.startswith("frames/"))
    owned = set()
    for name in records:
        for fact in json.loads((out / name).read_bytes())["files"].values():
            assert (out / fact["name"]).stat().st_size == fact["bytes"]
            owned.add(fact["name"])
    folders = ("images/", "depth/", "instances/", "normals/")
    assert {name for name in names if name.startswith(folders)} == owned
    for name in names - owned:
        rows = (out / name).read_bytes()
        for row in rows.splitlines() if name.endswith(".jsonl") else [rows]:
            json.loads(row)
    return len(records)


def test_disk_full_during_a_frame(
    scene: Path, tmp_path: Path, tmpfs: Mount, simgen: Simgen
) -> None:
    with tmpfs(tmp_path / "disk", "size=300k") as disk:
        out = disk / "out"
        full = simgen("render", scene, "--out", out, "--frames", 20)
        assert full.returncode == 1, full.stderr
        assert "No space left" in full.stderr
        assert "free some space" in full.stderr
        assert "Traceback" not in full.stderr
        made = _check_whole(out)
        assert 0 < made < 20
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        again = simgen("render", scene, "--out", out, "--frames", 20, "--json")
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["skipped"] == made
        assert _check_whole(out) == 20


def test_disk_full_before_the_first_file(
    scene: Path, tmp_path: Path, tmpfs: Mount, simgen: Simgen
) -> None:
    with tmpfs(tmp_path / "disk", "size=4k") as disk:
        (disk / "filler").write_bytes(b"x" * 4096)
        done = simgen("render", scene, "--out", disk / "out", "--frames", 1)
        assert done.returncode == 2, done.stderr
        assert "cannot create the run folder" in done.stderr
        assert [p.name for p in disk.iterdir()] == ["filler"]


def test_read_only_disk(scene: Path, tmp_path: Path, tmpfs: Mount, simgen: Simgen) -> None:
    with tmpfs(tmp_path / "disk", "size=20m") as disk:
        assert simgen("render", scene, "--out", disk / "out", "--frames", 1).returncode == 0
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for out in (disk / "out", disk / "other"):
            done = simgen("render", scene, "--out", out, "--frames", 2)
            assert done.returncode == 2, done.stderr
            assert "Read-only file system" in done.stderr
            assert "choose another --out" in done.stderr


def test_out_is_a_file(scene: Path, tmp_path: Path, simgen: Simgen) -> None:
    done = simgen("render", scene, "--out", scene)
    assert done.returncode == 2
    assert "expected a folder" in done.stderr
    below = simgen("render", scene, "--out", scene / "out", "--frames", 1)
    assert below.returncode == 2
    assert "cannot create the run folder" in below.stderr
    assert scene.read_text() == SCENE


def test_out_with_strange_files(scene: Path, tmp_path: Path, simgen: Simgen) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("dear reader")
    done = simgen("render", scene, "--out", tmp_path / "home")
    assert done.returncode == 2
    assert "no manifest.json" in done.stderr
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["thesis.tex"]


def test_out_of_another_scene_or_damaged(scene: Path, tmp_path: Path, simgen: Simgen) -> None:
    out = tmp_path / "out"
    assert simgen("render", scene, "--out", out, "--frames", 1).returncode == 0
    other = simgen("render", scene, "--out", out, "--set", "objects.blocks.count=3")
    assert other.returncode == 2
    assert "objects.blocks.count" in other.stderr
    assert "made with 2, this run asks for 3" in other.stderr
    (out / "manifest.json").write_text("{")
    damaged = simgen("render", scene, "--out", out, "--frames", 1)
    assert damaged.returncode == 2
    assert "not a manifest" in damaged.stderr
    assert "move the folder away" in damaged.stderr
