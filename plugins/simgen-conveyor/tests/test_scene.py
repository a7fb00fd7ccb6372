"""The scene file renders into a dataset with labels."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def test_the_scene_renders(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simgen.cli", "render", "scenes/conveyor.yaml"]
    command += ["--plugin-dir", ".", "--out", str(tmp_path / "out"), "--frames", "2"]
    command += ["--renderer", "raycast", "--quality", "draft", "--set", "render.size=[160, 120]"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    coco = json.loads((tmp_path / "out" / "annotations" / "instances.json").read_text())
    assert len(coco["images"]) == 2
    assert coco["annotations"]
