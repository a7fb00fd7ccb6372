"""`simgen augment`: resumable, the same with any number of workers, sample by sample."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgen.conformance.augmenters import true_labels
from simgen.conformance.invented import NAMES, Kind
from simgen.conformance.invented_set import invented_set
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, SceneFileError
from simgen.pipeline.augmenting.gate import AugmentConfig, augment_from, load_augment
from simgen.pipeline.augmenting.on_the_fly import AugmentedDataset
from simgen.pipeline.augmenting.stage import augment_dataset
from simgen.pipeline.pool import Farm
from simgen.plugin.registry import Registry
from simgen.records.serial import to_json
from simgen.spec.document import parse_document
from simgen.spec.splits import split_of

CHAIN = """
augment: 1
augmenters:
  paste: {kind: copy_paste, chance: 0.7, whole: 0}
  tiles: {kind: mosaic, chance: 0.5}
  colours: {kind: colours}
"""


def config(text: str = CHAIN, base: Path | None = None) -> AugmentConfig:
    place = base or Path.cwd()
    return augment_from(parse_document(text, str(place / "a.yaml"), place), Registry.installed())


def records(folder: Path) -> dict[int, bytes]:
    dataset = Dataset.open(folder)
    return {n: dataset.layout.record(n).read_bytes() for n in dataset.frames()}


def test_any_number_of_workers_and_any_order_give_the_same(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "set")
    augment_dataset(source, config(), tmp_path / "one")
    augment_dataset(source, config(), tmp_path / "two", farm=Farm(jobs=2))
    augment_dataset(source, config(), tmp_path / "parts", chosen=range(4, 6))
    assert len(records(tmp_path / "parts")) == 2
    done = augment_dataset(source, config(), tmp_path / "parts")
    assert (done.done, done.skipped) == (4, 2)
    assert records(tmp_path / "one") == records(tmp_path / "two") == records(tmp_path / "parts")
    made = Dataset.open(tmp_path / "one")
    for frame in made.frames():
        true_labels([], made.sample(frame))
    index = json.loads((tmp_path / "one" / "annotations" / "instances.json").read_text())
    assert len(index["images"]) == 6


def test_on_the_fly_is_what_the_stage_writes_and_each_epoch_is_another(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "set")
    augment_dataset(source, config(), tmp_path / "out")
    made, live = Dataset.open(tmp_path / "out"), AugmentedDataset(source, config())
    other = pickle.loads(pickle.dumps(live))
    assert len(live) == 6
    for number in (5, 0, 3):
        assert np.array_equal(live[number].rgb, made.rgb(number))
        assert np.array_equal(other[number].rgb, made.rgb(number))
        labels = to_json(live[number].annotations)
        assert labels == to_json(made.record(number).annotations)
    later = AugmentedDataset(source, config(), epoch=1)
    assert any(not np.array_equal(later[n].rgb, live[n].rgb) for n in range(6))
    with pytest.raises(IndexError):
        live[6]


def test_copies_and_originals_are_numbered_anew(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "set", 3)
    more = config(CHAIN + "copies: 2\noriginals: true\n")
    done = augment_dataset(source, more, tmp_path / "out")
    made, given = Dataset.open(tmp_path / "out"), Dataset.open(source)
    assert done.done == 9
    assert list(made.frames()) == list(range(9))
    for frame in range(3):
        assert np.array_equal(made.rgb(3 * frame), given.rgb(frame))
        assert made.record(3 * frame + 1).world == given.record(frame).world
        assert not np.array_equal(made.rgb(3 * frame + 1), made.rgb(3 * frame + 2))


def test_pictures_of_a_split_take_nothing_from_another(tmp_path: Path) -> None:
    shares = {"train": 0.5, "val": 0.5}
    source = invented_set(tmp_path / "set", 12, splits=shares)
    text = "augment: 1\naugmenters: {tiles: {kind: mosaic}}\n"
    augment_dataset(source, config(text), tmp_path / "out")
    made, given, seen = Dataset.open(tmp_path / "out"), Dataset.open(source), 0
    for record in made.records():
        group = split_of(record.world, shares)
        for origin in record.provenance[-1].sources:
            assert split_of(given.record(origin.frame).world, shares) == group
            seen += origin.frame != record.frame
    assert seen > 6


def test_things_of_another_set(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "photos", 3, Kind(instances=False, amodal=False))
    invented_set(tmp_path / "rendered", 4)
    text = "augment: 1\naugmenters: {p: {kind: copy_paste, donors_from: rendered, whole: 0}}\n"
    augment_dataset(source, config(text, tmp_path), tmp_path / "out")
    made = Dataset.open(tmp_path / "out")
    assert made.manifest.outputs == ("rgb",)
    assert [info.name for info in made.manifest.stage.sources] == ["photos", "rendered"]
    assert str(tmp_path) not in json.dumps(to_json(made.manifest).decode())
    origins = [o for r in made.records() for o in r.provenance[-1].sources]
    assert {origin.source for origin in origins} == {0, 1}
    for frame in made.frames():
        true_labels([], made.sample(frame))


def test_a_set_without_depth_among_the_donors_costs_the_depth(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "rendered", 3)
    invented_set(tmp_path / "photos", 3, Kind(instances=False, amodal=False))
    text = "augment: 1\naugmenters: {p: {kind: copy_paste, donors_from: photos}}\n"
    augment_dataset(source, config(text, tmp_path), tmp_path / "out")
    assert Dataset.open(tmp_path / "out").manifest.outputs == ("rgb", "instances")


def test_donors_of_other_categories_are_refused(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "set", 2)
    invented_set(tmp_path / "other", 2, names=("cat", *NAMES))
    text = "augment: 1\naugmenters: {p: {kind: copy_paste, donors_from: other}}\n"
    with pytest.raises(DataError, match="does not have: cat"):
        augment_dataset(source, config(text, tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_config_does_not_write_into_the_same_folder(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "set", 2)
    augment_dataset(source, config(), tmp_path / "out")
    before = records(tmp_path / "out")
    with pytest.raises(Exception, match="augmenters"):
        augment_dataset(source, config(CHAIN.replace("0.7", "0.6")), tmp_path / "out")
    assert records(tmp_path / "out") == before


def test_box_only_sets_say_why_nothing_is_pasted(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "set", 2, Kind(instances=False, masks=False, amodal=False))
    text = "augment: 1\naugmenters: {p: {kind: copy_paste, count: 2}}\n"
    with pytest.raises(Exception, match="boxes_as_masks: true"):
        augment_dataset(source, config(text), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("augment: 1\naugmenters: {}\n", "augmenters"),
        ("augment: 1\naugmenters: {a: {kind: mosiac}}\n", "mosaic"),
        ("augment: 1\naugmenters: {a: {kind: mosaic, zoom: 0.5}}\n", "zoom"),
        ("augment: 1\naugmenters: {a: {kind: erase, chance: 2}}\n", "chance"),
        ("augment: 1\naugmenters: {a: {kind: copy_paste, donors_from: nowhere}}\n", "nowhere"),
        ("augment: 1\naugmenters: {a: {kind: background}}\n", "path"),
    ],
)
def test_wrong_configs_say_where(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SceneFileError, match=said):
        config(text, tmp_path)


def test_presets_are_valid_and_an_unknown_one_names_them() -> None:
    for name in ("copy_paste", "mosaic", "training"):
        assert load_augment(name, Registry.installed()).file.augmenters
    with pytest.raises(SceneFileError, match="mosaic"):
        load_augment("mosaik", Registry.installed())


def test_captions_are_joined(tmp_path: Path) -> None:
    source = invented_set(tmp_path / "set", 4)
    text = "augment: 1\naugmenters: {m: {kind: mixup}}\n"
    made = AugmentedDataset(source, config(text))[1]
    (caption,) = made.captions
    assert caption.startswith("picture 1 picture ")
    assert replace(made, captions=()).captions == ()
