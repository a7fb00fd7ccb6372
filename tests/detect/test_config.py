"""Training configs at the gate, and the verbs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgen.cli.predict import command as predict_command
from simgen.cli.train import command as train_command
from simgen.detect.config import load_job
from simgen.errors import SceneFileError
from simgen.plugin.registry import Registry
from simgen.spec.presets import preset_folder

from .conftest import Set

CONFIG = """\
train: 1
detector: {kind: compact, channels: [8, 16, 16, 16, 16], blocks: [1, 1, 1, 1], neck: 16, head: 16}
data:
  painted: {path: set/labels.json, share: 2}
view: {side: 96, crop: 64}
schedule: {steps: 2, batch: 2}
machine: {device: cpu, threads: 1, workers: 0, log_every: 1}
"""


@pytest.fixture
def config(painted: Set, tmp_path: Path) -> Path:
    painted()
    (tmp_path / "train.yaml").write_text(CONFIG)
    return tmp_path / "train.yaml"


def test_a_config_becomes_a_job(config: Path):
    job = load_job(str(config), Registry.installed(), ("seed=3", "view.scale=[0.5, 2]"))
    assert job.build == "simgen.detect._torch_compact:build"
    assert job.seed == 3
    assert job.view.scale == (0.5, 2.0)
    assert job.schedule.learning_rate == 0.002  # the detector's own
    source = job.sources["painted"]
    assert Path(source.annotations) == config.parent / "set" / "labels.json"
    assert Path(source.images) == config.parent / "set" / "images"


@pytest.mark.parametrize(
    ("setting", "where", "what"),
    [
        ("detector.kind=compcat", "detector.kind", "unknown detector 'compcat'"),
        ("detector.nek=3", "detector.nek", "unknown setting 'nek'"),
        ("detector.blocks=[1]", "detector", "3 or 4 stages"),
        ("view.crop=100", "view.crop", "multiple of 32"),
        ("schedule.steps=0", "schedule", "the training has no end"),
        ("data.painted.path=nowhere", "data.painted.path", "no such dataset folder"),
        ("data.painted.shares=2", "data.painted.shares", "unknown setting 'shares'"),
        ("init=nowhere", "init", "no file or folder"),
        ("machine.device=gpu", "machine.device", "expected"),
    ],
)
def test_faults_say_where(config: Path, setting: str, where: str, what: str):
    with pytest.raises(SceneFileError) as caught:
        load_job(str(config), Registry.installed(), (setting,))
    assert any(where in fault.where and what in fault.what for fault in caught.value.faults)


def test_all_faults_come_with_file_and_line(config: Path):
    config.write_text(CONFIG.replace("side: 96", "side: 97").replace("batch: 2", "bach: 2"))
    with pytest.raises(SceneFileError) as caught:
        load_job(str(config), Registry.installed())
    places = [fault.where for fault in caught.value.faults]
    assert any("train.yaml:5:" in place for place in places)
    assert any("train.yaml:6:" in place for place in places)


@pytest.mark.parametrize(
    "preset", sorted(preset_folder("train").glob("*.yaml")), ids=lambda p: p.stem
)
def test_presets_validate(preset: Path, painted: Set):
    file = painted()
    job = load_job(preset.stem, Registry.installed(), (f"data.synthetic.path={file}",))
    assert job.schedule.steps or job.schedule.max_minutes


def test_unknown_presets_offer_the_known_ones():
    with pytest.raises(SceneFileError, match="'compact'"):
        load_job("compcat", Registry.installed())


def test_train_and_predict_from_the_command_line(config: Path, tmp_path: Path):
    runner, out = CliRunner(), tmp_path / "detector"
    done = runner.invoke(train_command, [str(config), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["steps"] == 2
    assert len((out / "curve.jsonl").read_text().splitlines()) == 2
    results = tmp_path / "results.json"
    arguments = [str(out), str(tmp_path / "set" / "labels.json"), "--out", str(results)]
    done = runner.invoke(predict_command, [*arguments, "--json", "--device", "cpu"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["images"] == 3


def test_a_job_can_be_written_for_another_machine(config: Path, tmp_path: Path):
    file = tmp_path / "job.json"
    done = CliRunner().invoke(train_command, [str(config), "--write-job", str(file)])
    assert done.exit_code == 0, done.output
    assert json.loads(file.read_text())["sources"]["painted"]["share"] == 2
