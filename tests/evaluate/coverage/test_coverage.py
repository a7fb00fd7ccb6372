"""Every setting finds its draws; rejection, missing ranges and redraws are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simgen.assets.library import AssetLibrary
from simgen.dataset.reader import Dataset
from simgen.errors import DataError
from simgen.evaluate.coverage.coverage import coverage
from simgen.evaluate.coverage.found import Found
from simgen.evaluate.coverage.judging import Covered, adjusted, judge, part_names
from simgen.evaluate.coverage.wanted import Setting, Wanted, wanted
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.replay import recorded_scene
from simgen.pipeline.run import render_dataset
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.sampling.sampler import Sampler
from simgen.spec.distributions import Distribution
from simgen.spec.document import parse_document

SCENE = """
simgen: 1
scene: {type: flying, size_m: 0.25, max_tries: 3}
objects:
  bricks:
    asset: box
    count: {weighted: {2: 1, 5: 3}}
    category: "{color}"
    attributes: {color: {weighted: {red: 3, blue: 1}}}
    size_m: [{uniform: [0.05, 0.4]}, 0.06, 0.04]
    material:
      by: color
      of:
        red: {roughness: {uniform: [0.1, 0.9]}}
        blue: {texture: {pattern: {choice: [noise, wood]}, tile_m: {loguniform: [0.01, 1]}}}
randomizers:
  lamps: {kind: lights}
  room: {kind: environment}
camera: {distance_m: {uniform: [0.4, 2]}, look_at: centre}
"""


def scene_of(text: str, folder: Path) -> Scene:
    document = parse_document(text, "s.yaml", folder)
    return scene_from(document, folder / "s.yaml", Registry.installed())


def settings(scene: Scene, worlds: int, folder: Path) -> tuple[dict[str, Covered], Found]:
    sampler = Sampler(scene, AssetLibrary(scene, Registry.installed(), folder / "cache"), 0)
    asked = wanted(scene)
    found = Found(asked)
    for index in range(worlds):
        world = sampler.world(index)
        found.add_world(world)
        found.add_frame(sampler.frame(index, world).drawn or {}, chosen=False)
    return dict(_judged(asked, found)), found


def _judged(asked: Wanted, found: Found) -> Iterator[tuple[str, Covered]]:
    every = []
    for setting in asked.settings:
        by_part = {v.part: v for v in found.of(setting)}
        every += [judge(setting, by_part.get(part), part) for part in part_names(setting)]
    for one in adjusted([one for one in every if one is not None]):
        yield f"{one.section}.{one.name}", one


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Covered], Found]:
    """120 worlds of the scene above, whose longest bricks find no place."""
    folder = tmp_path_factory.mktemp("coverage")
    return settings(scene_of(SCENE, folder), 120, folder)


def test_every_setting_finds_its_draws(drawn: tuple[dict[str, Covered], Found]) -> None:
    found, values = drawn
    assert not values.unknown
    silent = [name for name, one in found.items() if one.values == 0]
    assert not silent
    assert {
        "objects.bricks.count",
        "objects.bricks.attributes.color",
        "objects.bricks.size_m.0",
        "objects.bricks.material[color=red].roughness",
        "objects.bricks.material[color=blue].texture.tile_m",
        "randomizers.lamps.area_w",
        "randomizers.room.sky.turbidity",
        "camera.distance_m",
        "camera.azimuth_deg",
    } <= set(found)
    assert found["randomizers.lamps.count"].values == 120  # not once more for each lamp


def test_branches_are_judged_among_the_draws_that_took_them(
    drawn: tuple[dict[str, Covered], Found],
) -> None:
    found, _ = drawn
    red = found["objects.bricks.material[color=red].roughness"].values
    blue = found["objects.bricks.material[color=blue].texture.tile_m"].values
    assert red + blue == found["objects.bricks.attributes.color"].values
    assert red > 2 * blue
    pattern = found["objects.bricks.material[color=blue].texture.pattern"]
    assert [b.label for b in pattern.bins] == ["noise", "wood"]


def test_what_rejection_takes_away_is_found(drawn: tuple[dict[str, Covered], Found]) -> None:
    found, _ = drawn
    size = found["objects.bricks.size_m.0"]
    assert size.verdict == "shifted"
    assert size.p is not None
    assert size.p < 0.01
    count = found["objects.bricks.count"]
    assert count.verdict == "shifted"
    assert any("not asked for" in b.label for b in count.bins)  # 3 of 5 found a place
    shifted = {name for name, one in found.items() if one.verdict == "shifted"}
    assert shifted == {"objects.bricks.size_m.0", "objects.bricks.count"}


def test_a_range_that_never_comes_is_missing(tmp_path: Path) -> None:
    never = SCENE.replace("size_m: 0.25", "size_m: 0.12").replace("0.05, 0.4", "0.05, 0.9")
    found, _ = settings(scene_of(never, tmp_path), 60, tmp_path)
    missing = found["objects.bricks.size_m.0"].missing
    assert len(missing) == 1
    low, _, high = missing[0].partition(" to ")
    assert 0.2 < float(low) < 0.35
    assert float(high) == pytest.approx(0.9)


def test_odds_are_part_of_what_is_asked_for(tmp_path: Path) -> None:
    weighed = SCENE.replace("    size_m: [", "    odds: {red: 0.25, blue: 2}\n    size_m: [")
    found, _ = settings(
        scene_of(weighed.replace("0.05, 0.4", "0.05, 0.06"), tmp_path), 64, tmp_path
    )
    color = found["objects.bricks.attributes.color"]
    asked = {b.label: round(b.requested, 3) for b in color.bins}
    assert asked == {"red": 0.273, "blue": 0.727}
    assert color.verdict == "as asked"


def _covered(values: list[Any], distribution: Distribution) -> Covered:
    setting = Setting("camera", "x", "x", distribution)
    found = Found(Wanted())
    found.wanted.add(setting)
    for value in values:
        found.add_frame({"x": value}, chosen=False)
    one = judge(setting, next(iter(found.of(setting)), None))
    assert one is not None
    return adjusted([one])[0]


def test_few_values_are_not_judged() -> None:
    law = Distribution("uniform", (0.0, 1.0), "")
    assert _covered([0.5] * 19, law).verdict == "too few"
    assert _covered([0.5] * 20, law).verdict == "shifted"
    assert _covered([], law).values == 0


def test_a_small_shift_is_no_shift_however_many_values() -> None:
    law = Distribution("uniform", (0.0, 1.0), "")
    even = [(i + 0.5) / 20_000 * 0.98 for i in range(20_000)]
    one = _covered(even, law)
    assert one.p is not None
    assert one.p < 1e-3
    assert one.verdict == "as asked"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten small frames, some of which are to show an edge case."""
    folder = tmp_path_factory.mktemp("run")
    more = "stress: {tiny: {share: 0.1, frames: 0.5}, extreme_light: {share: 0.1, frames: 0.2}}\n"
    (folder / "s.yaml").write_text(SCENE + more)
    sets = ("render={engine: raycast, size: [48, 36], quality: draft}", "labels.min_pixels=1")
    request = RenderRequest(folder / "s.yaml", frames=range(10), sets=sets)
    render_dataset(request, folder / "out")
    return folder / "out"


