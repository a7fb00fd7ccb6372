import itertools
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from simgen.errors import SceneFileError
from simgen.records.world import World, WorldObject
from simgen.sampling.sampler import Sampler

BRICKS = "  bricks: {asset: box, category: brick, count: 9, size_m: [0.06, 0.04, 0.05]}\n"
CARDS = "  cards: {asset: box, category: card, count: 9, size_m: [0.063, 0.088, 0.0003]}\n"


def tabletop(objects: str, **settings: object) -> str:
    rows = "".join(f", {name}: {value}" for name, value in settings.items())
    return f"scene: {{type: tabletop{rows}}}\nobjects:\n{objects}"


def corners(sampler: Sampler, thing: WorldObject) -> NDArray[np.float64]:
    return thing.pose.apply(sampler._shapes.hull_m(thing.asset) * thing.scale)


def adds_up(world: World) -> bool:
    counts = world.counts
    return counts.requested == counts.placed + len(counts.dropped)


@pytest.mark.parametrize("placement", ["upright", "grid"])
def test_standing_objects_keep_their_distance(
    make_sampler: Callable[..., Sampler], placement: str
) -> None:
    sampler = make_sampler(tabletop(BRICKS, placement=placement, gap_m=0.01))
    world = sampler.world(0)
    assert len(world.instances) == 9
    clouds = [corners(sampler, thing) for thing in world.instances]
    for cloud in clouds:
        assert 0 < cloud[:, 2].min() < 0.0001
    prints = [shapely.MultiPoint(cloud[:, :2]).convex_hull for cloud in clouds]
    for a, b in itertools.combinations(prints, 2):
        assert a.distance(b) >= 0.01


def test_a_grid_without_jitter_is_regular(make_sampler: Callable[..., Sampler]) -> None:
    text = tabletop(BRICKS, placement="grid", yaw_deg="[0, 0]")
    places = np.array([t.pose.position_m for t in make_sampler(text).world(0).instances])
    for axis in (0, 1):
        levels = np.unique(np.round(places[:, axis], 6))
        assert len(levels) == 3
        assert np.diff(levels).std() < 1e-9


@pytest.mark.parametrize("placement", ["scatter", "fan", "stack"])
def test_thin_plates_lie_above_the_table(
    make_sampler: Callable[..., Sampler], placement: str
) -> None:
    sampler = make_sampler(tabletop(CARDS, placement=placement, face_down=0.5))
    for index in range(3):
        world = sampler.world(index)
        assert adds_up(world)
        assert len(world.instances) == 9
        assert min(corners(sampler, t)[:, 2].min() for t in world.instances) >= 0.00005
        downs = sum(t.pose.rotation()[2, 2] < 0 for t in world.instances)
        assert downs < 9


def test_a_fan_opens_about_one_pivot_in_order(make_sampler: Callable[..., Sampler]) -> None:
    still = {"jitter_m": 0, "jitter_deg": 0, "fan_step_deg": "[10, 10]"}
    world = make_sampler(tabletop(CARDS, placement="fan", **still)).world(0)
    rotations = [t.pose.rotation() for t in world.instances]
    angles = np.unwrap([np.arctan2(r[1, 0], r[0, 0]) for r in rotations])
    np.testing.assert_allclose(np.degrees(np.diff(angles)), -10, atol=0.1)
    places = np.array([t.pose.position_m for t in world.instances])
    ups = np.array([r[:2, 1] for r in rotations])
    step = places[1:, :2] - places[:-1, :2]
    arm = np.linalg.norm(step, axis=1) / (2 * np.sin(np.radians(5)))
    pivots = places[:, :2] - arm.mean() * ups
    assert np.abs(pivots - pivots.mean(axis=0)).max() < 0.0005
    assert bool((np.diff(places[:, 2]) > 0).all())


