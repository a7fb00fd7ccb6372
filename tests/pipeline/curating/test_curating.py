"""Subset, filter, split, merge, diff: what comes out, where it came from, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.conformance.invented import NAMES, Kind
from simgen.conformance.invented_set import invented_set
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, RunFolderError
from simgen.evaluate.differences import differences
from simgen.evaluate.lint import Thresholds, lint
from simgen.evaluate.set_statistics import set_statistics
from simgen.pipeline.curating.goals import unlike, unsound
from simgen.pipeline.curating.merging import merge
from simgen.pipeline.curating.selecting import Filter, filtered, split, subset
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.pool import Farm
from simgen.pipeline.run import render_dataset
from simgen.spec.splits import split_of

SCENE = """
simgen: 1
scene: {type: flying}
objects:
  boxes: {asset: box, count: {randint: [1, 3]}, category: box}
  cans: {asset: can, count: {randint: [0, 2]}, category: can}
camera: {distance_m: {uniform: [0.4, 1.2]}}
views_per_world: 2
render: {engine: raycast, size: [64, 48], quality: draft}
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rendered")
    (folder / "s.yaml").write_text(SCENE)
    render_dataset(RenderRequest(folder / "s.yaml", range(16)), folder / "out")
    return folder / "out"


def sound(folder: Path) -> None:
    """Nothing but what small pictures cannot help."""
    found = lint(folder, Thresholds(tiny_px=1, correlation=2)).by_code
    assert set(found) <= {"unused-category", "duplicate"}, found


def test_a_larger_subset_holds_the_smaller(rendered: Path, tmp_path: Path) -> None:
    subset(rendered, tmp_path / "a", count=4, seed=3)
    subset(rendered, tmp_path / "b", count=9, seed=3)
    subset(rendered, tmp_path / "c", count=4, seed=4)
    few, many, other = (list(Dataset.open(tmp_path / n).frames()) for n in "abc")
    assert len(few) == 4
    assert set(few) < set(many)
    assert few != other
    sound(tmp_path / "a")
    made, given = Dataset.open(tmp_path / "a"), Dataset.open(rendered)
    record = made.record(few[0])
    assert record.annotations == given.record(few[0]).annotations
    assert record.provenance[-1].sources[0].frame == few[0]
    assert made.scene(record) == given.scene(given.record(few[0]))
    picture = made.file("rgb", few[0])
    assert picture.stat().st_ino == given.file("rgb", few[0]).stat().st_ino  # linked, not copied


