"""Frames per second of `simgen render`, everything included but the first import."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.scenes import ten_objects

SIMGEN = str(Path(sys.executable).parent / "simgen")


def measure() -> list[dict]:
    """Two sizes, two jobs; the marginal rate between a short and a long run."""
    rows = []
    for width, height, frames in ((320, 240, 120), (640, 480, 48)):
        with tempfile.TemporaryDirectory() as folder:
            scene = Path(folder) / "scene.yaml"
            scene.write_text(ten_objects("drop", width, height))
            short = run(scene, Path(folder) / "a", 8)
            long = run(scene, Path(folder) / "b", 8 + frames)
        rows.append(
            {
                "size": f"{width}x{height}",
                "jobs": 2,
                "frames": 8 + frames,
                "seconds": round(long, 1),
                "frames_per_second": round(frames / (long - short), 2),
                "with_start": round((8 + frames) / long, 2),
            }
        )
    return rows


def run(scene: Path, out: Path, frames: int) -> float:
    """Seconds of one run."""
    began = time.perf_counter()
    command = [SIMGEN, "render", str(scene), "--out", str(out), "--frames", str(frames)]
    subprocess.run([*command, "--jobs", "2"], check=True, capture_output=True)
    return time.perf_counter() - began
