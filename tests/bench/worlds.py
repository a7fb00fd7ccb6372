"""Worlds sampled per second, with and without physics; many worlds of each scene type.

Ten meshes stand, stand in a grid or are dropped on a table (`ten`); then the scene files as they
are, 1,000 worlds each (of `room` 100), which must not fail; then 25 dice dropped from a tower, by
the physics alone. One process, assets loaded before the clock starts. `redrawn` counts placements
that were thrown away and drawn again, `dropped` objects that found no place in the end;
`slowest_s` is the world that took longest, `cpu_s` processor time of all worlds.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.scenes import ROOT, ten_objects

SCENES = ("tabletop", "bin", "shelf", "conveyor", "room", "flying")
_MANY = 1000
_FEWER = {"room": 100}  # its worlds take seconds


def measure(many: int = _MANY) -> list[dict]:
    """One row for each scene."""
    rows = []
    for placement, count in (("upright", 200), ("grid", 200), ("drop", 60)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scene.yaml"
            path.write_text(ten_objects(placement))
            rows.append({"scene": f"ten, {placement}"} | _sampled(path, min(count, many)))
    for name in SCENES:
        count = min(many, _FEWER.get(name, many))
        rows.append({"scene": name} | sampled_worlds(name, count))
        print(rows[-1], flush=True)
    return [*rows, _dice()]


def sampled_worlds(name: str, count: int) -> dict[str, Any]:
    """Figures of the first worlds of a scene file; the views of each are drawn, too."""
    package = ROOT / "plugins" / f"simgen-{name}"
    if package.is_dir():
        return _sampled(package / "scenes" / f"{name}.yaml", count, (package,))
    return _sampled(ROOT / "scenes" / f"{name}.yaml", count)


def _sampled(path: Path, count: int, plugin_dirs: tuple[Path, ...] = ()) -> dict[str, Any]:
    from simgen.assets.library import AssetLibrary
    from simgen.errors import SimgenError
    from simgen.plugin.gate import load_scene
    from simgen.plugin.registry import Registry
    from simgen.sampling.sampler import Sampler

    registry = Registry.installed(plugin_dirs)
    scene = load_scene(path, registry)
    sampler = Sampler(scene, AssetLibrary(scene, registry), 0)
    for index in range(5):
        sampler.world(count + index)
    made, times, failed, views = [], [], [], 0
    began, cpu = time.perf_counter(), time.process_time()
    for index in range(count):
        start = time.perf_counter()
        try:
            world = sampler.world(index)
            made.append(world.counts)
            number = index * scene.file.frames_per_world
            views += sampler.frame(number, world).facts["camera.redrawn"]
        except SimgenError as error:
            failed.append(f"world {index}: {error}")
        times.append(time.perf_counter() - start)
    for text in failed:
        print(text, flush=True)
    return {
        "worlds": count,
        "failed": len(failed),
        "worlds_per_second": round(count / (time.perf_counter() - began), 2),
        "cpu_s": round(time.process_time() - cpu, 1),
        "slowest_s": round(max(times), 2),
        "objects": sum(counts.placed for counts in made),
        "redrawn": sum(counts.redrawn for counts in made),
        "dropped": sum(len(counts.dropped) for counts in made),
        "views_redrawn": views,
    }


def _dice() -> dict[str, Any]:
    """25 rounded dice of 16 mm, dropped in a heap: the median of nine drops."""
    import statistics

    import numpy as np

    from simgen.assets.die import Die, DieParams
    from simgen.assets.hulls import convex_hull
    from simgen.records.pose import Pose
    from simgen.sampling.physics.model import Body
    from simgen.sampling.physics.settling import settle
    from simgen.sampling.streams import KeyedStream

    mesh = Die().build(DieParams(size_m=0.016), "die").mesh
    hull = convex_hull(mesh.vertices_m.astype(np.float64))
    times, cpu, problems = [], time.process_time(), 0
    for seed in range(9):
        rng, dice = KeyedStream(seed, "world", 0, "dice"), []
        for n in range(25):
            own = rng.child(str(n))
            where = (own.uniform(-0.06, 0.06), own.uniform(-0.06, 0.06), 0.02 + 0.01 * n)
            dice.append(Body(f"die.{n}", (hull,), Pose(where, own.rotation())))
        start = time.perf_counter()
        problems += sum(map(bool, settle(dice).problems))
        times.append(time.perf_counter() - start)
    return {
        "scene": "25 dice settle",
        "worlds": 9,
        "failed": problems,
        "worlds_per_second": round(1 / statistics.median(times), 2),
        "cpu_s": round(time.process_time() - cpu, 1),
        "slowest_s": round(max(times), 2),
        "objects": 225,
    }
