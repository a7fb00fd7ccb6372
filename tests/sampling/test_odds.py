"""Odds: shares hold block by block, nothing else moves, every world stands alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream

Make = Callable[..., Sampler]
SCENE = """
scene: {type: flying, size_m: 1.0}
objects:
  bricks:
    asset: box
    count: 3
    category: "{color}"
    attributes: {color: {weighted: {red: 10, blue: 1, green: 1}}, side: {choice: [a, b]}}
    material: {by: color, of: {red: {color: "#ff0000"}, blue: {color: "#0000ff"}, green: {}}}
    size_m: [{uniform: [0.02, 0.05]}, 0.04, 0.04]
    scale: {uniform: [0.5, 1.5]}
"""
WEIGHED = SCENE.replace("    size_m", "    odds: {red: 0.4, blue: 4, green: 4}\n    size_m")


def test_shares_follow_the_odds_and_hold_in_every_block(make_sampler: Make) -> None:
    sampler = make_sampler(WEIGHED)
    for start in (0, 64):
        worlds = [sampler.drawn(i) for i in range(start, start + 32)]
        for index in range(3):
            colors = Counter(world[index].thing.attributes["color"] for world in worlds)
            # 10 x 0.4 to 4 to 4: a third each, so of 32 worlds 10 or 11, up to the ends' halves
            assert all(9 <= colors[name] <= 12 for name in ("red", "blue", "green")), colors


def test_materials_follow_the_attribute_that_was_decided(make_sampler: Make) -> None:
    sampler = make_sampler(WEIGHED)
    for index in range(12):
        for drawn in sampler.drawn(index):
            red = drawn.thing.materials["*"].base_color == (1.0, 0.0, 0.0)
            assert red == (drawn.thing.attributes["color"] == "red")


def test_odds_move_no_other_draw(make_sampler: Make) -> None:
    plain, weighed = make_sampler(SCENE), make_sampler(WEIGHED)
    for index in range(8):
        for a, b in zip(plain.drawn(index), weighed.drawn(index), strict=True):
            assert a.thing.scale == b.thing.scale
            assert a.thing.asset == b.thing.asset
            assert a.thing.attributes["side"] == b.thing.attributes["side"]


def test_objects_of_a_world_are_drawn_independently(make_sampler: Make) -> None:
    sampler = make_sampler(WEIGHED)
    pairs = Counter(
        tuple(d.thing.attributes["color"] for d in sampler.drawn(i)[:2]) for i in range(144)
    )
    assert len(pairs) == 9
    assert min(pairs.values()) > 5  # 16 expected of each


def test_never_is_never(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE.replace("    size_m", "    odds: {red: 0}\n    size_m"))
    seen = {d.thing.attributes["color"] for i in range(40) for d in sampler.drawn(i)}
    assert seen == {"blue", "green"}


def test_spread_numbers_need_no_other_index() -> None:
    alone = [KeyedStream(7, "world", i, "x").spread() for i in (40, 3, 33)]
    again = [KeyedStream(7, "world", i, "x").spread() for i in (33, 40, 3)]
    assert alone == [again[1], again[2], again[0]]
    block = sorted(int(32 * KeyedStream(7, "world", i, "x").spread()) for i in range(32, 64))
    assert block == list(range(32))


def test_the_ledger_holds_what_was_drawn(make_sampler: Make) -> None:
    world = make_sampler(SCENE + "randomizers: {lamps: {kind: lights}}\n").world(3)
    assert world.drawn is not None
    for thing in world.objects:
        name = f"objects.{thing.name}"
        assert world.drawn[f"{name}.scale"] == thing.scale
        assert world.drawn[f"{name}.params.size_m.0"] == thing.asset.params["size_m"][0]
        which = world.drawn[f"{name}.attributes.color"]
        assert ("red", "blue", "green")[which] == thing.attributes["color"]
    lamps = world.facts["randomizers.lamps.count"]
    assert world.drawn["randomizers.lamps.count"] == lamps
    assert f"randomizers.lamps.light{lamps - 1}.temperature_k" in world.drawn


def test_counts_of_balanced_scenes_are_spread(make_sampler: Make) -> None:
    rare = SCENE.replace("count: 3", "count: {weighted: {0: 8, 1: 5, 2: 3}}")
    sampler = make_sampler(rare + "balance: {classes: uniform}\n")
    for start in (0, 96):
        counts = Counter(len(sampler.drawn(i)) for i in range(start, start + 32))
        assert counts == {0: 16, 1: 10, 2: 6}
    world = sampler.world(5)
    assert (world.drawn or {})["objects.bricks.count"] == len(sampler.drawn(5))
