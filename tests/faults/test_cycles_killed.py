"""SIGKILL of the Cycles worker in mid-frame: what it costs, and that a second run mends it."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("bpy") is None, reason="bpy (extra `cycles`) is not installed"
)
SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  blocks: {asset: box, count: {randint: [2, 3]}, category: block}
views_per_world: 3
frames: 6
render:
  engine: cycles
  size: [64, 48]
  quality: draft
  settings: {cycles: {samples: 64, noise_threshold: 0}}
"""


def _command(scene: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "simgen.cli", "render", str(scene), "--out", str(out), *more]


def _worker_of(driver: int) -> int | None:
    """Blender's process: a child of the process that makes worlds, which is the driver's."""
    parents, workers = {}, []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rsplit(")", 1)[1].split()
            line = (stat.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        number = int(stat.parent.name)
        parents[number] = int(words[1])
        if b"worker" in line:
            workers.append(number)
    for worker in workers:
        above = worker
        while above in parents and above != driver:
            above = parents[above]
        if above == driver:
            return worker
    return None


def _kill_after_first_frame(scene: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    run = subprocess.Popen(_command(scene, out, *more), stderr=subprocess.PIPE, text=True)
    first = out / "frames/0000/00000000.json"
    deadline = time.monotonic() + 120
    while not first.exists() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    worker = _worker_of(run.pid)
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    return run


def _records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "frames").rglob("*.json")}


def test_a_killed_worker_loses_its_attempt_and_a_rerun_ends_with_the_same_records(tmp_path: Path):
    scene = tmp_path / "scene.yaml"
    scene.write_text(SCENE)
    subprocess.run(_command(scene, tmp_path / "whole"), check=True, capture_output=True)
    undisturbed = _records(tmp_path / "whole")
    assert len(undisturbed) == 6

    with _kill_after_first_frame(scene, tmp_path / "retried") as run:
        _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert _records(tmp_path / "retried") == undisturbed

    # Neither Blender nor the world gets a second chance; of this machine: same dataset.
    only_try = ("--set", "render.settings.cycles.retries=0", "--tries", "1")
    with _kill_after_first_frame(scene, tmp_path / "failed", *only_try) as run:
        _, said = run.communicate(timeout=300)
    assert run.returncode == 1, said
    assert "Cycles worker" in said
    left = _records(tmp_path / "failed")
    assert 0 < len(left) < 6
    assert left.items() <= undisturbed.items()
    subprocess.run(_command(scene, tmp_path / "failed"), check=True, capture_output=True)
    assert _records(tmp_path / "failed") == undisturbed
