"""Super-resolution: labels scale exactly, tiles leave no seam, wrong weights are told."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simgen.errors import DataError
from simgen.records.marks import KeypointPx
from simgen.records.masks import decode, tight_box
from simgen.records.sample import Sample
from simgen.refine.scaling import enlarged
from simgen.refine.upscale import Upscale, UpscaleParams
from simgen.refine.workplace import Workplace
from simgen.spec.fields import Root

from .conftest import rng

Make = Callable[..., Sample]
if not importlib.util.find_spec("spandrel"):
    pytest.skip("needs the extra refine", allow_module_level=True)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real-ESRGAN's small network (SRVGGNetCompact), x2, random weights."""
    import torch
    from safetensors.torch import save_file
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    net = Compact(num_feat=8, num_conv=2, upscale=2)
    path = tmp_path_factory.mktemp("upscale") / "net.safetensors"
    save_file(net.state_dict(), path)
    return path


def params(path: Path, **changes: int) -> UpscaleParams:
    return UpscaleParams(weights=Root(str(path), path), **changes)


def test_everything_that_counts_pixels_is_multiplied(weights: Path, make_sample: Make):
    sample = make_sample()
    with Upscale().open(params(weights), Workplace(1, "cpu")) as session:
        out = session.refine([sample], [rng()])[0]
    assert Upscale().factor(params(weights)) == 2
    assert out.size == (160, 112)
    for row in range(2):
        mask = decode(out.annotations.mask[row])
        assert np.array_equal(mask, decode(sample.annotations.mask[row]).repeat(2, 0).repeat(2, 1))
        assert tight_box(mask) == out.annotations.box_xywh_px[row]
        assert mask.sum() == out.annotations.area_px[row]
        assert np.array_equal(mask, out.instances == row + 1)
    lens, small = out.camera.intrinsics, sample.camera.intrinsics
    assert (lens.width, lens.fx, lens.cx) == (160, 2 * small.fx, 2 * small.cx)
    # A point lands where its pixel went: u' = 2 u with centres at +0.5.
    point = np.array([0.1, -0.05, 1.7])
    assert lens.project(point) == pytest.approx(2 * small.project(point))
    assert out.depth_m.shape == out.rgb.shape[:2]


def test_tiles_show_no_seam(weights: Path, make_sample: Make):
    sample = make_sample()
    found = []
    for tile in (0, 33):
        with Upscale().open(params(weights, tile=tile), Workplace(1, "cpu")) as session:
            found.append(session.refine([sample], [rng()])[0].rgb.astype(int))
    assert np.abs(found[0] - found[1]).max() <= 1


def test_a_smaller_factor_is_averaged_and_a_larger_one_is_told(weights: Path, make_sample: Make):
    with Upscale().open(params(weights, factor=1), Workplace(1, "cpu")) as session:
        assert session.refine([make_sample()], [rng()])[0].size == (80, 56)
    with pytest.raises(DataError, match="enlarges 2 times"):
        Upscale().open(params(weights, factor=4), Workplace(1, "cpu"))


def test_strength_0_is_plain_interpolation(weights: Path, make_sample: Make):
    with Upscale().open(params(weights), Workplace(1, "cpu")) as session:
        out = session.refine([make_sample()], [rng()], 0.0)[0]
    assert out.size == (160, 112)
    assert np.abs(out.rgb[::2, ::2].astype(int) - make_sample().rgb).mean() < 6


def test_wrong_weights_are_told(weights: Path, tmp_path: Path):
    import torch
    from safetensors.torch import save_file

    (tmp_path / "net.pth").write_bytes(b"pickle")
    (tmp_path / "bad.safetensors").write_bytes(b"\x01" * 64)
    save_file({"strange": torch.zeros(3)}, tmp_path / "other.safetensors")
    for name, said in (
        ("gone.safetensors", "no weights"), ("net.pth", "pickle"),
        ("bad.safetensors", "not safetensors"), ("other.safetensors", "knows no network"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=said):
            Upscale().open(params(tmp_path / name), Workplace(1, "cpu"))


def test_marks_and_parts_grow_too(make_sample: Make):
    from dataclasses import replace

    sample = make_sample()
    labels = sample.annotations
    labels = replace(
        labels,
        keypoints=((KeypointPx("tip", (12.5, 20.0), 1.5, 2),), ()),
        parts=({"lid": labels.mask[0]}, {}),
    )
    out = enlarged(replace(sample, annotations=labels), 3, sample.rgb.repeat(3, 0).repeat(3, 1))
    assert decode(out.annotations.parts[0]["lid"]).sum() == 9 * 440
    assert out.annotations.keypoints[0][0].xy_px == (37.5, 60.0)
