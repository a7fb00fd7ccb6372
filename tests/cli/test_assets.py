"""`simgen assets import` as a user meets it; what it does is tested in `tests/render`."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
import trimesh


def test_unknown_sources_are_usage_errors(simgen, tmp_path: Path):
    done = simgen("assets", "import", tmp_path / "gone.blend", "--out", tmp_path / "library")
    assert done.returncode == 2
    assert "gone.blend" in done.stderr
    assert "-> " in done.stderr
    done = simgen("assets", "import", __file__, "--out", tmp_path / "l", "--category", "a/b")
    assert done.returncode == 2


@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
def test_written_assets_are_listed(simgen, tmp_path: Path):
    trimesh.creation.box((0.1, 0.1, 0.1)).export(tmp_path / "block.stl")
    (tmp_path / "broken.blend").write_bytes(b"no blend")
    sources = (tmp_path / "block.stl", tmp_path / "broken.blend")
    library = tmp_path / "library"
    done = simgen("assets", "import", *sources, "--out", library, "--licence", "MIT")
    assert done.returncode == 1
    assert done.stdout.split() == [str(library / "block" / "block.glb")]
    assert "1 written (0 textures baked), 0 already there, 1 failed" in done.stderr
    done = simgen("assets", "import", sources[0], "--out", library, "--licence", "MIT", "--json")
    assert done.returncode == 0
    facts = json.loads(done.stdout)
    assert facts["written"] == []
    assert [asset["file"] for asset in facts["skipped"]] == ["block/block.glb"]
