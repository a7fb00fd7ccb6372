"""Kannala-Brandt lenses against OpenCV, and round trips far beyond 90 degrees."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.records.camera import Camera, Intrinsics, pixel_rays
from simgen.records.kannala_brandt import Fisheye
from simgen.records.pose import look_at
from simgen.records.serial import from_json, to_json

REAL = Fisheye(0.021, -0.0035, 0.0011, -0.00021, 110.0)


def lens(fisheye: Fisheye, focal: float = 200.0) -> Intrinsics:
    return Intrinsics(640, 480, focal, focal * 1.01, 318.0, 242.5, fisheye=fisheye)


def test_projection_is_opencvs():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(500, 3))
    points[:, 2] = np.abs(points[:, 2]) + 0.05
    view = lens(REAL)
    k = np.array([REAL.k1, REAL.k2, REAL.k3, REAL.k4])
    theirs, _ = cv2.fisheye.projectPoints(
        points[:, None], np.zeros(3), np.zeros(3), view.matrix(), k
    )
    np.testing.assert_allclose(view.project(points), theirs[:, 0], atol=1e-9)
    pixels = view.project(points)
    flat = cv2.fisheye.undistortPoints(pixels[:, None], view.matrix(), k)[:, 0]
    rays = view.rays(pixels)
    near = rays[:, 2] > 0.2  # OpenCV's inverse is by iteration in x = X/Z
    np.testing.assert_allclose(rays[near, :2] / rays[near, 2:], flat[near], atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    k1=st.floats(-0.03, 0.1),
    k2=st.floats(-0.01, 0.02),
    k3=st.floats(-0.002, 0.002),
    angle=st.floats(0.0, 0.99),
    turn=st.floats(0, 6.283),
    depth=st.floats(0.01, 100),
)
def test_points_come_back_from_their_pixels(k1, k2, k3, angle, turn, depth):
    fisheye = Fisheye(k1, k2, k3)
    fisheye = Fisheye(k1, k2, k3, 0.0, min(150.0, fisheye.fold_deg() - 3))
    view = Camera(lens(fisheye), look_at((1.0, 0.5, 0.7), (0, 0, 0), 0.3))
    t = np.radians(fisheye.max_angle_deg) * angle
    local = depth * np.array([np.sin(t) * np.cos(turn), np.sin(t) * np.sin(turn), np.cos(t)])
    point = view.T_world_cam.apply(local)
    pixel = view.intrinsics.project(view.to_camera(point))
    assert view.intrinsics.depth_of(local) == pytest.approx(depth)
    np.testing.assert_allclose(view.unproject(pixel, depth), point, atol=1e-7 * depth + 1e-9)


def test_beyond_the_largest_angle_there_is_no_ray_and_no_image():
    view = lens(Fisheye(max_angle_deg=90.0), focal=150.0)
    rays = pixel_rays(view)
    blind = ~rays.any(axis=-1)
    v, u = np.nonzero(blind)
    radius = np.hypot((u + 0.5 - view.cx) / view.fx, (v + 0.5 - view.cy) / view.fy)
    assert blind.any()
    assert radius.min() > np.pi / 2
    np.testing.assert_allclose(np.linalg.norm(rays[~blind], axis=-1), 1, atol=1e-6)
    behind, beside = np.array([[0.3, 0.0, -1.0]]), np.array([[1.0, 0.0, 0.01]])
    assert np.isnan(view.project(behind)).all()
    assert view.images(beside).all()
    assert not view.images(np.zeros((1, 3))).any()


def test_a_lens_that_folds_is_known():
    folding = Fisheye(-0.2, 0.0, 0.0, 0.0, 120.0)
    assert folding.fold_deg() == pytest.approx(np.degrees(np.sqrt(1 / 0.6)), abs=0.2)
    assert not lens(folding).invertible()
    assert lens(Fisheye(-0.2, max_angle_deg=70.0)).invertible()
    assert lens(REAL).invertible()


def test_perspective_lenses_keep_their_bytes():
    plain = Intrinsics(64, 48, 60.0, 60.0, 32.0, 24.0)
    assert "fisheye" not in json.loads(to_json(plain))
    curved = lens(REAL)
    assert from_json(Intrinsics, to_json(curved)) == curved
    assert from_json(Intrinsics, to_json(plain)) == plain