def test_thick_objects_cannot_be_scattered(make_sampler: Callable[..., Sampler]) -> None:
    with pytest.raises(SceneFileError, match=r"bricks.0 .* is 50.00 mm thick"):
        make_sampler(tabletop(BRICKS, placement="scatter")).world(0)


def test_placement_by_collection_and_its_misspelling(
    make_sampler: Callable[..., Sampler],
) -> None:
    both = tabletop(BRICKS + CARDS, placement="{bricks: upright, cards: scatter}")
    sampler = make_sampler(both)
    world = sampler.world(0)
    assert adds_up(world)
    prints = [
        shapely.MultiPoint(corners(sampler, t)[:, :2]).convex_hull
        for t in sorted(world.instances, key=lambda t: t.collection)
    ]
    for brick, card in itertools.product(prints[:9], prints[9:]):
        assert not brick.intersects(card)
    with pytest.raises(SceneFileError, match="did you mean 'bricks'"):
        make_sampler(tabletop(BRICKS, placement="{brick: upright}")).world(0)


def test_dropped_objects_lie_on_the_table(make_sampler: Callable[..., Sampler]) -> None:
    sampler = make_sampler(tabletop(BRICKS, placement="drop"))
    for index in range(3):
        world = sampler.world(index)
        assert adds_up(world)
        assert world.counts.placed >= 8
        assert world.facts["scene.deepest_contact_m"] < 0.0003
        for thing in world.instances:
            cloud = corners(sampler, thing)
            assert cloud[:, 2].min() > -0.0003
            assert np.abs(cloud.mean(axis=0)[:2]).max() < 0.8


def test_what_finds_no_place_is_counted(make_sampler: Callable[..., Sampler]) -> None:
    crowd = tabletop(BRICKS, placement="upright", area_m="[0.15, 0.15]", max_tries=5)
    counts = make_sampler(crowd).world(0).counts
    assert counts.dropped
    assert counts.requested == 9 == counts.placed + len(counts.dropped)
    assert all(row.endswith("no free place") for row in counts.dropped)
    assert counts.redrawn >= 5 * len(counts.dropped)
    small = tabletop(BRICKS, placement="drop", table_size_m="[0.07, 0.07]")
    fallen = make_sampler(small).world(0)
    assert adds_up(fallen)
    assert fallen.counts.dropped
    assert any("fell off" in row for row in fallen.counts.dropped)


@pytest.mark.parametrize("volume", ["ball", "box"])
def test_flying_objects_do_not_touch(make_sampler: Callable[..., Sampler], volume: str) -> None:
    from simgen.sampling.physics.contact import touching
    from simgen.sampling.physics.model import Body

    text = f"scene: {{type: flying, size_m: 0.15, volume: {volume}}}\nobjects:\n{BRICKS}"
    sampler = make_sampler(text)
    for index in range(3):
        world = sampler.world(index)
        assert adds_up(world)
        assert world.counts.placed >= 6
        bodies = [Body(t.name, (sampler._shapes.hull_m(t.asset),), t.pose) for t in world.instances]
        assert touching(bodies) == []
        reach = max(np.linalg.norm(corners(sampler, t), axis=1).max() for t in world.instances)
        assert reach <= world.radius_m


def test_too_large_for_the_volume_is_counted(make_sampler: Callable[..., Sampler]) -> None:
    counts = make_sampler(f"scene: {{type: flying, size_m: 0.04}}\nobjects:\n{BRICKS}").world(0)
    assert counts.counts.placed == 0
    assert all("larger than the volume" in row for row in counts.counts.dropped)


@pytest.mark.parametrize("kind", ["apple", "orange", "lemon"])
def test_round_fruit_lies_on_the_table_and_not_in_it(
    make_sampler: Callable[..., Sampler], kind: str
) -> None:
    scene = f"""
scene: {{type: tabletop, placement: drop}}
objects: {{fruit: {{asset: fruit, kinds: [{kind}], count: 6}}}}
"""
    counts = make_sampler(scene).world(0).counts
    assert counts.placed == 6
    assert counts.redrawn <= 2
