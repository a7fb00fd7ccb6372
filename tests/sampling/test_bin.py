"""Bins: parts lie in the container, on something, in nothing; containers may carry labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from at_rest import bodies, gaps_m
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgen.assets.container import ContainerParams, cavity_of
from simgen.errors import SceneFileError
from simgen.records.serial import from_json, to_json
from simgen.records.world import World
from simgen.sampling.sampler import Sampler

Make = Callable[..., Sampler]
PARTS = """
objects:
  blocks: {asset: box, category: block, count: 9, size_m: [0.05, 0.02, 0.015]}
  balls:
    asset: primitive
    category: ball
    count: 6
    solid: {choice: [ball, capsule, cylinder]}
    size_m: [0.03, 0.03, 0.03]
  rods: {asset: primitive, category: null, count: 2, solid: cylinder, size_m: [0.008, 0.008, 0.15]}
"""


def scene(parts: str = PARTS, **written: object) -> str:
    rows = "".join(f", {name}: {value}" for name, value in written.items())
    return f"scene: {{type: bin{rows}}}{parts}"


def inside(sampler: Sampler, world: World) -> int:
    """How many things' middles lie in the cavity of the world's container."""
    [box] = [thing for thing in world.objects if thing.asset.plugin == "container"]
    room = cavity_of(ContainerParams.model_validate(box.asset.params))
    found = 0
    for thing in world.objects:
        if thing.asset.plugin not in ("container",) and thing.role != "support":
            hull = sampler._shapes.hull_m(thing.asset) * thing.scale
            cloud = box.pose.apply_inverse(thing.pose.apply(hull))
            middle = (cloud.min(axis=0) + cloud.max(axis=0)) / 2
            wide = np.maximum(room.bottom_m, room.top_m)
            found += bool((np.abs(middle[:2]) < wide / 2).all() and middle[2] > room.floor_m)
    return found


@pytest.mark.parametrize("kind", ["tote", "box", "crate"])
def test_parts_rest_in_the_container(make_sampler: Make, kind: str) -> None:
    sampler = make_sampler(scene(container=f"{{kind: {kind}}}"))
    world = sampler.world(1)
    assert world.counts.placed >= 16
    assert world.counts.placed + len(world.counts.dropped) == 17
    assert inside(sampler, world) == len(world.instances)
    gaps = gaps_m(bodies(sampler, world.objects))
    for thing in world.instances:
        nearest, deepest = gaps[thing.name]
        assert deepest < 0.0006
        assert nearest < 0.0015


def test_worlds_repeat_and_survive_json(make_sampler: Make) -> None:
    first, second = make_sampler(scene()), make_sampler(scene())
    one, two = first.world(2), second.world(2)
    assert to_json(one) == to_json(two)
    assert from_json(World, to_json(one)) == one
    kinds = {first.world(n).facts["scene.container"] for n in range(5)}
    assert len(kinds) > 1


def test_a_given_size_bounds_the_heap(make_sampler: Make) -> None:
    sampler = make_sampler(
        scene(container="{kind: box, size_m: [0.12, 0.1, 0.1]}", fill=0.4).replace("9", "40")
    )
    world = sampler.world(0)
    assert 0 < world.counts.placed < 48
    assert any(row.endswith("the container is full") for row in world.counts.dropped)
    low = make_sampler(
        scene(container="{kind: box, size_m: [0.12, 0.1, 0.1]}", fill=0.1).replace("9", "40")
    )
    assert low.world(0).counts.placed < world.counts.placed


def test_the_container_may_carry_a_label(make_sampler: Make) -> None:
    text = scene(PARTS + "  totes: {asset: container, category: tote, scale: 0.8}\n",
                 container="totes")  # fmt: skip
    sampler = make_sampler(text)
    world = sampler.world(0)
    [tote] = [thing for thing in world.instances if thing.category == "tote"]
    assert tote.id > 0
    assert not [t for t in world.objects if t.asset.plugin == "container" and t.role == "support"]
    assert inside(sampler, world) >= 16
    spec = sampler.frame(0, world)
    assert spec.camera.T_world_cam.position_m[2] > 0.1


def test_a_labelled_container_must_be_one(make_sampler: Make) -> None:
    with pytest.raises(SceneFileError, match="there is no collection 'tote'"):
        make_sampler(scene(container="tote")).world(0)
    with pytest.raises(SceneFileError, match="whose inside is not known"):
        make_sampler(scene(container="blocks")).world(0)


def test_empty_worlds_have_an_empty_container(make_sampler: Make) -> None:
    sampler = make_sampler(scene() + "empty_fraction: 0.99\n")
    world = sampler.world(0)
    assert world.facts["empty"]
    assert {t.role for t in world.instances} <= {"distractor"}
    assert sampler.frame(0, world).camera is not None


def test_one_part_more_moves_no_draw_of_the_others(make_sampler: Make) -> None:
    more = scene(
        PARTS + "  extra: {asset: box, category: x, count: 1, size_m: [0.02, 0.02, 0.02]}\n"
    )
    few, many = make_sampler(scene()).world(3), make_sampler(more).world(3)

    def drawn(world: World) -> dict[str, object]:
        return {k: v for k, v in (world.drawn or {}).items() if "extra" not in k}

    assert drawn(few) == drawn(many)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    count=st.integers(2, 12),
    fill=st.floats(0.05, 1.0),
    kind=st.sampled_from(["tote", "box", "crate"]),
    size=st.none() | st.tuples(*[st.floats(0.06, 0.3)] * 3),
    yaw=st.floats(-360, 360),
    index=st.integers(0, 100),
)
def test_any_bin_is_a_world(
    make_sampler: Make,
    count: int,
    fill: float,
    kind: str,
    size: tuple[float, float, float] | None,
    yaw: float,
    index: int,
) -> None:
    container = f"{{kind: {kind}{'' if size is None else f', size_m: {list(size)}'}}}"
    parts = f"""
objects:
  blocks: {{asset: box, category: block, count: {count}, size_m: [0.05, 0.02, 0.015]}}
"""
    sampler = make_sampler(scene(parts, container=container, fill=fill, yaw_deg=yaw))
    world = sampler.world(index)
    assert world.counts.requested == count == world.counts.placed + len(world.counts.dropped)
    assert inside(sampler, world) == world.counts.placed
    assert world.facts.get("scene.deepest_contact_m", 0.0) < 0.0005
