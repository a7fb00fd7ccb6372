"""Worlds sampled per second, with and without physics."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.scenes import ten_objects


def measure() -> list[dict]:
    """One process, ten objects a world, assets loaded before the clock starts."""
    from simgen.assets.library import AssetLibrary
    from simgen.plugin.gate import load_scene
    from simgen.plugin.registry import Registry
    from simgen.sampling.sampler import Sampler

    rows = []
    registry = Registry.installed()
    for placement, count in (("upright", 200), ("grid", 200), ("drop", 30)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scene.yaml"
            path.write_text(ten_objects(placement))
            scene = load_scene(path, registry)
            sampler = Sampler(scene, AssetLibrary(scene, registry), 0)
            for index in range(5):
                sampler.world(index)
            began = time.perf_counter()
            made = [sampler.world(5 + index) for index in range(count)]
            seconds = time.perf_counter() - began
        rows.append(
            {
                "placement": placement,
                "worlds": count,
                "worlds_per_second": round(count / seconds, 1),
                "redrawn": sum(world.counts.redrawn for world in made),
                "dropped": sum(len(world.counts.dropped) for world in made),
            }
        )
    return rows
