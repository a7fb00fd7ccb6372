"""All kinds of generator learn, resume to the same bits, and sample by number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from simgen.errors import DataError, RunFolderError, WorkError
from simgen.generate import _torch_training
from simgen.generate._torch_sampling import sample
from simgen.generate._torch_training import train
from simgen.generate.job import View, read_job, write_job
from simgen.learn.schedule import Schedule

from .conftest import NETWORKS, job_of

KINDS = ("vae", "gan", "diffusion")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    path = folder / "weights.safetensors"
    return load_file(
        path if path.is_file() else folder / "unet/diffusion_pytorch_model.safetensors"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_trains_and_samples_end_to_end(kind: str, blobs: Path, tmp_path: Path):
    card = train(job_of(blobs, kind), tmp_path / "g")
    assert card["generator"] == kind
    assert set(card["categories"]) == {"bar", "disc"}
    assert train(job_of(blobs, kind), tmp_path / "g") == card  # finished: nothing is done again
    made = list(sample(tmp_path / "g", [0, 1, 0], seed=4, device="cpu"))
    assert [m.shape for m in made] == [(16, 16, 3)] * 3
    assert made[0].dtype == np.uint8
    # The same number is the same picture, whatever else is in the batch.
    alone = list(sample(tmp_path / "g", [0, 1, 0], seed=4, batch=1, device="cpu"))
    assert max(int(np.abs(a.astype(int) - b).max()) for a, b in zip(made, alone, strict=True)) <= 1
    assert not np.array_equal(made[0], made[2])


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_training_ends_with_the_same_weights(
    kind: str, blobs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    job = job_of(blobs, kind, steps=4)
    train(job, tmp_path / "whole")
    step = _torch_training._step

    def stop(job, out, worker, state, batch):
        if state.step == 3:
            raise KeyboardInterrupt
        return step(job, out, worker, state, batch)

    monkeypatch.setattr(_torch_training, "_step", stop)
    with pytest.raises(KeyboardInterrupt):
        train(job, tmp_path / "cut")
    monkeypatch.undo()
    train(job, tmp_path / "cut")
    a, b = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert set(a) == set(b)
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_a_vae_learns_to_tell_the_categories_apart(blobs: Path, tmp_path: Path):
    """After a few seconds discs have dark corners and bars have bright ends."""
    job = job_of(
        blobs, "vae", params={**NETWORKS["vae"], "hidden": [64]},
        schedule=Schedule(steps=250, batch=16, learning_rate=3e-3, ema_decay=0.9),
    )  # fmt: skip
    train(job, tmp_path / "g")
    names = job.categories
    labels = [0] * 8 + [1] * 8
    made = np.stack(list(sample(tmp_path / "g", labels, seed=0, device="cpu"))).astype(float)
    ends = made[:, 0, 7:9].mean(axis=(1, 2))
    bars, discs = (ends[:8], ends[8:]) if names[0] == "bar" else (ends[8:], ends[:8])
    assert bars.mean() > discs.mean() + 40
    lines = [json.loads(line) for line in (tmp_path / "g/curve.jsonl").read_text().splitlines()]
    assert lines[-1]["loss"] < 0.8 * lines[0]["loss"]


def test_dense_vae_has_the_layers_that_its_numbers_say():
    params = {"hidden": [512, 256, 128], "latent": 20, "convolutional": False, "beta": 1.0}
    job = replace(job_of_nothing(), params=params, view=View(side=28, grey=True))
    net = _torch_training.build_network(job)
    sizes = [m.in_features for m in net.encoder.modules() if isinstance(m, torch.nn.Linear)]
    assert sizes == [784, 512, 256, 128]
    assert net.encoder.head.out_features == 2 * 20


def job_of_nothing():
    from simgen.generate.job import GeneratorJob

    return GeneratorJob("vae", {}, "", (), categories=("",))


def test_convolutional_vae_keeps_the_size():
    params = {"hidden": [4, 8], "latent": 3, "convolutional": True, "beta": 1.0}
    job = replace(job_of_nothing(), params=params, view=View(side=16))
    net = _torch_training.build_network(job)
    out = net.sample(torch.zeros(2, dtype=torch.int64), lambda shape: torch.zeros(2, *shape))
    assert out.shape == (2, 3, 16, 16)


def test_gan_gradients_of_one_do_not_reach_the_other(blobs: Path):
    net = _torch_training.build_network(job_of(blobs, "gan"))
    pictures, labels = torch.zeros(4, 3, 16, 16), torch.zeros(4, dtype=torch.int64)
    losses = net.loss(pictures, labels)
    losses["generator"].backward(retain_graph=True)
    assert all(p.grad is None for p in net.critic.parameters())
    net.zero_grad()
    losses["critic"].backward()
    assert all(p.grad is None for p in net.generator.parameters())


def test_a_diffusion_model_is_a_folder_of_diffusers(blobs: Path, tmp_path: Path):
    from diffusers import DDPMScheduler, UNet2DModel

    train(job_of(blobs, "diffusion"), tmp_path / "g")
    unet = UNet2DModel.from_pretrained(tmp_path / "g" / "unet")
    assert unet.config["num_class_embeds"] == 2
    scheduler = DDPMScheduler.from_pretrained(tmp_path / "g" / "scheduler")
    assert scheduler.config["num_train_timesteps"] == 100


def test_a_folder_of_another_training_is_refused(blobs: Path, tmp_path: Path):
    train(job_of(blobs, "vae"), tmp_path / "g")
    with pytest.raises(RunFolderError, match="other settings"):
        train(job_of(blobs, "vae", seed=1), tmp_path / "g")


def test_a_loss_that_is_not_finite_stops_and_leaves_no_card(blobs: Path, tmp_path: Path):
    schedule = Schedule(steps=50, batch=4, learning_rate=1e9, clip_norm=1e12, warm_up=0.0)
    with pytest.raises(WorkError, match="not finite"):
        train(job_of(blobs, "vae", schedule=schedule), tmp_path / "g")
    assert not (tmp_path / "g" / "card.json").exists()


def test_damaged_weights_are_told(blobs: Path, tmp_path: Path):
    train(job_of(blobs, "vae"), tmp_path / "g")
    (tmp_path / "g" / "weights.safetensors").write_bytes(b"rubbish")
    with pytest.raises(DataError, match="not safetensors"):
        list(sample(tmp_path / "g", [0], seed=0, device="cpu"))


def test_jobs_travel_as_json(blobs: Path, tmp_path: Path):
    job = job_of(blobs, "gan")
    write_job(job, tmp_path / "job.json")
    assert read_job(tmp_path / "job.json") == job


def test_the_bare_command_line_trains_and_samples(blobs: Path, tmp_path: Path, capsys):
    from simgen.generate.__main__ import main

    write_job(job_of(blobs, "vae"), tmp_path / "job.json")
    assert main(["train", str(tmp_path / "job.json"), "--out", str(tmp_path / "g")]) == 0
    assert main(["sample", str(tmp_path / "g"), "--out", str(tmp_path / "s"), "--number", "3"]) == 0
    assert len(list((tmp_path / "s").glob("*.png"))) == 3
    assert main(["sample", str(tmp_path / "none"), "--out", str(tmp_path / "s")]) == 2
    assert "no generator" in capsys.readouterr().err


def test_the_bare_command_line_edits_pictures(blobs: Path, tmp_path: Path):
    """SDEdit on a machine without the rest of simgen; the same pictures whatever else is there."""
    from simgen.generate.__main__ import main

    flat = job_of(blobs, "diffusion")
    flat = replace(flat, categories=("",), items=tuple(replace(i, category=0) for i in flat.items))
    train(flat, tmp_path / "g")
    edit = ["edit", str(tmp_path / "g"), str(blobs / "bar"), "--steps", "10", "--device", "cpu"]
    assert main([*edit, "--out", str(tmp_path / "a")]) == 0
    made = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert made == sorted(p.name for p in (blobs / "bar").iterdir())
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "3.png").write_bytes((blobs / "bar" / "3.png").read_bytes())
    edit[2] = str(tmp_path / "one")
    assert main([*edit, "--out", str(tmp_path / "b")]) == 0
    assert (tmp_path / "a" / "3.png").read_bytes() == (tmp_path / "b" / "3.png").read_bytes()
    assert (tmp_path / "a" / "3.png").read_bytes() != (blobs / "bar" / "3.png").read_bytes()


def test_a_bare_machine_imports_what_trains_and_samples():
    import subprocess
    import sys

    code = (
        "import sys; gone = ('pydantic', 'open3d', 'mujoco', 'bpy', 'trimesh', 'manifold3d',"
        " 'msgspec', 'pycocotools'); sys.modules.update(dict.fromkeys(gone));"
        "import simgen.generate.__main__, simgen.generate._torch_sampling,"
        " simgen.generate._torch_diffusion, simgen.generate._torch_gan, simgen.generate._torch_vae"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
