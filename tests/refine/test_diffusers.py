"""Real diffusers pipelines, tiny and random, saved, loaded by path, with every control image."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgen.errors import DataError
from simgen.records.sample import Sample
from simgen.refine.diffusion import Diffusion, DiffusionParams
from simgen.refine.workplace import Workplace
from simgen.spec.fields import Root

from .conftest import rng

if not importlib.util.find_spec("diffusers"):
    pytest.skip("needs the extra refine", allow_module_level=True)

from . import tiny

Make = Callable[..., Sample]
BUILDERS = {
    "sd": (tiny.stable_diffusion, {"cross": 16}),
    "sdxl": (tiny.stable_diffusion_xl, {"cross": 32, **tiny.XL}),
    "sd3": (tiny.stable_diffusion_3, None),
}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of pipelines and ControlNets by name."""
    folder = tmp_path_factory.mktemp("models")
    found = {}
    for name, (build, control) in BUILDERS.items():
        found[name] = build(folder / name)
        if control is not None:
            found[f"{name}_control"] = tiny.controlnet(folder / f"{name}_control", **control)
    return found


def root(path: Path) -> Root:
    return Root(str(path), path)


def params(models: dict[str, Path], name: str, *controls: str, **more: Any) -> DiffusionParams:
    sections = {c: {"folder": root(models[f"{name}_control"])} for c in controls}
    usual = {"steps": 2, "strength": 0.6, "guidance": 2.0}
    return DiffusionParams(folder=root(models[name]), controls=sections, **{**usual, **more})


def refine(settings: DiffusionParams, sample: Sample, seed: int = 0, times: int = 1) -> Any:
    with Diffusion().open(settings, Workplace(1, "cpu")) as session:
        found = [session.refine([sample], [rng(seed=seed)])[0] for _ in range(times)]
    return found if times > 1 else found[0]


CASES = [
    ("sd", (), "image"),
    ("sd", (), "background"),
    ("sd", ("depth",), "image"),
    ("sd", ("canny", "normals"), "image"),
    ("sd", ("segmentation",), "background"),
    ("sdxl", (), "image"),
    ("sdxl", ("normals",), "background"),
    ("sd3", (), "image"),
    ("sd3", (), "background"),
]


@pytest.mark.parametrize(("name", "controls", "mode"), CASES)
def test_every_family_runs_with_control_images(
    name: str, controls: tuple[str, ...], mode: str, models: dict[str, Path], make_sample: Make
):
    sample = make_sample(72, 50)  # no multiple of anything
    one, two = refine(params(models, name, *controls, mode=mode), sample, times=2)
    assert one.rgb.dtype == np.uint8
    assert one.rgb.shape == sample.rgb.shape
    assert np.array_equal(one.rgb, two.rgb)
    assert one.annotations == sample.annotations
    assert np.abs(one.rgb.astype(int) - sample.rgb).mean() > 1
    if mode == "background":
        assert np.array_equal(one.rgb[sample.instances > 0], sample.rgb[sample.instances > 0])


def test_the_control_image_matters(models: dict[str, Path], make_sample: Make):
    sample = make_sample()
    moved = replace(sample, depth_m=np.ascontiguousarray(sample.depth_m[::-1]))
    with Diffusion().open(params(models, "sd", "depth"), Workplace(1, "cpu")) as session:
        a, b = (session.refine([s], [rng()])[0].rgb for s in (sample, moved))
    assert not np.array_equal(a, b)


def test_seeds_strength_prompt_and_scheduler_matter(models: dict[str, Path], make_sample: Make):
    sample = make_sample()
    with Diffusion().open(params(models, "sd", steps=4), Workplace(1, "cpu")) as session:
        base = session.refine([sample], [rng()])[0]
        other = session.refine([sample], [rng(seed=1)])[0]
        weak = session.refine([sample], [rng()], 0.1)[0]
    assert base.provenance[-1].operators[0]["prompt"].startswith("a photo of a red and a blue")
    assert not np.array_equal(base.rgb, other.rgb)
    assert np.array_equal(weak.rgb, sample.rgb)  # less than one step: nothing is done
    changed = refine(params(models, "sd", steps=4, scheduler="euler", prompt="night"), sample)
    assert not np.array_equal(base.rgb, changed.rgb)


def test_side_is_where_it_works_not_what_comes_out(models: dict[str, Path], make_sample: Make):
    sample = make_sample(96, 64)
    out = refine(params(models, "sd", side=48), sample)
    assert out.rgb.shape == sample.rgb.shape


def test_a_lora_changes_the_picture(models: dict[str, Path], make_sample: Make, tmp_path: Path):
    import torch
    from safetensors.torch import save_file

    rank, tensors = 2, {}
    base = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora"
    torch.manual_seed(1)
    tensors[f"{base}_A.weight"] = torch.randn(rank, 16)
    tensors[f"{base}_B.weight"] = torch.randn(16, rank) * 4
    save_file(tensors, tmp_path / "look.safetensors")
    sample = make_sample()
    lora = {"look": {"path": root(tmp_path / "look.safetensors"), "weight": 1.0}}
    plain = refine(params(models, "sd"), sample)
    adapted = refine(params(models, "sd", loras=lora), sample)
    assert not np.array_equal(plain.rgb, adapted.rgb)


def copied(source: Path, target: Path) -> Path:
    import shutil

    shutil.copytree(source, target)
    return target


def test_what_cannot_be_loaded_is_told_with_the_cure(
    models: dict[str, Path], make_sample: Make, tmp_path: Path
):
    def message(settings: DiffusionParams) -> str:
        with pytest.raises(DataError) as caught:
            refine(settings, make_sample())
        return str(caught.value)

    plain = {"steps": 2}
    gone = message(DiffusionParams(folder=root(tmp_path / "gone"), **plain))
    assert "there is no folder" in gone
    unknown = message(DiffusionParams(model="nobody/nothing", **plain))
    assert "not on this machine" in unknown
    assert "download" in unknown
    (tmp_path / "empty").mkdir()
    assert "no model of diffusers" in message(DiffusionParams(folder=root(tmp_path / "empty")))

    pickled = copied(models["sd"], tmp_path / "pickled")
    for file in pickled.rglob("*.safetensors"):
        file.rename(file.with_suffix(".bin"))
    assert "pickles" in message(DiffusionParams(folder=root(pickled)))
    mixed = copied(models["sd"], tmp_path / "mixed")
    next((mixed / "unet").glob("*.safetensors")).rename(
        mixed / "unet" / "diffusion_pytorch_model.bin"
    )
    assert "->" in message(DiffusionParams(folder=root(mixed)))
    corrupt = copied(models["sd"], tmp_path / "corrupt")
    next((corrupt / "unet").glob("*.safetensors")).write_bytes(b"\x08" * 40)
    assert "cannot be loaded" in message(DiffusionParams(folder=root(corrupt)))


def test_a_control_that_does_not_fit_is_told(models: dict[str, Path], make_sample: Make):
    wrong = dict(models, sd_control=models["sdxl_control"])
    with pytest.raises(DataError, match="ControlNet"):
        refine(params(wrong, "sd", "depth"), make_sample())


def test_an_adapter_must_be_safetensors_of_this_family(
    models: dict[str, Path], make_sample: Make, tmp_path: Path
):
    (tmp_path / "look.bin").write_bytes(b"pickle")
    lora = {"look": {"path": root(tmp_path / "look.bin")}}
    with pytest.raises(DataError, match="pickle"):
        refine(params(models, "sd", loras=lora), make_sample())
