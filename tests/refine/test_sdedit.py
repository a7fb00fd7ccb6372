"""SDEdit with a tiny model: identity without noise, own noise, wrong folders."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgen.errors import DataError
from simgen.records.sample import Sample
from simgen.refine.sdedit import SdEdit, SdEditParams
from simgen.refine.workplace import Workplace
from simgen.spec.fields import Root

from .conftest import rng

if not importlib.util.find_spec("diffusers"):
    pytest.skip("needs the extra refine", allow_module_level=True)

Make = Callable[..., Sample]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model in the layout of `simgen refine train`."""
    import torch
    from diffusers import DDPMScheduler, UNet2DModel

    folder = tmp_path_factory.mktemp("sdedit")
    torch.manual_seed(0)
    net = UNet2DModel(
        sample_size=16, in_channels=3, out_channels=3, block_out_channels=(8, 8, 8),
        layers_per_block=1, norm_num_groups=4, add_attention=False,
        down_block_types=("DownBlock2D",) * 3, up_block_types=("UpBlock2D",) * 3,
    )  # fmt: skip
    net.save_pretrained(folder / "unet", safe_serialization=True)
    DDPMScheduler(beta_schedule="squaredcos_cap_v2").save_pretrained(folder / "scheduler")
    return folder


def params(model: Path, **changes: Any) -> SdEditParams:
    return SdEditParams(model=Root(str(model), model), **{"steps": 10, **changes})


def test_noise_is_added_and_taken_away(model: Path, make_sample: Make):
    sample = make_sample(50, 37)  # no multiple of the network's step
    with SdEdit().open(params(model, strength=0.3), Workplace(1, "cpu")) as session:
        out, again = (session.refine([sample], [rng()])[0].rgb for _ in range(2))
        other = session.refine([sample], [rng(seed=1)])[0].rgb
        weak = session.refine([sample], [rng()], 0.1)[0]
    assert out.shape == sample.rgb.shape
    assert np.array_equal(out, again)
    assert not np.array_equal(out, other)
    assert np.array_equal(weak.rgb, sample.rgb)  # less than one step
    assert weak.annotations == sample.annotations


def test_at_a_smaller_scale_the_fine_detail_stays(
    model: Path, make_sample: Make, monkeypatch: pytest.MonkeyPatch
):
    from simgen.refine._torch_denoise import Denoiser

    seen = []

    def brighter(self: Any, rgb: Any, share: float, seed: int) -> Any:
        seen.append(rgb.shape)
        return rgb + np.uint8(10)

    monkeypatch.setattr(Denoiser, "worked", brighter)
    sample = make_sample(64, 48)
    with SdEdit().open(params(model, scale=0.5), Workplace(1, "cpu")) as session:
        out = session.refine([sample], [rng()])[0].rgb
    assert seen == [(24, 32, 3)]
    assert np.array_equal(out, np.clip(sample.rgb.astype(int) + 10, 0, 255))


def test_a_trained_model_pulls_towards_what_it_learnt(tmp_path: Path, make_sample: Make):
    """A model of bright pictures brightens a dark one; end to end, a few seconds."""
    from PIL import Image

    from simgen.generate._torch_training import train
    from simgen.generate.job import GeneratorJob, View
    from simgen.generate.pictures import list_pictures
    from simgen.learn.schedule import Machine, Schedule

    (tmp_path / "photos").mkdir()
    for n in range(6):
        Image.new("RGB", (24, 24), (200 + n, 205, 210)).save(tmp_path / "photos" / f"{n}.png")
    listing = list_pictures(tmp_path / "photos", None, crops=False, held_out=0.0)
    job = GeneratorJob(
        "diffusion",
        {"channels": [16, 16], "layers": 1, "attention": False, "noise_steps": 100, "dropout": 0},
        str(listing.root), listing.items, (), listing.categories, View(side=16, windows=True),
        Schedule(steps=100, batch=8, learning_rate=6e-3, ema_decay=0.9),
        Machine(device="cpu", threads=1),
    )  # fmt: skip
    train(job, tmp_path / "model")
    sample = make_sample(32, 24)
    dark = Sample(np.full((24, 32, 3), 90, np.uint8), sample.annotations.take([]))
    settings = params(tmp_path / "model", strength=0.9, steps=20)
    with SdEdit().open(settings, Workplace(1, "cpu")) as session:
        out = session.refine([dark], [rng()])[0].rgb
    assert out.mean() > 120


def test_wrong_models_are_told(model: Path, tmp_path: Path):
    def message(folder: Path) -> str:
        with pytest.raises(DataError) as caught:
            SdEdit().open(params(folder), Workplace(1, "cpu"))
        return str(caught.value)

    assert "not a diffusion model" in message(tmp_path)
    pickled = tmp_path / "pickled"
    shutil.copytree(model, pickled)
    weights = pickled / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    assert "safetensors" in message(pickled)
    corrupt = tmp_path / "corrupt"
    shutil.copytree(model, corrupt)
    (corrupt / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"\x01" * 64)
    assert "cannot be loaded" in message(corrupt)