def test_filters_by_frames_and_labels(rendered: Path, tmp_path: Path) -> None:
    rule = Filter.of("count(category == 'can') >= 1 and camera.distance_m < 1", "visibility > 0.9")
    filtered(rendered, tmp_path / "out", rule)
    made, given = Dataset.open(tmp_path / "out"), Dataset.open(rendered)
    kept = list(made.frames())
    assert 0 < len(kept) < 16
    for record in given.records():
        cans = record.annotations.category.count("can")
        close = record.facts["camera.distance_m"] < 1
        assert (record.frame in kept) == (cans >= 1 and close)
    taken = 0
    for frame in kept:
        old, new = given.record(frame).annotations, made.record(frame).annotations
        rows = [n for n, seen in enumerate(old.visibility) if seen > 0.9]
        assert new == old.take(rows)
        facts = made.record(frame).provenance[-1].facts or {}
        taken += len(facts.get("labels_taken_out", []))
        assert len(facts.get("labels_taken_out", [])) == len(old) - len(rows)
    assert taken > 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("visibilty > 0.3", "did you mean 'visibility'"),
        ("__import__('os').system('true')", "no function"),
        ("labels.__class__", "not recorded"),
        ("(lambda: 1)()", "no function"),
        ("[x for x in labels]", "not allowed"),
        ("labels >", "not an expression"),
        ("2 ** 9999999", "not allowed"),
        ("'a' * 999999999 == 'b'", "expression|compare"),
        ("1 + " * 300 + "1", "parts"),
        ("category > 3", "compare numbers with numbers"),
    ],
)
def test_bad_expressions_are_refused(text: str, said: str, rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        filtered(rendered, tmp_path / "out", Filter.of(None, text))
    assert not (tmp_path / "out").exists()


def test_a_filter_that_leaves_nothing_makes_nothing(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="leaves no frame"):
        filtered(rendered, tmp_path / "out", Filter.of("labels > 99", None))
    assert not (tmp_path / "out").exists()


def test_worlds_are_never_torn_apart(rendered: Path, tmp_path: Path) -> None:
    shares = {"train": 0.6, "val": 0.4}
    done = split(rendered, tmp_path / "out", shares)
    worlds = {}
    for name in done:
        for record in Dataset.open(tmp_path / "out" / name).records():
            assert split_of(record.world, shares) == name
            worlds.setdefault(record.world, set()).add(name)
    assert len(worlds) == 8
    assert all(len(parts) == 1 for parts in worlds.values())
    assert sum(d.images for d in done.values()) == 16
    with pytest.raises(DataError, match="add up"):
        split(rendered, tmp_path / "no", {"train": 0.6, "val": 0.6})


def test_merged_sets_keep_everything_under_new_numbers(rendered: Path, tmp_path: Path) -> None:
    other = invented_set(tmp_path / "invented", 5)
    photos = invented_set(tmp_path / "photos", 4, Kind(instances=False, amodal=False), first=50)
    done = merge([rendered, other, photos], tmp_path / "out", farm=Farm(jobs=2))
    made = Dataset.open(tmp_path / "out")
    assert done.images == 25
    assert [c.name for c in made.manifest.categories] == ["box", "can", *NAMES]
    assert [c.id for c in made.manifest.categories] == [1, 2, 3, 4, 5]
    assert made.manifest.outputs == ("rgb",)
    assert made.manifest.size == (0, 0)
    sources = [Dataset.open(path) for path in (rendered, other, photos)]
    worlds: dict[int, int] = {}
    for record in made.records():
        (origin,) = record.provenance[-1].sources
        theirs = sources[origin.source].record(origin.frame)
        assert record.annotations == theirs.annotations
        assert np.array_equal(made.rgb(record.frame), sources[origin.source].rgb(origin.frame))
        assert worlds.setdefault(record.world, origin.source) == origin.source
    assert len(worlds) == 8 + 5 + 4
    coco = json.loads((tmp_path / "out" / "annotations" / "instances.json").read_text())
    assert len({row["id"] for row in coco["annotations"]}) == len(coco["annotations"])
    sound(tmp_path / "out")
    again = merge([rendered, other, photos], tmp_path / "out")
    assert (again.done, again.skipped) == (0, 25)


def test_sets_that_do_not_go_together_are_refused(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="named twice"):
        merge([rendered, rendered], tmp_path / "out")
    with pytest.raises(RunFolderError, match="no manifest"):
        merge([rendered, tmp_path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_goals_name_the_frames_that_miss_them(tmp_path: Path) -> None:
    folder = invented_set(tmp_path / "set", 8)
    assert unsound(folder, quality=True, consistent=True) == {}
    path = folder / "images" / "0000" / "00000005.png"
    Image.fromarray(np.zeros((72, 96, 3), np.uint8)).save(path)
    assert set(unsound(folder, quality=True, consistent=False)) == {5}
    left_out = unsound(folder, quality=True, consistent=False)
    filtered(folder, tmp_path / "out", Filter(), left_out=left_out)
    assert list(Dataset.open(tmp_path / "out").frames()) == [0, 1, 2, 3, 4, 6, 7]


def test_what_is_least_like_the_photographs_goes(tmp_path: Path) -> None:
    folder = invented_set(tmp_path / "set", 8)
    dataset = Dataset.open(folder)
    (tmp_path / "photos").mkdir()
    for frame in (0, 1, 2, 3):
        Image.fromarray(dataset.rgb(frame)).save(tmp_path / "photos" / f"{frame}.png")
    gone = unlike(folder, tmp_path / "photos", keep=0.5)
    assert set(gone) == {4, 5, 6, 7}


def test_differences_say_what_and_where(rendered: Path, tmp_path: Path) -> None:
    subset(rendered, tmp_path / "a", frames=range(10))
    subset(rendered, tmp_path / "b", frames=range(10))
    same = differences(tmp_path / "a", tmp_path / "b")
    assert same.equal
    assert same.same == 10
    filtered(tmp_path / "a", tmp_path / "c", Filter.of("frame != 3", "visibility > 0.9"))
    found = differences(tmp_path / "a", tmp_path / "c")
    assert not found.equal
    assert found.only_first == [3]
    assert found.labels
    assert all("gone" in what for what in found.labels.values())
    assert not found.files
    old, new = found.labels_by_category["box"]
    assert old > new


def test_statistics_count_what_is_there(rendered: Path, tmp_path: Path) -> None:
    from simgen.report.stats_page import write_stats

    found = set_statistics(rendered)
    records = list(Dataset.open(rendered).records())
    names = [name for r in records for name in r.annotations.category]
    assert (found.frames, found.worlds, found.labels) == (16, 8, len(names))
    assert found.labels_by_category == {n: names.count(n) for n in ("box", "can")}
    seen = np.array([v for r in records for v in r.annotations.visibility])
    (one,) = (s for s in found.label_numbers if s.name == "visibility")
    assert one.count == len(seen)
    assert one.mean == pytest.approx(seen.mean())
    assert one.median == pytest.approx(np.median(seen))
    assert sum(one.heights) == pytest.approx(1)
    (far,) = (s for s in found.frame_numbers if s.name == "camera.distance_m")
    assert 0.4 <= far.low <= far.high <= 1.2
    page = write_stats(found, tmp_path / "page")
    assert "visibility" in page.read_text()
    assert json.loads((tmp_path / "page" / "report.json").read_text())["labels"] == len(names)


def test_samples_of_long_streams_stay_small_and_true() -> None:
    from simgen.evaluate.set_statistics import _Numbers

    numbers = _Numbers()
    values = np.random.Generator(np.random.PCG64(1)).normal(size=100_000)
    for value in values:
        numbers.add(float(value))
    result = numbers.summed_up("x")
    assert len(numbers.kept) < 8192
    assert result.count == 100_000
    assert result.mean == pytest.approx(values.mean())
    assert result.median == pytest.approx(np.median(values), abs=0.05)
