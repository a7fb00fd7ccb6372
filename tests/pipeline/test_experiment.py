"""Experiments: order and faults of the matrix, and a tiny one from rendering to the report."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest

from simgen.dataset.reader import Dataset
from simgen.errors import RunFolderError, SceneFileError, WorkError
from simgen.learn.schedule import calm_threads
from simgen.pipeline.experiment.gate import load_experiment
from simgen.pipeline.experiment.likeness import unfold
from simgen.pipeline.experiment.settings import ExperimentFile
from simgen.pipeline.experiment.stages import render_sets, rendering_s
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.pool import INLINE
from simgen.pipeline.run import render_dataset
from simgen.plugin.registry import Registry
from simgen.spec.overlay import read_with_extends
from simgen.spec.presets import find_config

calm_threads()

CONFIGS = Path(__file__).parents[2] / "configs" / "experiments"
SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  blocks: {asset: box, count: {randint: [1, 2]}, category: block}
camera: {distance_m: 0.5}
render: {engine: raycast, size: [64, 64], quality: draft}
outputs: [rgb]
"""
FILE = """\
experiment: 1
title: Blocks
real: {train: real/annotations/instances.json, val: real/annotations/instances.json,
  images: real/images}
synthetic:
  made: {scene: scene.yaml, frames: 8, seed: 5, settings: {camera: {distance_m: 0.45}}}
  unused: {scene: scene.yaml}
training: training.yaml
arms:
  tuned: {start_from: both, data: {real: {limit: 2}}, training: {schedule: {steps: 2}}}
  both: {data: {made: {share: 3}, real: {}}}
  real: {data: {real: {}}}
baseline: real
seeds: [0, 1]
"""
TRAINING = """\
train: 1
detector: {kind: compact, channels: [8, 8, 8, 8, 8], blocks: [1, 1, 1, 1], neck: 8, head: 8}
view: {side: 64, crop: 64}
schedule: {steps: 3, batch: 2}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An experiment whose real set stands beside it, empty."""
    (tmp_path / "scene.yaml").write_text(SCENE)
    (tmp_path / "training.yaml").write_text(TRAINING)
    (tmp_path / "experiment.yaml").write_text(FILE)
    index = tmp_path / "real/annotations/instances.json"
    index.parent.mkdir(parents=True)
    (tmp_path / "real/images").mkdir()
    index.write_text("{}")
    return tmp_path


def test_arms_come_after_those_they_start_from(folder: Path) -> None:
    found = load_experiment(folder / "experiment.yaml", folder / "out")
    names = [training.out.name for training in found.trainings]
    arms = list(dict.fromkeys(training.arm for training in found.trainings))
    assert arms == ["both", "real", "tuned"]
    assert len(names) == len(set(names)) == 6
    tuned = next(t for t in found.trainings if t.arm == "tuned" and t.seed == 1)
    assert tuned.start_from == folder / "out/detectors/both.compact.1"
    assert tuned.document.data["schedule"]["steps"] == 2
    assert tuned.document.data["schedule"]["batch"] == 2
    assert list(tuned.document.data["data"]) == ["real"]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("arms.both.data.maed={}", "did you mean 'made'"),
        ("arms.tuned.start_from=bth", "did you mean 'both'"),
        ("arms.both.start_from=tuned", "starts from this one"),
        ("baseline=reel", "did you mean 'real'"),
        ("real.val=nowhere.json", "there is no"),
        ("seeds=[1, 1]", "different seeds"),
        ("synthetic.made.path=real", "exactly one of"),
        ("arms=null", "arms"),
        ("synthetic.unused.like=maed", "did you mean 'made'"),
        ("synthetic.unused.like=unused", "circle: unused -> unused"),
    ],
)
def test_faults_have_a_place_and_a_cure(folder: Path, setting: str, said: str) -> None:
    with pytest.raises(SceneFileError) as caught:
        load_experiment(folder / "experiment.yaml", folder / "out", (setting,))
    assert said in str(caught.value)


def test_a_set_like_another_changes_only_what_it_says(folder: Path) -> None:
    sets = ("synthetic.other={like: made, frames: 9, settings: {views_per_world: 2}}",)
    found = load_experiment(folder / "experiment.yaml", folder / "out", sets).synthetic
    made, other = found["made"].request, found["other"].request
    assert made is not None
    assert other is not None
    assert other.over is not None
    assert other.over.data == {"camera": {"distance_m": 0.45}, "views_per_world": 2}
    assert (other.scene, other.seed, other.frames) == (made.scene, made.seed, range(9))
    assert str(folder / "experiment.yaml") in str(other.over.position(("camera", "distance_m")))


