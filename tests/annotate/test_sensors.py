"""Depth cameras: noise as large as the papers say, shadows where the second eye sees nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.annotate.sensors import Sensor, shadow, stereo, structured_light

SENSOR = Sensor(600.0, 0.05, 0.08, 1 / 32, (0.2, 10.0))
KINECT = Sensor(580.0, 0.075, 1 / 48, 1 / 8, (0.4, 4.5))


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(3))


def wall(distance_m: float) -> np.ndarray:
    return np.full((120, 160), distance_m, np.float32)


@pytest.mark.parametrize("distance", [0.5, 1.0, 3.0])
def test_stereo_noise_grows_with_the_square_of_the_distance(distance: float) -> None:
    found = stereo(wall(distance), None, SENSOR, rng())
    inner = found[:, 80:]
    assert (inner > 0).all()
    noise = np.hypot(0.08, (1 / 32) / np.sqrt(12))  # of matching and of rounding
    expected = distance**2 * noise / (600 * 0.05)
    assert inner.std() == pytest.approx(expected, rel=0.15)
    assert inner.mean() == pytest.approx(distance, rel=0.01)
    errors = inner - distance
    alike = (errors[:, 1:] * errors[:, :-1]).mean() / (errors**2).mean()
    assert alike > 0.7  # neighbours share their block


def test_structured_light_tells_whole_eighths_of_disparity() -> None:
    found = structured_light(wall(2.0), None, KINECT, rng())
    steps = 8 * 580 * 0.075 / found[found > 0].astype(np.float64)
    assert np.allclose(steps, np.round(steps), atol=1e-3)
    assert len(np.unique(found[found > 0])) < 6


def test_shadows_are_where_the_second_eye_is_blind() -> None:
    """By hand: disparity 2 behind, 6 in front of columns 20 to 29."""
    disparity = np.full((4, 60), 2.0)
    disparity[:, 20:30] = 6
    hidden = shadow(disparity, np.ones_like(disparity, bool))
    places = {u - 6 for u in range(20, 30)}
    expected = [u < 2 or (not 20 <= u < 30 and u - 2 in places) for u in range(60)]
    assert hidden[0].tolist() == expected
    assert sum(expected) == 2 + 4  # as wide as the step in disparity


def test_flat_angles_and_far_surfaces_give_nothing() -> None:
    normals = np.zeros((120, 160, 3), np.float32)
    normals[..., 2] = -1
    normals[:60] = (0, -0.999, -0.04)
    found = stereo(wall(1.0), normals, SENSOR, rng())
    assert (found[:60] == 0).all()
    assert (found[60:, 80:] > 0).all()
    assert (stereo(wall(12.0), None, SENSOR, rng()) == 0).all()
    assert (structured_light(wall(0.3), None, KINECT, rng()) == 0).all()
    assert (stereo(wall(0), None, SENSOR, rng()) == 0).all()


def test_without_noise_and_steps_it_is_the_truth() -> None:
    exact = replace(SENSOR, disparity_noise_px=0, disparity_step_px=1e-6)
    y, x = np.indices((60, 80))
    depth = (1 + 0.001 * x + 0.002 * y).astype(np.float32)
    found = stereo(depth, None, exact, rng())
    assert np.allclose(found[found > 0], depth[found > 0], rtol=1e-6)
    assert (found[:, 40:] > 0).all()
