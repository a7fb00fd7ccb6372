"""Apertures and shutters are drawn into the camera record without moving any other draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simgen.records.frame import FrameSpec
from simgen.records.serial import from_json, to_json
from simgen.sampling.sampler import Sampler

Make = Callable[..., Sampler]
SCENE = """
scene: {type: tabletop}
objects: {bricks: {asset: box, count: 2, size_m: [0.05, 0.05, 0.05]}}
categories: [box]
camera: {distance_m: {uniform: [0.4, 0.8]}, fov_deg: 50, %s}
"""
DEPTH = "depth_of_field: {f_number: {uniform: [2, 8]}, sensor_width_mm: 24}"
MOTION = "motion_blur: {shutter_s: {uniform: [0.01, 0.02]}, speed_m_s: 0.5, turn_deg_s: 90}"


def first_frames(make: Make, camera: str) -> list[FrameSpec]:
    sampler = make(SCENE % camera)
    return [sampler.frame(n, sampler.world(n)) for n in range(6)]


def test_other_draws_stay(make_sampler: Make) -> None:
    plain = first_frames(make_sampler, "roll_deg: 0")
    blurred = first_frames(make_sampler, f"{DEPTH}, {MOTION}")
    for before, after in zip(plain, blurred, strict=True):
        sharp = replace(after.camera, focus=None, shutter=None)
        assert to_json(replace(after, camera=sharp, drawn=None)) == to_json(
            replace(before, drawn=None)
        )
        assert after.drawn.items() >= before.drawn.items()
        assert from_json(FrameSpec, to_json(after)) == after
    assert len({to_json(spec.camera.focus) for spec in blurred}) == len(blurred)


def test_f_number_and_sensor_give_the_aperture(make_sampler: Make) -> None:
    focal_m = 0.024 / 2 / math.tan(math.radians(25))
    for spec in first_frames(make_sampler, DEPTH):
        focus = spec.camera.focus
        assert focus is not None
        assert 2 <= focal_m / (2 * focus.aperture_radius_m) <= 8
        assert 0.4 <= focus.distance_m <= 0.8  # the point looked at
    (near, *_) = first_frames(make_sampler, "depth_of_field: {f_number: 4, focus: 0.3}")
    assert near.camera.focus is not None
    assert near.camera.focus.distance_m == 0.3
    full_frame = 0.036 / 2 / math.tan(math.radians(25))
    assert near.camera.focus.aperture_radius_m == pytest.approx(full_frame / 8)


def test_shake_has_the_speed_that_was_asked_for(make_sampler: Make) -> None:
    shakes = []
    for spec in first_frames(make_sampler, MOTION):
        shutter = spec.camera.shutter
        assert shutter is not None
        assert 0.01 <= shutter.open_s <= 0.02
        assert np.linalg.norm(shutter.shake.linear_m_s) == pytest.approx(0.5)
        assert np.linalg.norm(shutter.shake.angular_rad_s) == pytest.approx(math.pi / 2)
        shakes.append(shutter.shake)
    assert len(set(shakes)) == len(shakes)
