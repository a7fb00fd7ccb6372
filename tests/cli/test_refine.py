"""The verbs `refine` and `generators` as a user types them, wrong input included."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from PIL import Image

from .conftest import Run

CONFIG = "refine: 1\nrefiners: {camera: {kind: sensor}}\n"


def test_refine_makes_a_dataset_and_a_preview(simgen: Run, rendered: Path, tmp_path: Path):
    (tmp_path / "refine.yaml").write_text(CONFIG)
    config = ("--config", tmp_path / "refine.yaml")
    shown = simgen(
        "refine", rendered, *config, "--preview", "2", "--out", tmp_path / "look", "--json"
    )
    assert shown.returncode == 0, shown.stderr
    facts = json.loads(shown.stdout)
    assert Image.open(facts["preview"]).size[0] > 300
    assert not (tmp_path / "look" / "manifest.json").exists()
    done = simgen("refine", rendered, *config, "--out", tmp_path / "made", "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["images"] == 2
    assert sum(facts["verdicts"].values()) == 2
    assert Path(facts["report"]).is_file()
    again = simgen("refine", rendered, *config, "--out", tmp_path / "made", "--json")
    assert json.loads(again.stdout)["skipped"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONFIG.replace("sensor", "senser"), "did you mean 'sensor'"),
        (CONFIG.replace("kind: sensor", "kind: sensor, jpeg: 3"), "jpeg"),
        ("refine: 1\nrefiners: {look: {kind: statistics, path: nowhere}}\n", "there is no"),
    ],
)
def test_wrong_configs_are_told_and_leave_nothing(
    simgen: Run, rendered: Path, tmp_path: Path, text: str, said: str
):
    (tmp_path / "refine.yaml").write_text(text)
    done = simgen("refine", rendered, "--config", tmp_path / "refine.yaml", "--out", tmp_path / "o")
    assert done.returncode == 2
    assert said in done.stderr
    assert "refine.yaml:" in done.stderr
    assert not (tmp_path / "o").exists()


def test_unknown_presets_and_missing_options_are_told(simgen: Run, rendered: Path, tmp_path: Path):
    done = simgen("refine", rendered, "--config", "fone", "--out", tmp_path / "o")
    assert done.returncode == 2
    assert "phone" in done.stderr
    done = simgen("refine", rendered, "--config", "phone")
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_fit_writes_a_config_that_refine_takes(simgen: Run, rendered: Path, tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, source in enumerate(sorted((rendered / "images").rglob("*.png")) * 2):
        Image.open(source).resize((96, 64)).save(photos / f"{number}.jpg", quality=80)
    out = tmp_path / "camera.yaml"
    done = simgen("refine", "fit", photos, "--to", rendered, "--out", out)
    assert done.returncode == 0, done.stderr
    camera = yaml.safe_load(out.read_text())["refiners"]["camera"]
    assert camera["jpeg_quality"] == 80
    done = simgen("refine", rendered, "--config", out, "--out", tmp_path / "made")
    assert done.returncode == 0, done.stderr
    few = simgen("refine", "fit", rendered / "images" / "nothing", "--out", out)
    assert few.returncode == 2
    assert "no pictures" in few.stderr


def test_generators_train_sample_and_explain(simgen: Run, tmp_path: Path):
    pytest.importorskip("torch")
    for name, colour in (("red", (200, 20, 20)), ("blue", (20, 20, 200))):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for n in range(12 if name == "red" else 6):
            Image.new("RGB", (16, 16), (*colour[:2], colour[2] + n)).save(
                tmp_path / "pictures" / name / f"{n}.png"
            )
    text = """\
generate: 1
kind: vae
network: {hidden: [16], latent: 2}
pictures: {path: pictures, held_out: 0.4}
view: {side: 8}
schedule: {steps: 3, batch: 4}
machine: {device: cpu}
"""
    (tmp_path / "g.yaml").write_text(text)
    done = simgen("generators", "train", tmp_path / "g.yaml", "--out", tmp_path / "g", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["steps"] == 3
    sample = ("generators", "sample", tmp_path / "g", "--out", tmp_path / "s", "--device", "cpu")
    done = simgen(*sample, "--number", "12", "--max-likeness", "1", "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert sum(facts["pictures"].values()) == 12
    assert facts["pictures"]["blue"] > facts["pictures"].get("red", 0)  # rare first
    rows = json.loads((tmp_path / "s" / "samples.json").read_text())["samples"]
    assert {"nearest", "likeness", "category", "file"} <= set(rows[0])
    again = simgen(*sample)
    assert again.returncode == 2
    assert "holds something" in again.stderr
    wrong = simgen(
        "generators", "sample", tmp_path / "g", "--out", tmp_path / "t", "--category", "rde"
    )
    assert wrong.returncode == 2
    assert "red" in wrong.stderr
    job = simgen("generators", "train", tmp_path / "g.yaml", "--write-job", tmp_path / "job.json")
    assert job.returncode == 0
    assert (tmp_path / "job.json").is_file()
    refused = simgen("refine", "train", tmp_path / "g.yaml", "--out", tmp_path / "d")
    assert refused.returncode == 2
    assert "diffusion" in refused.stderr
