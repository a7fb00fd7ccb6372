"""What a person is told when settings name nothing, or objects cannot fit."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import pytest

from simgen.errors import AssetError, SceneFileError
from simgen.sampling.freeze import _check_categories
from simgen.sampling.sampler import Sampler

PARTS = "  prts: {asset: box, category: part, count: 2, size_m: [0.05, 0.05, 0.05]}\n"
SPARE = "  spare: {asset: box, category: part, count: 0}\n"


def scene(objects: str, settings: str = "placement: upright", more: str = "") -> str:
    return f"scene: {{type: tabletop, {settings}}}\nobjects:\n{objects}{more}"


def painted(settings: str) -> str:
    return scene(
        PARTS + SPARE,
        more=f"randomizers:\n  m: {{kind: materials, material: {{}}, {settings}}}\n",
    )


@pytest.mark.parametrize(
    ("settings", "where", "what", "cure"),
    [
        ("targets: [parts]", "targets", "no 'parts' in the scene", "did you mean 'prts'?"),
        ("targets: [x]", "targets", "no 'x' in", "known: prts, spare, scene.table"),
        ("targets: [scene.tabel]", "targets", "no 'scene.tabel'", "'scene.table'"),
        ("slots: [bdy]", "slots", "none of the 2 targeted .* slot 'bdy'", "'body'"),
        ("targets: [prts, y], probability: 0", "targets", "no 'y'", "known"),
    ],
)
def test_unknown_targets_and_slots(
    make_sampler: Callable[..., Sampler], settings: str, where: str, what: str, cure: str
) -> None:
    sampler = make_sampler(painted(settings))
    with pytest.raises(SceneFileError, match=what) as caught:
        sampler.world(0)
    fault = caught.value.faults[0]
    assert fault.where.startswith("scene.yaml:")
    assert fault.where.endswith(f" randomizers.m.{where}")
    assert cure in fault.cure


@pytest.mark.parametrize(
    "settings",
    ["targets: [spare]", "targets: [spare], slots: [lid]", "targets: [scene.table]", "slots: []"],
)
def test_what_is_empty_in_this_world_is_no_fault(
    make_sampler: Callable[..., Sampler], settings: str
) -> None:
    assert make_sampler(painted(settings)).world(0).instances


def test_unknown_collection_in_a_placement_map(make_sampler: Callable[..., Sampler]) -> None:
    sampler = make_sampler(scene(PARTS, "placement: {parts: drop}"))
    with pytest.raises(SceneFileError, match="there is no collection 'parts'") as caught:
        sampler.world(0)
    assert caught.value.faults[0].where.endswith("scene.placement.parts")
    assert "'prts'" in caught.value.faults[0].cure


@pytest.mark.parametrize("mode", ["scatter", "fan", "stack"])
def test_thick_plates(make_sampler: Callable[..., Sampler], mode: str) -> None:
    with pytest.raises(SceneFileError) as caught:
        make_sampler(scene(PARTS, f"placement: {mode}")).world(0)
    fault = caught.value.faults[0]
    for part in ("prts.0", "50.00 mm thick", mode, "at most 2 mm"):
        assert part in fault.what
    assert "drop, upright or grid" in fault.cure
    assert fault.where.endswith("objects.prts")


@pytest.mark.parametrize(
    ("mode", "size", "reason"),
    [
        ("upright", "[3, 3, 0.1]", "larger than the table (3.00 x 3.00 m on 1.60 x 1.20 m)"),
        ("grid", "[3, 3, 0.1]", "larger than the table (3.00 x 3.00 m on 1.60 x 1.20 m)"),
        ("scatter", "[3, 3, 0.001]", "larger than the table (3.00 x 3.00 m on 1.60 x 1.20 m)"),
        ("upright", "[0.1, 0.1, 3]", "taller than the scene (3.00 m; it reaches up to 1.17 m)"),
        ("drop", "[3, 3, 3]", "larger than the scene (3.00 m long; at most 2.33 m)"),
    ],
)
def test_what_cannot_fit_is_dropped_with_its_size(
    make_sampler: Callable[..., Sampler], mode: str, size: str, reason: str
) -> None:
    small = "  small: {asset: box, category: part, count: 1, size_m: [0.05, 0.05, 0.05]}\n"
    thin = "  small: {asset: box, category: part, count: 1, size_m: [0.05, 0.05, 0.001]}\n"
    huge = f"  huge: {{asset: box, category: part, count: 1, size_m: {size}}}\n"
    objects = huge + (thin if mode == "scatter" else small)
    settings = f"placement: {mode}, max_tries: 3"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts = make_sampler(scene(objects, settings)).world(0).counts
    assert (counts.placed, len(counts.dropped)) == (1, 1)
    assert counts.dropped[0].startswith(f"huge.0: {reason}")


def test_a_long_rod_may_lie_across_the_table(make_sampler: Callable[..., Sampler]) -> None:
    rod = "  rod: {asset: box, category: part, count: 1, size_m: [1.75, 0.01, 0.01]}\n"
    settings = "placement: upright, max_tries: 1000"
    assert make_sampler(scene(rod, settings)).world(0).counts.placed == 1


@pytest.mark.parametrize(
    ("settings", "error", "where", "what"),
    [
        ("size_m: [1.0e300, 1, 1]", AssetError, "objects.prts", "1e\\+300 x 1 x 1 m large"),
        ("scale: 1.0e300", SceneFileError, "objects.prts.scale", "long at scale 1e\\+300"),
        ("scale: 1.0e-9", SceneFileError, "objects.prts.scale", "1e-10 m long"),
    ],
)
def test_absurd_sizes(
    make_sampler: Callable[..., Sampler],
    settings: str,
    error: type[Exception],
    where: str,
    what: str,
) -> None:
    sampler = make_sampler(scene(f"  prts: {{asset: box, category: part, {settings}}}\n"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error, match=what) as caught:
            sampler.world(0)
    assert where in str(caught.value)


@pytest.mark.parametrize("text", ["flying, size_m: 1.0e+300", "tabletop, table_size_m: [1e9, 1]"])
def test_absurd_scenes(make_sampler: Callable[..., Sampler], text: str) -> None:
    with pytest.raises(SceneFileError, match=r"the scene reaches .* m from its origin"):
        make_sampler(f"scene: {{type: {text}}}\nobjects:\n{PARTS}")


def test_what_reaches_out_says_how_far(make_sampler: Callable[..., Sampler]) -> None:
    cube = "  cube: {asset: box, category: part, count: 1, size_m: [1, 1, 1]}\n"
    (row,) = make_sampler(scene(cube, "placement: drop")).world(0).counts.dropped
    # Wherever it lies, a corner of its top is at least sqrt(1.5) m away.
    assert row.startswith("cube.0: reaches out of the scene (")
    assert row.endswith(" m from its middle, limit 1.17 m)")


@pytest.mark.parametrize(
    ("category", "what", "cure"),
    [
        ("prt", "prts.0 would be a 'prt', which is not in `categories`", "mean 'part'"),
        ("", "the category of prts.0 is empty; its attributes: {'name': 'box'}", "category: null"),
    ],
)
def test_a_category_that_is_not_listed(
    make_sampler: Callable[..., Sampler], category: str, what: str, cure: str
) -> None:
    # The gate refuses what it can foresee; a plugin's states may still surprise.
    sampler = make_sampler(scene(PARTS))
    things = [replace(sampler.world(0).instances[0], category=category)]
    with pytest.raises(SceneFileError) as caught:
        _check_categories(things, sampler._scene)
    fault = caught.value.faults[0]
    assert fault.where.startswith("scene.yaml:")
    assert fault.where.endswith("objects.prts.category")
    assert fault.what == what
    assert cure in fault.cure


def test_flying_dice_carry_a_label_only_if_a_face_is_level(
    make_sampler: Callable[..., Sampler],
) -> None:
    sampler = make_sampler(
        "scene: {type: flying}\nobjects:\n  d: {asset: die, category: '{top}', count: 30}\n"
    )
    things = [thing for index in range(8) for thing in sampler.world(index).instances]
    for thing in things:
        level = float(abs(thing.pose.rotation()[2]).max()) >= 0.9397  # cos 20 degrees
        assert (thing.category is not None) == level
        assert thing.category == thing.states.get("top")
    # Six caps of 20 degrees cover 18 % of the sphere.
    share = sum(thing.category is not None for thing in things) / len(things)
    assert 0.08 < share < 0.28
