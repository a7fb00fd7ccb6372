"""Memory over 400 frames: it must not grow."""

from __future__ import annotations

import json
import subprocess
import sys

FRAMES = 400
# In a fresh process, so that other sections do not blur the figures.
PROGRAM = """
import json, sys, tempfile
from pathlib import Path
from simgen.pipeline import worker
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset
from tests.bench.scenes import ten_objects

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20

seen = []
make = worker.WorldWorker.make
def watched(self, task, hold):
    make(self, task, hold)
    seen.append(resident())
worker.WorldWorker.make = watched
with tempfile.TemporaryDirectory() as folder:
    scene = Path(folder) / "scene.yaml"
    scene.write_text(ten_objects("upright", 320, 240))
    render_dataset(RenderRequest(scene, frames=range(int(sys.argv[1]))), Path(folder) / "out")
print(json.dumps(seen))
"""


def measure() -> list[dict]:
    """Resident MiB after each quarter of the run, one process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(FRAMES)], check=True, capture_output=True, text=True
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    quarters = [seen[round(len(seen) * share) - 1] for share in (0.25, 0.5, 0.75, 1.0)]
    row = {"frames": FRAMES, "peak_mib": round(max(seen))}
    for percent, value in zip((25, 50, 75, 100), quarters, strict=True):
        row[f"after_{percent}%_mib"] = round(value)
    return [row]
