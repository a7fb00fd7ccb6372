"""The refine stage: labels stay, verdicts are written, runs resume, mistakes are told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgen.dataset.reader import Dataset
from simgen.errors import DataError, PluginError, SceneFileError
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.pool import Farm
from simgen.pipeline.refining.chain import Chain, kept
from simgen.pipeline.refining.gate import RefineConfig, load_refine
from simgen.pipeline.refining.run import refine_and_report
from simgen.pipeline.refining.settings import CheckSection, KeepSection
from simgen.pipeline.refining.stage import refine_dataset
from simgen.pipeline.refining.verdict import Judge
from simgen.pipeline.run import render_dataset
from simgen.plugin.registry import Registry
from simgen.records.masks import decode
from simgen.records.sample import Sample
from simgen.records.serial import to_json
from simgen.refine.workplace import OneByOne
from simgen.sampling.streams import KeyedStream

SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  blocks: {asset: box, count: 3, size_m: [0.2, 0.2, 0.2], category: block}
frames: 4
camera: {distance_m: 1.2}
render: {engine: raycast, size: [96, 72], quality: draft}
outputs: [rgb, depth, instances, points]
"""
CONFIG = """\
refine: 1
refiners:
  camera: {kind: sensor, jpeg_quality: 90}
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four frames, 96 x 72."""
    folder = tmp_path_factory.mktemp("refining")
    (folder / "scene.yaml").write_text(SCENE)
    render_dataset(RenderRequest(folder / "scene.yaml"), folder / "set")
    return folder / "set"


def config(tmp_path: Path, text: str = CONFIG, *sets: str) -> RefineConfig:
    (tmp_path / "refine.yaml").write_text(text)
    return load_refine(str(tmp_path / "refine.yaml"), Registry.installed(), sets)


def labels(folder: Path) -> list[bytes]:
    return [to_json(r.annotations) for r in Dataset.open(folder).records()]


def images(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((folder / "images").rglob("*.png"))}


def test_pixels_change_labels_do_not_and_runs_resume(rendered: Path, tmp_path: Path):
    loaded = config(tmp_path)
    result, page = refine_and_report(rendered, loaded, tmp_path / "out")
    assert result.stage.done == 4
    assert sum(result.verdicts.values()) == 4
    assert labels(tmp_path / "out") == labels(rendered)
    before, after = images(rendered), images(tmp_path / "out")
    assert set(after) == set(before)
    assert all(after[name] != before[name] for name in before)
    steps = [record.provenance for record in Dataset.open(tmp_path / "out").records()]
    assert [step[-1].sources[0].frame for step in steps] == [0, 1, 2, 3]
    assert steps[0][-1].operators[0]["key"] == "camera"
    assert {"edges", "invented"} <= set(steps[0][-1].scores)
    report = json.loads((page.parent / "report.json").read_text())
    assert report["frames"] == 4
    again = refine_dataset(rendered, loaded, tmp_path / "out")
    assert (again.stage.done, again.stage.skipped) == (0, 4)
    refine_dataset(rendered, loaded, tmp_path / "two", farm=Farm(jobs=2), batch=2)
    assert images(tmp_path / "two") == after
    assert str(tmp_path) not in (tmp_path / "out" / "manifest.json").read_text()


