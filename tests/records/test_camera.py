"""Cameras with aperture and shutter, and those without, as they were before there were any."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from simgen.records.camera import Camera, Focus, Intrinsics, Shutter
from simgen.records.pose import Pose, Velocity, look_at
from simgen.records.serial import from_json, to_json
from simgen.records.world import AssetRef, WorldObject

LENS = Intrinsics(64, 48, 60.0, 60.0, 32.0, 24.0)
OLD = b'{"intrinsics":{"width":64,"height":48,"fx":60.0,"fy":60.0,"cx":32.0,"cy":24.0,'
PLAIN = WorldObject(
    1, "x", 0, "object", AssetRef("p", "x", "v", {}, "d"), Pose(), 1.0, None, {}, {}, {}
)


def test_a_sharp_camera_and_a_resting_object_keep_their_bytes():
    camera = Camera(LENS)
    assert to_json(camera).startswith(OLD)
    assert set(json.loads(to_json(camera))) == {"intrinsics", "T_world_cam"}
    assert set(json.loads(to_json(PLAIN))) >= {"id", "materials"}
    assert "velocity" not in json.loads(to_json(PLAIN))
    for record in (camera, PLAIN):
        back = from_json(type(record), to_json(record))
        assert back == record
        assert to_json(back) == to_json(record)


def test_blur_survives_the_round_trip():
    spin = Velocity((0.1, 0.0, -0.2), (0.0, 3.0, 0.0))
    camera = Camera(LENS, focus=Focus(0.004, 0.5), shutter=Shutter(0.02, spin))
    moving = replace(PLAIN, velocity=spin)
    for record in (camera, moving):
        assert from_json(type(record), to_json(record)) == record
    assert replace(camera, focus=None, shutter=None) == Camera(LENS)
    assert to_json(replace(camera, focus=None, shutter=None)) == to_json(Camera(LENS))


def test_confusion_is_where_the_cone_through_the_aperture_meets_the_sharp_plane():
    focus = Focus(0.01, 0.5)
    for depth in (0.2, 0.5, 2.0):
        cone = 0.01 * abs(depth - 0.5) / depth  # on the sharp plane, by similar triangles
        assert focus.confusion(1 / depth) == pytest.approx(cone / 0.5)
    assert focus.confusion(0.0) == pytest.approx(0.01 / 0.5)


def test_moved_turns_about_the_own_origin_and_back():
    pose = look_at((1.0, 2.0, 0.5), (0, 0, 0), 0.3)
    quarter = pose.moved(Velocity((2.0, 0.0, 0.0), (0.0, 0.0, np.pi)), 0.5)
    assert quarter.position_m == pytest.approx((2.0, 2.0, 0.5))
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    assert quarter.rotation() == pytest.approx(turn @ pose.rotation())
    back = quarter.moved(Velocity((2.0, 0.0, 0.0), (0.0, 0.0, np.pi)), -0.5)
    assert back.rotation() == pytest.approx(pose.rotation())
    assert pose.moved(Velocity(), 1.0) == pose