STAGES = """\
extends: experiment.yaml
synthetic:
  made: {frames: 2}
  bright:
    of: made
    source: {zoom: 0.5}
    stages:
      camera: {refine: refine.yaml, settings: {refiners: {camera: {exposure_ev: 1}}}}
      again: {refine: refine.yaml}
arms: {bright: {data: {bright: {}}}}
"""
REFINE = "refine: 1\nrefiners: {camera: {kind: sensor}}\ncheck: {enabled: false}\n"


def test_a_set_may_be_another_one_refined(folder: Path) -> None:
    (folder / "refine.yaml").write_text(REFINE)
    (folder / "stages.yaml").write_text(STAGES)
    experiment = load_experiment(folder / "stages.yaml", folder / "out")
    bright = experiment.synthetic["bright"]
    assert [use.out.name for use in bright.stages] == ["bright.camera", "bright"]
    render_sets(experiment, Registry.installed(), INLINE, lambda line: None)
    made, first, last = (
        Dataset.open(folder / "out" / "data" / name) for name in ("made", "bright.camera", "bright")
    )
    assert list(made.frames()) == list(last.frames()) == [0, 1]
    assert first.rgb(0).mean() > made.rgb(0).mean()
    steps = last.record(0).provenance
    assert [step.operators[0]["key"] for step in steps] == ["camera", "camera"]
    assert steps[0].operators[0]["exposure_ev"] == 1
    assert rendering_s(bright, experiment.synthetic) > 0
    training = next(t for t in experiment.trainings if t.arm == "bright")
    assert training.document.data["data"]["bright"]["zoom"] == 0.5


def test_a_set_may_be_another_one_augmented(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "refine.yaml").write_text(REFINE)
    (folder / "augment.yaml").write_text("augment: 1\naugmenters: {c: {kind: colours}}\n")
    text = STAGES.replace("refine: refine.yaml", "augment: augment.yaml", 1)
    text = text.replace("{refiners: {camera: {exposure_ev: 1}}}", "{copies: 2}")
    (folder / "stages.yaml").write_text(text)
    monkeypatch.chdir(folder)
    # A relative output folder is one of the place where the command was given.
    experiment = load_experiment(Path("stages.yaml"), Path("out"))
    first, last = experiment.synthetic["bright"].stages
    assert (first.kind, last.kind) == ("augment", "refine")
    training = next(t for t in experiment.trainings if t.arm == "bright")
    assert training.document.data["data"]["bright"]["path"] == str(folder / "out/data/bright")
    render_sets(experiment, Registry.installed(), INLINE, lambda line: None)
    made = Dataset.open(last.out)
    assert list(made.frames()) == [0, 1, 2, 3]
    assert [step.stage for step in made.record(3).provenance] == ["augment", "refine"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("of: made", "of: maed"), "did you mean 'made'"),
        (("    of: made\n", ""), "exactly one of"),
        (("refine: refine.yaml}", "refine: nothing}"), "no refine config or preset"),
    ],
)
def test_faults_of_stages_are_told(folder: Path, change: tuple[str, str], said: str) -> None:
    (folder / "refine.yaml").write_text(REFINE)
    (folder / "stages.yaml").write_text(STAGES.replace(*change))
    with pytest.raises(SceneFileError, match=said):
        load_experiment(folder / "stages.yaml", folder / "out")


def test_a_wrong_setting_of_a_training_names_its_line(folder: Path) -> None:
    text = FILE.replace("{schedule: {steps: 2}}", "{schedule: {stepz: 2}}")
    (folder / "experiment.yaml").write_text(text)
    with pytest.raises(SceneFileError) as caught:
        load_experiment(folder / "experiment.yaml", folder / "out")
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if "stepz" in row)
    assert f"experiment.yaml:{line}:" in str(caught.value)
    assert "did you mean 'steps'" in str(caught.value)


@contextmanager
def _quiet():
    yield lambda line: None


def _render_real(folder: Path) -> None:
    real = folder / "real"
    (real / "annotations/instances.json").unlink()
    for empty in (real / "annotations", real / "images", real):
        empty.rmdir()
    render_dataset(RenderRequest(folder / "scene.yaml", range(8)), real)


