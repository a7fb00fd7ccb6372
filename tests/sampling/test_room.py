"""Rooms: things rest on surfaces at several heights, cameras inside see them, all repeats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from at_rest import bodies, gaps_m
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgen.records.serial import from_json, to_json
from simgen.records.world import World
from simgen.sampling.sampler import Sampler

Make = Callable[..., Sampler]
THINGS = """
objects:
  blocks: {asset: box, category: block, count: 8, size_m: [0.07, 0.05, 0.04]}
  tubes: {asset: primitive, category: tube, count: 6, solid: cylinder, size_m: [0.06, 0.06, 0.1]}
  junk: {asset: primitive, category: null, count: 4, solid: cone, size_m: [0.05, 0.05, 0.06]}
camera: {distance_m: {uniform: [0.6, 2.0]}, elevation_deg: {uniform: [5, 45]}}
views_per_world: 4
"""


def scene(things: str = THINGS, **written: object) -> str:
    rows = "".join(f", {name}: {value}" for name, value in written.items())
    return f"scene: {{type: room{rows}}}{things}"


@pytest.mark.parametrize("drop", [0, 1])
def test_things_rest_on_furniture_and_floor(make_sampler: Make, drop: int) -> None:
    sampler = make_sampler(scene(drop=drop))
    heights = set()
    for index in range(2):
        world = sampler.world(index)
        assert world.counts.requested == world.counts.placed + len(world.counts.dropped)
        assert world.counts.placed >= 16
        gaps = gaps_m(bodies(sampler, world.objects))
        for thing in world.instances:
            nearest, deepest = gaps[thing.name]
            assert deepest < 0.0006
            assert nearest < 0.0015
            heights.add(round(thing.pose.position_m[2], 1))
    assert len(heights) >= 4


def test_worlds_repeat_and_survive_json(make_sampler: Make) -> None:
    first, second = make_sampler(scene()).world(1), make_sampler(scene()).world(1)
    assert to_json(first) == to_json(second)
    assert from_json(World, to_json(first)) == first
    assert {light.name for light in first.lights} >= {"room.window0"}
    assert first.environment.kind == "sky"
    assert first.eyes_m is not None


def test_cameras_stand_inside_and_see(make_sampler: Make) -> None:
    """True rays: from the lens, some labelled thing is the first to be met."""
    sampler = make_sampler(scene())
    for index in range(2):
        world = sampler.world(index)
        found = bodies(sampler, world.objects)
        low, high = np.array(world.eyes_m)
        for frame in range(4 * index, 4 * index + 4):
            camera = sampler.frame(frame, world).camera
            eye = np.array(camera.T_world_cam.position_m)
            assert ((eye > low) & (eye < high)).all()
            seen = False
            for thing in world.instances:
                if thing.category is None:
                    continue
                [own] = [body for body in found if body.name == thing.name]
                local = camera.to_camera(own.points[::40])
                ahead = own.points[::40][local[:, 2] > 0]
                pixels = camera.intrinsics.project(camera.to_camera(ahead))
                size = (camera.intrinsics.width, camera.intrinsics.height)
                inside = ((pixels > 0) & (pixels < size)).all(axis=1)
                rays = ahead[inside] - eye
                hits = np.array([body.first_hit(eye, rays) for body in found])
                seen = seen or bool(
                    (hits.min(axis=0, initial=np.inf) >= own.first_hit(eye, rays) - 1e-4).any()
                )
            assert seen


def test_a_room_without_anything_to_rest_on_counts(make_sampler: Make) -> None:
    none = "{table: 0, chair: 0, shelf: 0, board: 0, cabinet: 0, stool: 0}"
    sampler = make_sampler(scene(furniture=none, rest_on="[table]"))
    counts = sampler.world(0).counts
    assert counts.placed == 0
    assert all(row.endswith("there is nothing to rest on") for row in counts.dropped)
    floor = make_sampler(scene(furniture=none, rest_on="[floor]")).world(0)
    assert floor.counts.placed == 18


def test_one_thing_more_moves_no_draw_of_the_others(make_sampler: Make) -> None:
    more = THINGS.replace("camera:", "  extra: {asset: box, category: x, count: 1}\ncamera:")
    few, many = make_sampler(scene()).world(2), make_sampler(scene(more)).world(2)

    def drawn(world: World) -> dict[str, object]:
        return {k: v for k, v in (world.drawn or {}).items() if "extra" not in k}

    assert drawn(few) == drawn(many)
    furniture = [(t.name, t.pose) for t in few.objects if t.role == "support"]
    assert furniture == [(t.name, t.pose) for t in many.objects if t.role == "support"]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    size=st.tuples(st.floats(2.0, 8.0), st.floats(2.0, 8.0), st.floats(2.0, 4.0)),
    table=st.integers(0, 3),
    chair=st.integers(0, 6),
    shelf=st.integers(0, 4),
    windows=st.integers(0, 4),
    lamps=st.integers(0, 3),
    ceiling=st.booleans(),
    drop=st.floats(0, 1),
    index=st.integers(0, 100),
)
def test_any_room_is_a_world(
    make_sampler: Make,
    size: tuple[float, float, float],
    table: int,
    chair: int,
    shelf: int,
    windows: int,
    lamps: int,
    ceiling: bool,
    drop: float,
    index: int,
) -> None:
    sampler = make_sampler(
        scene(
            size_m=list(size),
            furniture=f"{{table: {table}, chair: {chair}, shelf: {shelf}}}",
            light=f"{{windows: {windows}, lamps: {lamps}}}",
            ceiling=str(ceiling).lower(),
            drop=drop,
        )
    )
    world = sampler.world(index)
    assert world.counts.requested == world.counts.placed + len(world.counts.dropped)
    for thing in world.objects:
        if thing.role == "support" and thing.collection not in ("scene.room", "scene.lamp"):
            cloud = thing.pose.apply(sampler._shapes.hull_m(thing.asset))
            assert np.abs(cloud[:, 0]).max() <= size[0] / 2
            assert np.abs(cloud[:, 1]).max() <= size[1] / 2
            assert -0.001 < cloud[:, 2].min() < cloud[:, 2].max() < size[2]
