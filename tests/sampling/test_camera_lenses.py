"""Lenses from settings: perspective, calibrated, fisheye."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simgen.errors import SceneFileError
from simgen.sampling.sampler import Sampler

Make = Callable[..., Sampler]
SCENE = "scene: {type: tabletop}\nobjects: {b: {asset: box, count: 2}}\n"


def lens_of(make: Make, camera: str):
    sampler = make(SCENE + f"camera: {camera}\n")
    return sampler.frame(0, sampler.world(0)).camera.intrinsics


def test_a_fisheye_spans_its_field_of_view(make_sampler: Make) -> None:
    lens = lens_of(make_sampler, "{fisheye: {fov_deg: 200, k1: {uniform: [0.01, 0.03]}}}")
    assert lens.fisheye is not None
    assert 0.01 <= lens.fisheye.k1 <= 0.03
    rays = lens.rays([[0.0, 240.0], [640.0, 240.0], [320.0, 240.0]])
    angle = np.degrees(np.arccos(rays[:, 2]))
    np.testing.assert_allclose(angle, [100, 100, 0], atol=1e-6)


def test_k_of_a_calibrated_fisheye_is_taken_as_it_is(make_sampler: Make) -> None:
    k = "lens: {fx: 210, fy: 211, cx: 300, cy: 250}"
    lens = lens_of(make_sampler, f"{{fisheye: {{k1: -0.3, circle_deg: 100}}, {k}}}")
    assert (lens.fx, lens.fy, lens.cx, lens.cy) == (210, 211, 300, 250)
    assert lens.fisheye is not None
    assert lens.fisheye.max_angle_deg == 50
    narrow = lens_of(make_sampler, f"{{fisheye: {{k1: -0.3}}, {k}}}").fisheye
    assert narrow is not None
    assert narrow.max_angle_deg == pytest.approx(np.degrees(np.sqrt(1 / 0.9)), abs=0.3)


@pytest.mark.parametrize(
    ("camera", "message"),
    [
        ("{fisheye: {}, fov_deg: 60}", "expected `fisheye` or `fov_deg`"),
        ("{fisheye: {}, distortion: {k1: 0.1}}", "expected `fisheye` or `distortion`"),
        (
            "{fisheye: {fov_deg: 90}, lens: {fx: 9, fy: 9, cx: 1, cy: 1}}",
            "expected `fisheye.fov_deg` or `lens`",
        ),
        ("{fisheye: {fov_deg: 360}}", "less than or equal to 340|at most 340"),
        ("{fisheye: {fov_deg: 180, k1: -0.4}}", "folds over"),
    ],
)
def test_what_cannot_be_is_refused(make_sampler: Make, camera: str, message: str) -> None:
    with pytest.raises(SceneFileError, match=message):
        lens_of(make_sampler, camera)