def test_chains_run_in_their_order(rendered: Path, tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    from PIL import Image

    Image.new("RGB", (32, 32), (200, 120, 60)).save(photos / "a.png")
    text = """\
refine: 1
refiners:
  look: {kind: statistics, path: photos, method: reinhard, strength: 0.5}
  camera: {kind: sensor}
check: {enabled: false}
"""
    refine_dataset(rendered, config(tmp_path, text), tmp_path / "out")
    step = next(Dataset.open(tmp_path / "out").records()).provenance[-1]
    assert [o["key"] for o in step.operators] == ["look", "camera"]
    assert step.verdict == "keep"
    stored = (tmp_path / "out" / "manifest.json").read_text()
    assert "<refiners.look.path>" in stored


def test_objects_can_be_kept_class_by_class(rendered: Path, tmp_path: Path):
    text = CONFIG + "keep: {classes: {block: 1}, feather_px: 0}\n"
    refine_dataset(rendered, config(tmp_path, text), tmp_path / "out")
    source, made = Dataset.open(rendered), Dataset.open(tmp_path / "out")
    for frame in made.frames():
        inside = np.zeros((72, 96), bool)
        for mask in made.record(frame).annotations.mask:
            inside |= decode(mask)
        assert np.array_equal(made.rgb(frame)[inside], source.rgb(frame)[inside])
        assert not np.array_equal(made.rgb(frame)[~inside], source.rgb(frame)[~inside])


def test_a_larger_picture_drops_outputs_without_arrays(rendered: Path, tmp_path: Path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("spandrel")
    from safetensors.torch import save_file
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    save_file(Compact(num_feat=8, num_conv=2, upscale=2).state_dict(), tmp_path / "n.safetensors")
    text = """\
refine: 1
refiners: {large: {kind: upscale, weights: n.safetensors}}
check: {enabled: false}
"""
    refine_dataset(rendered, config(tmp_path, text), tmp_path / "out", device="cpu")
    made = Dataset.open(tmp_path / "out")
    assert made.manifest.size == (192, 144)
    assert "points" not in made.manifest.outputs
    assert made.rgb(0).shape == (144, 192, 3)
    assert made.depth_m(0).shape == (144, 192)
    ours, theirs = made.record(0).annotations, Dataset.open(rendered).record(0).annotations
    assert ours.area_px == tuple(4 * a for a in theirs.area_px)


def spoiler(how: str) -> Any:
    """A session that spoils pictures: the first label, the background, or everything."""

    def spoil(sample: Sample, rng: Any, strength: float) -> tuple[Any, dict[str, Any]]:
        rgb = sample.rgb.copy()
        if how == "label":
            rgb[decode(sample.annotations.mask[0])] = np.median(rgb, axis=(0, 1))
        elif how == "weak" and strength < 0.3:
            rgb = rgb // 2 + 60
        else:
            noise = np.random.Generator(np.random.PCG64(0)).integers(0, 255, rgb.shape)
            rgb[:] = noise // 40 * 40
        return rgb, {}

    return OneByOne("spoiler", spoil)


def judged(rendered: Path, how: str, **settings: Any) -> Any:
    sample = Dataset.open(rendered).sample(0)
    chain = Chain((("spoiler", spoiler(how)),), KeepSection())
    rng = KeyedStream(0, "frame", 0, "refine")
    first = chain.refine([sample], [rng])[0]
    judge = Judge(CheckSection(**settings))
    return judge.decide(sample, first, lambda s, much: chain.refine([s], [rng], much)[0])


def test_a_spoilt_label_gets_its_own_pixels_back(rendered: Path):
    found = judged(rendered, "label")
    assert found.step.verdict == "composite"
    assert found.step.facts["composited"] == [1]
    sample = Dataset.open(rendered).sample(0)
    inside = decode(sample.annotations.mask[0])
    assert np.array_equal(found.sample.rgb[inside], sample.rgb[inside])
    assert judged(rendered, "label", composite=False).step.verdict == "drop"


def test_lower_strength_is_tried_before_a_picture_is_dropped(rendered: Path):
    found = judged(rendered, "weak", retries=2)
    assert found.step.verdict == "retry"
    assert found.step.facts["strength"] == 0.25
    assert judged(rendered, "weak", retries=1).step.verdict == "drop"


def test_what_nothing_helps_is_dropped_or_left_as_it_was(rendered: Path):
    found = judged(rendered, "all")
    assert (found.sample, found.step.verdict) == (None, "drop")
    left = judged(rendered, "all", otherwise="original")
    assert left.step.verdict == "original"
    assert np.array_equal(left.sample.rgb, Dataset.open(rendered).rgb(0))
    assert judged(rendered, "all", enabled=False).step.verdict == "keep"


def test_dropped_frames_stand_in_the_report(
    rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from simgen.refine.sensor import Sensor

    monkeypatch.setattr(Sensor, "open", lambda self, params, data: spoiler("all"))
    result, page = refine_and_report(rendered, config(tmp_path), tmp_path / "out")
    assert result.verdicts == {"drop": 4}
    assert result.stage.images == 0
    assert "Dropped" in page.read_text()


class Liar(OneByOne):
    """Changes labels, which no refiner may."""

    def refine(self, samples: Sequence[Sample], rngs: Any, strength: float = 1.0) -> list[Sample]:
        done = super().refine(samples, rngs, strength)
        return [replace(s, annotations=s.annotations.take([])) for s in done]


def test_a_refiner_that_changes_labels_is_caught(rendered: Path):
    sample = Dataset.open(rendered).sample(0)
    chain = Chain((("liar", Liar("liar", lambda s, r, m: (s.rgb, {}))),), KeepSection())
    with pytest.raises(PluginError, match="changed labels"):
        chain.refine([sample], [KeyedStream(0, "frame", 0, "refine")])


def test_shares_of_own_pixels_are_parts(rendered: Path):
    sample = Dataset.open(rendered).sample(0)
    other = replace(sample, rgb=255 - sample.rgb)
    half = kept(sample, other, KeepSection(classes={"*": 0.5}, feather_px=0))
    inside = decode(sample.annotations.mask[0])
    assert np.abs(half[inside].astype(int) - 127.5).max() <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("kind: sensor", "kind: senser"), "senser"),
        (("jpeg_quality: 90", "jpeg_quality: 900"), "jpeg_quality"),
        (("jpeg_quality: 90", "jpg: 90"), "jpg"),
        (("refine: 1", "refine: 2"), "refine"),
        (("{kind: sensor, jpeg_quality: 90}", "{kind: statistics, path: nowhere}"), "nowhere"),
    ],
)
def test_mistakes_in_a_config_are_told(change: Any, message: str, tmp_path: Path):
    with pytest.raises(SceneFileError, match=message):
        config(tmp_path, CONFIG.replace(*change))


def test_an_empty_dataset_and_missing_photos_leave_nothing(rendered: Path, tmp_path: Path):
    (tmp_path / "photos").mkdir()
    text = "refine: 1\nrefiners: {look: {kind: statistics, path: photos}}\n"
    with pytest.raises(DataError, match="no pictures"):
        refine_dataset(rendered, config(tmp_path, text), tmp_path / "out")
    assert not (tmp_path / "out").exists()