def test_a_run_folder_is_reported(run: Path) -> None:
    found = coverage(Dataset.open(run), recorded_scene(run))
    rates = found.rates
    assert (rates.frames, rates.worlds) == (10, 10)
    assert rates.labels == sum(c.labels for c in rates.classes)
    (bricks,) = rates.placed
    assert bricks.asked == bricks.placed + sum(bricks.reasons.values())
    assert bricks.asked > bricks.placed
    tiny, light = sorted(rates.cases, key=lambda c: c.name, reverse=True)
    assert (tiny.name, light.name) == ("tiny", "extreme_light")
    assert tiny.frames + light.frames > 4
    assert tiny.met <= tiny.frames
    assert tiny.share is not None
    assert light.share is not None
    assert 0 <= light.share <= 1


def test_the_page_is_whole(run: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from simgen.cli.coverage import command

    done = CliRunner().invoke(command, [str(run), "--out", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert data == json.loads((tmp_path / "report.json").read_text())
    page = (tmp_path / "report.html").read_text()
    for one in data["settings"]:
        assert one["section"] in page
    assert "material[color=red].roughness" in page
    assert page.count("<svg") == page.count("</svg>") > 10
    assert "| tiny |" in (tmp_path / "report.md").read_text()
    assert "http" not in page


def test_records_without_a_ledger_are_refused(run: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(run, tmp_path / "old")
    for path in (tmp_path / "old" / "frames").rglob("*.json"):
        record = json.loads(path.read_text())
        del record["drawn"]
        path.write_text(json.dumps(record))
    with pytest.raises(DataError, match="older simgen"):
        coverage(Dataset.open(tmp_path / "old"), recorded_scene(tmp_path / "old"))
