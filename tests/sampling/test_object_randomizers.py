"""Randomizers that run before anything is placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from simgen.errors import SceneFileError, WorkError
from simgen.records.deformation import Deformation
from simgen.records.serial import from_json, to_json
from simgen.records.world import AssetRef, Draft, DraftObject, World
from simgen.sampling.randomizers.deform import Bend, BendParams, Twist, TwistParams
from simgen.sampling.randomizers.density import Density, DensityParams
from simgen.sampling.randomizers.distractors import Distractors, DistractorsParams
from simgen.sampling.randomizers.scale import Scale, ScaleParams
from simgen.sampling.sampler import Sampler
from simgen.sampling.stages import prepared
from simgen.sampling.streams import KeyedStream

Make = Callable[..., Sampler]
REF = AssetRef("box", "objects.a", "box", {"size_m": [0.1, 0.02, 0.02]}, "0")
DRAFT = Draft(
    tuple(DraftObject("a", n, REF) for n in range(6))
    + tuple(DraftObject("junk", n, REF, "distractor") for n in range(30)),
    collections=("a", "junk"),
)
SCENE = """
scene: {type: tabletop, placement: PLACEMENT}
objects:
  bars: {asset: box, category: bar, count: 3, size_m: [0.12, 0.03, 0.02]}
  junk: {asset: box, category: null, count: 4, size_m: [0.02, 0.02, 0.02]}
randomizers:
  sized: {kind: scale, targets: [bars]}
  bent: {kind: bend, targets: [bars]}
  turned: {kind: twist, targets: [bars]}
  fewer: {kind: density, targets: [junk], keep: 0.5}
  clutter: {kind: distractors, count: 3, size_m: 0.03}
"""


def stream(name: str = "randomizers.x") -> KeyedStream:
    return KeyedStream(0, "world", 3, name)


def test_nothing_to_do_changes_nothing() -> None:
    identities = [
        (Scale(), ScaleParams(factor=1.0)),
        (Bend(), BendParams(angle_deg=0)),
        (Twist(), TwistParams(angle_deg=0)),
        (Density(), DensityParams(keep=1)),
        (Distractors(), DistractorsParams(count=0)),
        (Scale(), ScaleParams(probability=0)),
    ]
    for plugin, params in identities:
        assert replace(plugin.apply(DRAFT, params, stream()), facts={}) == DRAFT


def test_bends_and_twists_add_up_in_order() -> None:
    bent = Bend().apply(DRAFT, BendParams(angle_deg=20, axis="x"), stream())
    both = Twist().apply(bent, TwistParams(angle_deg=-10), stream())
    assert both.objects[0].asset.shape == (
        Deformation("bend", 20, "x"),
        Deformation("twist", -10),
    )
    assert both.objects[0].asset.digest == ""


def test_density_thins_what_has_no_label_and_is_nested() -> None:
    names = []
    for keep in (0.2, 0.5, 0.9):
        thin = Density().apply(DRAFT, DensityParams(keep=keep), stream())
        assert thin.facts["keep"] == keep
        assert sum(t.collection == "a" for t in thin.objects) == 6
        names.append({t.name for t in thin.objects})
    assert names[0] < names[1] < names[2]
    labelled = Density().apply(DRAFT, DensityParams(keep=0, targets=["a"]), stream())
    assert {t.collection for t in labelled.objects} == {"junk"}
    with pytest.raises(SceneFileError, match="did you mean 'junk'"):
        Density().apply(DRAFT, DensityParams(targets=["junks"]), stream())


@pytest.mark.parametrize("placement", ["drop", "upright", "grid"])
def test_worlds_hold_what_randomizers_made_of_the_objects(
    make_sampler: Make, placement: str
) -> None:
    sampler = make_sampler(SCENE.replace("PLACEMENT", placement))
    world = sampler.world(0)
    assert from_json(World, to_json(world)) == world
    bars = [t for t in world.objects if t.collection == "bars"]
    assert {len(t.asset.shape or ()) for t in bars} == {2}
    assert len({t.scale for t in bars}) == 3
    clutter = [t for t in world.objects if t.collection == "randomizers.clutter"]
    assert len(clutter) == 3
    assert all(t.role == "distractor" and t.category is None and t.id > 0 for t in clutter)
    assert all(t.asset.collection == "randomizers.clutter" and t.asset.digest for t in clutter)
    assert min(t.id for t in clutter) > max(t.id for t in bars)
    counts = world.counts
    assert counts.requested == counts.placed + len(counts.dropped)
    assert world.facts["randomizers.clutter.count"] == 3
    assert world.facts["randomizers.fewer.keep"] == 0.5
    library = sampler._shapes._library
    assert library.asset(bars[0].asset).mesh.rest_m is not None


def test_clutter_stands_beside_plates(make_sampler: Make) -> None:
    text = """
scene: {type: tabletop, placement: scatter}
objects: {cards: {asset: card, category: card, count: 2}}
randomizers: {clutter: {kind: distractors, count: 2}}
"""
    world = make_sampler(text).world(0)
    assert sum(t.collection == "randomizers.clutter" for t in world.objects) == 2
    flying = make_sampler(text.replace("tabletop, placement: scatter", "flying")).world(0)
    assert flying.counts.requested == 4


def test_a_randomizer_may_not_break_the_law_of_its_stage(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE.replace("PLACEMENT", "drop"))
    alien = Draft((DraftObject("alien", 0, REF),))
    with pytest.raises(WorkError, match="added it with a label"):
        prepared(alien, sampler._scene, sampler._shapes)


def test_objects_scaled_out_of_reach_are_refused(make_sampler: Make) -> None:
    text = SCENE.replace("PLACEMENT", "drop").replace("{kind: scale,", "{kind: scale, factor: 1e6,")
    with pytest.raises(SceneFileError, match="m long at scale"):
        make_sampler(text).world(0)
