"""Runs the real command, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  blocks: {asset: box, count: {randint: [2, 3]}, category: block}
views_per_world: 2
frames: 2
render: {engine: raycast, size: [48, 32], quality: draft}
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def simgen() -> Run:
    """`simgen(*arguments, cwd=...)` with stdout and stderr captured."""

    def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "simgen.cli", *map(str, arguments)]
        environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
        return subprocess.run(
            command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=120
        )

    return run


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny scene file."""
    path = tmp_path_factory.mktemp("scene") / "scene.yaml"
    path.write_text(SCENE)
    return path


@pytest.fixture(scope="session")
def rendered(simgen: Run, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two frames made by the command; read only."""
    out = tmp_path_factory.mktemp("data") / "out"
    done = simgen("render", scene, "--out", out)
    assert done.returncode == 0, done.stderr
    return out