def test_from_rendering_to_the_report_and_again(folder: Path) -> None:
    pytest.importorskip("torch")
    from simgen.pipeline.experiment.run import run_experiment

    _render_real(folder)
    said: list[str] = []
    out = folder / "out"
    arguments = (folder / "experiment.yaml", out, (), INLINE, _quiet, said.append)
    result, page = run_experiment(*arguments)
    assert page.is_file()
    assert [row.arm for row in result.rows] == ["both", "real", "tuned"]
    both, alone, tuned = result.rows
    assert [(s.name, s.images, s.share) for s in both.sets] == [
        ("made", 8, 0.75),
        ("real", 8, 0.25),
    ]
    assert tuned.sets[0].images == 2
    assert both.render_s is not None
    assert both.render_s > 0
    assert alone.render_s == 0
    assert set(both.against) >= {"mAP50", "mAP50_95"}
    assert alone.against == {}
    assert len(both.by_seed) == 2
    assert not (out / "data/unused").exists()
    assert json.loads((out / "report.json").read_text())["title"] == "Blocks"
    assert "tuned" in (out / "report.md").read_text()
    assert (out / both.report / "report.html").is_file()

    cards = {path: path.stat().st_mtime_ns for path in out.rglob("weights.safetensors")}
    assert len(cards) == 6
    again, _ = run_experiment(*arguments)
    assert {path: path.stat().st_mtime_ns for path in cards} == cards
    assert again.rows == result.rows


def test_a_pack_is_worked_off_elsewhere_and_its_detectors_come_back(folder: Path) -> None:
    pytest.importorskip("torch")
    from simgen.detect.batch import run_pack
    from simgen.pipeline.experiment.run import prepare_pack, run_experiment

    _render_real(folder)
    out, pack = folder / "out", folder / "pack"
    arguments = (folder / "experiment.yaml", out, ("seeds=[0]",), INLINE)
    size = prepare_pack(*arguments, lambda line: None, (), pack, 90)
    assert size == sum(p.stat().st_size for p in pack.rglob("*") if p.is_file())
    assert len(list(pack.glob("data/*/labels.json"))) == 2  # the real set is there once
    with pytest.raises(RunFolderError, match="not empty"):
        prepare_pack(*arguments, lambda line: None, (), pack, 90)

    elsewhere = pack.rename(folder / "moved")
    run_pack(elsewhere, out / "detectors", parallel=2, workers=0)
    made = {
        p: p.stat().st_mtime_ns for p in out.rglob("*.json") if p.parent.parent.name == "detectors"
    }
    assert len([p for p in made if p.name == "predictions.json"]) == 3
    result, _ = run_experiment(*arguments, _quiet, lambda line: None)
    assert [row.arm for row in result.rows] == ["both", "real", "tuned"]
    assert {p: p.stat().st_mtime_ns for p in made} == made


def test_a_training_of_a_pack_that_fails_is_named_and_costs_only_itself(folder: Path) -> None:
    pytest.importorskip("torch")
    from simgen.detect.batch import run_pack
    from simgen.pipeline.experiment.run import prepare_pack

    _render_real(folder)
    out, pack = folder / "out", folder / "pack"
    prepare_pack(
        folder / "experiment.yaml", out, ("seeds=[0]",), INLINE, lambda line: None, (), pack, None
    )
    for image in (pack / "data/made/images").rglob("*.png"):
        image.write_bytes(b"no image")
    with pytest.raises(WorkError, match=r"2 of 3 .*both.compact.0, tuned.compact.0"):
        run_pack(pack, out / "detectors", parallel=1, workers=0)
    assert (out / "detectors/real.compact.0/predictions.json").is_file()
    assert "cannot be read as an image" in (out / "detectors/both.compact.0.log").read_text()


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_experiments_of_the_house_are_valid(path: Path) -> None:
    data = unfold(read_with_extends(path)).data
    file = ExperimentFile.model_validate(data)
    for one in file.synthetic.values():
        for stage in one.stages.values():
            kind = "refine" if stage.refine else "augment"
            assert find_config(kind, getattr(stage, kind), path.parent).is_file()
        if one.of is None:
            assert one.scene is not None
            assert (path.parent / one.scene.written).is_file()
        else:
            assert one.of in file.synthetic
    assert file.baseline in file.arms
