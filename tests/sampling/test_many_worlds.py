"""The first worlds of each scene file: none fails, all adds up; `make bench` draws a thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.assets.library import AssetLibrary
from simgen.plugin.gate import load_scene
from simgen.plugin.registry import Registry
from simgen.sampling.sampler import Sampler
from simgen.sampling.shapes import RoughShapes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "worlds", "share"),
    [
        ("tabletop", 20, 0.02),
        ("bin", 20, 0.02),
        ("flying", 20, 0.02),
        ("room", 6, 0.02),
        ("shelf", 20, 0.1),  # boards can be full
        ("conveyor", 20, 0.1),  # and belts
    ],
)
def test_worlds_and_their_views(name: str, worlds: int, share: float) -> None:
    package = ROOT / "plugins" / f"simgen-{name}"
    home, folders = (package, (package,)) if package.is_dir() else (ROOT, ())
    registry = Registry.installed(folders)
    scene = load_scene(home / "scenes" / f"{name}.yaml", registry)
    # Meshes collide as their hulls: convex pieces of new ones take seconds each.
    sampler = Sampler(scene, RoughShapes(AssetLibrary(scene, registry)), seed=1)
    dropped = requested = 0
    for index in range(worlds):
        world = sampler.world(index)
        counts = world.counts
        assert counts.requested == counts.placed + len(counts.dropped)
        requested, dropped = requested + counts.requested, dropped + len(counts.dropped)
        assert world.facts.get("scene.deepest_contact_m", 0.0) <= 0.0005
        for view in range(min(2, scene.file.frames_per_world)):
            spec = sampler.frame(index * scene.file.frames_per_world + view, world)
            assert spec.facts["camera.redrawn"] < 64
    assert dropped <= share * requested
