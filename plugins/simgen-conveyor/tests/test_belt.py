"""Things on the belt: in lanes, apart, on top of it, moving."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simgen.assets.library import AssetLibrary
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.records.world import World
from simgen.sampling.sampler import Sampler
from simgen.spec.document import parse_document

PROJECT = Path(__file__).parents[1]
SCENE = """
simgen: 1
scene: {type: conveyor, belt_m: [2, 0.5], lanes: LANES, spacing_m: 0.05, drop: DROP, speed_m_s: 0.7}
objects:
  cans: {asset: can, count: 8}
"""


def worlds(tmp_path: Path, lanes: int, drop: float) -> list[World]:
    registry = Registry.installed((PROJECT,))
    path = tmp_path / "scene.yaml"
    text = SCENE.replace("LANES", str(lanes)).replace("DROP", str(drop))
    scene = scene_from(parse_document(text, str(path), tmp_path), path, registry)
    sampler = Sampler(scene, AssetLibrary(scene, registry, tmp_path / "cache"), 0)
    return [sampler.world(index) for index in range(4)]


def test_things_keep_their_distance_and_their_lane(tmp_path: Path) -> None:
    for world in worlds(tmp_path, lanes=2, drop=0):
        spots = np.array([thing.pose.position_m for thing in world.instances])
        assert len(spots) == 8
        assert np.allclose(spots[:, 2], 0, atol=1e-4)  # cans stand on the belt
        lanes = [np.sort(spots[side, 0]) for side in (spots[:, 1] < 0, spots[:, 1] > 0)]
        assert [len(lane) for lane in lanes] == [4, 4]
        for lane in lanes:
            assert np.diff(lane).min() > 0.05 + 0.05  # the distance and a slim can


def test_belt_and_things_move_and_the_machine_rests(tmp_path: Path) -> None:
    world = worlds(tmp_path, lanes=1, drop=0.5)[0]
    for thing in world.objects:
        moves = thing.collection in ("cans", "scene.belt")
        assert (thing.velocity is not None) == moves
        if thing.velocity is not None:
            assert thing.velocity.linear_m_s == (0.7, 0.0, 0.0)


def test_dropped_things_lie_on_the_belt_between_the_rails(tmp_path: Path) -> None:
    tilted = 0
    for world in worlds(tmp_path, lanes=1, drop=1):
        assert world.counts.placed + len(world.counts.dropped) == 8
        for thing in world.instances:
            x, y, z = thing.pose.position_m
            assert abs(x) < 1
            assert abs(y) < 0.25
            assert -0.001 < z < 0.2
            tilted += abs(thing.pose.rotation()[2, 2]) < 0.5
    assert tilted > 4
