"""Layouts: drawing, the file, who takes which place, where it lies and what the camera shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgen.errors import DataError, SceneFileError
from simgen.records.serial import to_json
from simgen.records.world import World
from simgen.sampling.layouts.drawing import draw_layout
from simgen.sampling.layouts.file import layout_text, read_layout
from simgen.sampling.layouts.model import (
    ClassLaw,
    Copula,
    Counts,
    LayoutLaw,
    Margin,
    ObjectLaw,
)
from simgen.sampling.layouts.spacing import spaced, spacing_of
from simgen.sampling.placing.toppling import toppled
from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream

MakeSampler = Callable[..., Sampler]
SCENE = """
scene: {type: tabletop, placement: PLACE, beyond: none, table_size_m: [2, 2]}
objects:
  mug: {asset: box, count: 8, size_m: [0.05, 0.05, 0.05], category: mug}
  tin: {asset: box, count: 8, size_m: [0.03, 0.03, 0.03], category: tin}
  junk: {asset: box, count: 2, size_m: [0.02, 0.02, 0.02], category: null}
randomizers: {real: {kind: layout, path: layout.json MORE}}
camera: {elevation_deg: {uniform: [50, 90]}, roll_deg: {uniform: [-180, 180]}, fov_deg: 50}
render: {size: [640, 480]}
"""


def identity(size: int) -> Copula:
    return Copula(tuple(tuple(float(i == j) for j in range(size)) for i in range(size)))


def law_of(mugs: int, tins: int) -> LayoutLaw:
    """Fixed counts; sizes 0.08 and 0.06 of the picture, spread over most of it, well apart."""
    place = Margin((-1.2, 0.0, 1.2))
    law = ObjectLaw((Margin((0.0, 0.0)), place, place, Margin((2.0, 3.0))), identity(4))

    def exactly(number: int) -> Counts:
        return Counts((*[0.0] * number, 1.0))

    return LayoutLaw(
        20,
        100,
        "made by hand",
        exactly(mugs + tins),
        (
            ClassLaw("mug", 50, exactly(mugs), float(np.log(0.08)), 0.5, 0.5),
            ClassLaw("tin", 50, exactly(tins), float(np.log(0.06)), 0.5, 0.5),
        ),
        (Margin((0.0, 0.0)), Margin((0.0, 0.0)), Margin((0.0, 0.0)), Margin((0.22, 0.25))),
        identity(7),
        law,
        (0.01, 0.5),
        (0.1, 0.9),
        (0.1, 0.9),
    )


@pytest.fixture
def sampler_of(make_sampler: MakeSampler, tmp_path: Path) -> Callable[..., Sampler]:
    def make(law: LayoutLaw, more: str = "", place: str = "drop", seed: int = 0) -> Sampler:
        (tmp_path / "layout.json").write_text(layout_text(law))
        text = SCENE.replace("MORE", more and f", {more}").replace("PLACE", place)
        return make_sampler(text, seed)

    return make


def named(world: World, key: str) -> list[str]:
    return [thing.name for thing in world.objects if thing.collection == key]


@pytest.mark.parametrize("place", ["drop", "upright", "grid"])
def test_objects_are_as_many_and_lie_where_the_layout_has_them(sampler_of, place: str):
    law = law_of(3, 2)
    sampler = sampler_of(law, place=place)
    for index in range(4):
        world = sampler.world(index)
        assert len(named(world, "mug")) == 3
        assert len(named(world, "tin")) == 2
        assert place == "grid" or len(named(world, "junk")) == 2  # not ruled by the layout
        camera = sampler.frame(index, world).camera
        rng = KeyedStream(0, "world", index, "randomizers.real.draw")
        wishes = {(w.category, w.across * 640, w.down * 480) for w in draw_layout(law, rng, 4 / 3)}
        for thing in world.objects:
            if thing.collection in ("mug", "tin"):
                pixel = camera.intrinsics.project(camera.to_camera(thing.pose.apply([0, 0, 0])))
                near = min(wishes, key=lambda w: float(np.hypot(*(pixel - w[1:]))))
                assert near[0] == thing.collection
                assert np.hypot(*(pixel - near[1:])) < 12  # of 640: perspective, small shifts
                wishes.remove(near)


@pytest.mark.parametrize("elevation", [90, 60])
def test_the_camera_gives_the_median_object_its_size(
    make_sampler: MakeSampler, tmp_path: Path, elevation: int
):
    (tmp_path / "layout.json").write_text(layout_text(law_of(5, 0)))
    text = SCENE.replace("MORE", "").replace("PLACE", "drop")
    sampler = make_sampler(text.replace("{uniform: [50, 90]}", str(elevation)))
    sizes = []
    for index in range(20):
        world = sampler.world(index)
        camera = sampler.frame(index, world).camera
        for thing in world.objects:
            if thing.collection == "mug":
                corners = thing.pose.apply(0.025 * np.array(np.meshgrid(*[[-1, 1]] * 3)).T
                                           .reshape(-1, 3))  # fmt: skip
                sides = np.ptp(camera.intrinsics.project(camera.to_camera(corners)), axis=0)
                sizes.append(np.sqrt(sides.prod() / (640 * 480)))
    assert np.median(sizes) == pytest.approx(0.08, rel=0.05)


def test_objects_are_scaled_only_when_asked_to(sampler_of):
    law = law_of(3, 3)
    plain = sampler_of(law).world(0)
    assert {thing.scale for thing in plain.objects} == {1.0}
    scaled = sampler_of(law, "resize: 1").world(0)
    scale = {key: next(t.scale for t in scaled.objects if t.collection == key)
             for key in ("mug", "tin", "junk")}  # fmt: skip
    assert scale["mug"] * 0.05 / (scale["tin"] * 0.03) == pytest.approx(0.08 / 0.06, rel=0.05)
    assert scale["junk"] == 1.0


def test_the_same_seed_gives_the_same_worlds_in_any_order(sampler_of):
    law = law_of(3, 2)
    first = [to_json(sampler_of(law).world(index)) for index in (0, 1, 2)]
    assert [to_json(sampler_of(law).world(index)) for index in (2, 1, 0)] == first[::-1]
    assert to_json(sampler_of(law, seed=1).world(0)) != first[0]


def test_what_is_lacking_is_counted(sampler_of):
    facts = sampler_of(law_of(3, 2), "objects: {tin: ~}").world(0).facts
    assert facts["randomizers.real.wanted"] == 3
    world = sampler_of(law_of(12, 2)).world(0)
    assert len(named(world, "mug")) == 8
    assert world.facts["randomizers.real.lacking"] == 4


def test_one_asset_can_stand_for_a_category(sampler_of):
    world = sampler_of(law_of(2, 3), "objects: {mug: mug/box, tin: mug}").world(0)
    assert len(named(world, "mug")) == 5
    assert len(named(world, "tin")) == 8  # nobody's: not ruled


def test_one_value_of_an_attribute_can_stand_for_a_category(make_sampler, tmp_path: Path):
    (tmp_path / "layout.json").write_text(layout_text(law_of(2, 0)))
    text = SCENE.replace("MORE", ", objects: {mug: mug/red}").replace("PLACE", "drop")
    text = text.replace(
        "category: mug", "category: mug, attributes: {color: {choice: [red, blue]}}"
    )
    world = make_sampler(text).world(0)
    mugs = [thing for thing in world.objects if thing.collection == "mug"]
    assert [thing.attributes["color"] for thing in mugs] == ["red", "red"]


def test_without_a_probability_nothing_changes(sampler_of, make_sampler: MakeSampler):
    world = sampler_of(law_of(3, 2), "probability: 0").world(0)
    text = SCENE[: SCENE.index("randomizers")] + SCENE[SCENE.index("camera") :]
    plain = make_sampler(text.replace("PLACE", "drop")).world(0)
    assert to_json(replace(world, facts={})) == to_json(replace(plain, facts={}))
    assert world.framing is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("objects: {cup: mug}", "no category 'cup'"),
        ("objects: {mug: mugs}", "did you mean 'mug'"),
        ("objects: {'*': nothing}", "no collection 'nothing'"),
        ("objects: {mug: mug, tin: tin, '*': nothing}", "no collection 'nothing'"),
    ],
)
def test_wrong_mappings_are_told(sampler_of, more: str, said: str):
    law = law_of(3, 2)
    with pytest.raises(SceneFileError, match=said) as caught:
        sampler_of(law, more).world(0)
    assert "scene.yaml:" in caught.value.faults[0].where


def test_a_category_without_objects_is_told_with_the_cure(sampler_of):
    law = law_of(3, 2)
    odd = replace(law, classes=(replace(law.classes[0], name="elephant"), law.classes[1]))
    with pytest.raises(SceneFileError, match="'elephant'") as caught:
        sampler_of(odd).world(0)
    assert "COLLECTION" in caught.value.faults[0].cure
    assert sampler_of(odd, "objects: {elephant: mug}").world(0)


def test_scene_types_that_place_themselves_are_refused(make_sampler: MakeSampler, tmp_path: Path):
    (tmp_path / "layout.json").write_text(layout_text(law_of(3, 2)))
    text = SCENE.replace("MORE", "").replace(
        "{type: tabletop, placement: PLACE, beyond: none, table_size_m: [2, 2]}", "{type: flying}"
    )
    with pytest.raises(SceneFileError, match="flying gives none"):
        make_sampler(text).world(0)


DAMAGES = {
    "not JSON": lambda d: None,
    "no file of a layout": lambda d: d.pop("simgen_layout"),
    "expected version 1": lambda d: d.update(simgen_layout=2),
    "damaged: Expected": lambda d: d["classes"][0].update(log_size="big"),
    "shares of total": lambda d: d["total"].update(shares=[0.5]),
    "quantiles of picture.spread": lambda d: d["picture"][3].update(quantiles=[2.0, 1.0]),
    "correlation of copula is not 7 x 7": lambda d: d["copula"].update(correlation=[[1.0]]),
    "positive definite": lambda d: d["law"]["copula"]["correlation"][0].__setitem__(1, 3.0),
    "there are no classes": lambda d: d.update(classes=[]),
    "mean of .* is no number": lambda d: d["classes"][0].update(across=float("nan")),
    "across is not from small": lambda d: d.update(across=[0.5, 0.4]),
}


@pytest.mark.parametrize("said", DAMAGES)
def test_damaged_files_are_told(sampler_of, tmp_path: Path, said: str):
    sampler = sampler_of(law_of(3, 2))
    data = json.loads((tmp_path / "layout.json").read_text())
    DAMAGES[said](data)
    text = "{" if said == "not JSON" else json.dumps(data)
    (tmp_path / "layout.json").write_text(text)
    with pytest.raises(DataError, match=said):
        read_layout(tmp_path / "layout.json")
    with pytest.raises(SceneFileError, match=said) as caught:
        sampler.world(0)
    assert "randomizers.real.path" in caught.value.faults[0].where
    assert caught.value.faults[0].cure


def test_a_law_survives_its_file(tmp_path: Path):
    path = tmp_path / "layout.json"
    # Middles of boxes that reach over the picture's edge may lie outside it.
    path.write_text(layout_text(replace(law_of(3, 2), across=(-0.1, 1.1))))
    once = read_layout(path)
    assert once.across == (-0.1, 1.1)
    path.write_text(layout_text(once))
    assert read_layout(path) == once


def test_wanted_spacing_is_approached_without_a_draw():
    rng = np.random.default_rng(0)
    places, sizes = rng.random((12, 2)), np.full(12, 0.05)
    low, high = np.zeros(2), np.ones(2)
    wanted = np.full(12, 2.0)
    found = spacing_of(spaced(places, sizes, wanted, low, high), sizes)
    assert abs(np.median(found) - 2.0) < 0.1
    same = spaced(np.full((4, 2), 0.5), np.full(4, 0.1), np.full(4, 1.5), low, high)
    assert spacing_of(same, np.full(4, 0.1)).min() > 0.9  # what lies on one point comes apart
    assert np.isinf(spacing_of(places[:1], sizes[:1])).all()


def test_boxes_topple_onto_faces_as_their_solid_angles_say():
    corners = np.array([[x, y, z] for x in (0, 0.03) for y in (0, 0.02) for z in (0, 0.01)])
    heights = []
    for number in range(600):
        pose = toppled(corners, KeyedStream(0, "world", number, "turn").rotation())
        points = pose.apply(corners)
        assert points[:, 2].min() == pytest.approx(0, abs=1e-9)
        assert np.allclose(points[:, :2].min(axis=0), -points[:, :2].max(axis=0), atol=1e-9)
        heights.append(round(float(np.ptp(points[:, 2])), 4))
    shares = {height: heights.count(height) / 600 for height in (0.01, 0.02, 0.03)}
    assert sum(shares.values()) == 1  # never on an edge
    assert shares[0.01] > shares[0.02] > shares[0.03]


def test_a_bevelled_edge_and_a_sheet_do_not_stand():
    a, b = 0.008, 0.0074  # a die with bevels of 0.6 mm
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    die = np.concatenate([signs * side for side in ([a, b, b], [b, a, b], [b, b, a])])
    sheet = np.array([[0, 0, 0], [0.06, 0, 0], [0.06, 0.09, 0], [0, 0.09, 0]], np.float64)
    for number in range(100):
        turn = KeyedStream(1, "world", number, "turn").rotation()
        assert np.ptp(toppled(die, turn).apply(die)[:, 2]) == pytest.approx(2 * a, abs=1e-9)
        assert np.ptp(toppled(sheet, turn).apply(sheet)[:, 2]) < 1e-6
