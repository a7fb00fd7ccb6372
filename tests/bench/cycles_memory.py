"""300 small worlds in a row through the Cycles engine: memory and pace must stay level.

Two or three boxes with fresh procedural textures, 160x120, 4 samples, one view a world, one
job. Memory is the resident set of the engine and its worker together after each world, and the
exchange folder, which may lie in memory; `bound_mib` is what they must stay under. Seconds are
medians of the worlds in a quarter, which hides the starts of fresh workers (one in 50 worlds).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

WORLDS = 300
BOUND_MIB = 1500
SCENE = """
simgen: 1
scene:
  type: tabletop
  placement: upright
  surface: &fresh
    texture:
      pattern: {choice: [wood, marble, fabric, noise, speckle, checker]}
      colors:
        - [{uniform: [0, 1]}, {uniform: [0, 1]}, {uniform: [0, 1]}]
        - [{uniform: [0, 1]}, {uniform: [0, 1]}, {uniform: [0, 1]}]
      tile_m: {uniform: [0.05, 0.5]}
objects:
  boxes: {asset: box, count: {randint: [2, 3]}, material: *fresh}
randomizers: {lights: {kind: lights}, room: {kind: environment}}
camera: {distance_m: {uniform: [0.6, 1.0]}}
render: {engine: cycles, size: [160, 120]}
"""
# In a fresh process, so that other sections do not blur the figures.
PROGRAM = """
import json, sys, tempfile, time
from pathlib import Path
import psutil
from simgen.pipeline import worker
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset

seen = []
make = worker.WorldWorker.make
me = psutil.Process()

def resident(processes):
    total = 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            pass  # a worker that has just been replaced
    return total / 2**20

def watched(self, task, hold):
    began = time.perf_counter()
    make(self, task, hold)
    seconds = time.perf_counter() - began
    exchange = self.session.exchange.folder
    files = sum(path.stat().st_size for path in exchange.rglob("*") if path.is_file()) / 2**20
    seen.append({"s": seconds, "engine": resident([me]),
                 "workers": resident(me.children(recursive=True)), "files": files})

worker.WorldWorker.make = watched
with tempfile.TemporaryDirectory() as folder:
    scene, quality = Path(folder) / "scene.yaml", Path(folder) / "quality.yaml"
    scene.write_text(sys.argv[1])
    quality.write_text("cycles: {samples: 4, noise_threshold: 0, prefilter: none}")
    request = RenderRequest(scene, frames=range(int(sys.argv[2])), quality=str(quality))
    render_dataset(request, Path(folder) / "out")
print(json.dumps(seen))
"""


def measure(tiny: bool = False) -> list[dict]:
    """One row a quarter of the run: peak MiB of each part, median seconds of a world."""
    worlds = 8 if tiny else WORLDS
    command = [sys.executable, "-c", PROGRAM, SCENE, str(worlds)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError("the run failed; its message is above")
    seen = json.loads(done.stdout.splitlines()[-1])
    rows = []
    for quarter in range(4):
        part = seen[quarter * worlds // 4 : (quarter + 1) * worlds // 4]
        peak = max(one["engine"] + one["workers"] + one["files"] for one in part)
        rows.append(
            {
                "worlds": f"{quarter * worlds // 4}..{(quarter + 1) * worlds // 4 - 1}",
                "seconds_per_world": round(statistics.median(one["s"] for one in part), 3),
                "engine_mib": round(max(one["engine"] for one in part)),
                "worker_mib": round(max(one["workers"] for one in part)),
                "exchange_mib": round(max(one["files"] for one in part)),
                "together_mib": round(peak),
                "bound_mib": BOUND_MIB,
                "within": "yes" if peak <= BOUND_MIB else "NO",
            }
        )
    return rows
