"""What fault tests share: a small scene, the command, and the bytes that count."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  blocks: {asset: box, count: {randint: [2, 3]}, category: block}
views_per_world: 2
frames: 4
render: {engine: raycast, size: [48, 32], quality: draft}
outputs: [rgb, depth, instances]
"""
DATA = ("frames", "worlds", "images", "depth", "instances", "annotations")


@pytest.fixture
def small_scene(tmp_path: Path) -> Path:
    """A scene of tiny frames, two views a world, outside any OUT."""
    path = tmp_path / "small.yaml"
    path.write_text(SCENE)
    return path


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Everything that a run is for: data files with their bytes.

    Nothing of logs and leases, and no temporary file, whose name starts with a dot: what was cut
    off leaves some, nobody reads them, and `simgen verify --repair` removes them.
    """

    def read(out: Path) -> dict[str, bytes]:
        files = [p for name in DATA for p in sorted((out / name).rglob("*")) if p.is_file()]
        files = [path for path in files if not path.name.startswith(".")]
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}

    return read


@pytest.fixture
def tmpfs() -> Callable[..., object]:
    """A small file system of its own, so that it can be full or read-only for real.

    In the end nobody may hold a file of it, but for `lazy`: what was killed may take a moment.
    """

    @contextmanager
    def mounted(folder: Path, options: str, lazy: bool = False) -> Iterator[Path]:
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
            pytest.skip("mounting a tmpfs needs root")
        try:
            yield folder
        finally:
            how = ["--lazy"] if lazy else []
            subprocess.run(["umount", *how, str(folder)], check=True)

    return mounted


@pytest.fixture
def simgen() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command, in a process of its own."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "simgen.cli", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=240, env=os.environ | environment
        )

    return run
