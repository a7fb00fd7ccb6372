"""Rigs: several cameras, one world, one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simgen.errors import SceneFileError
from simgen.records.frame import FrameSpec
from simgen.records.pose import Pose
from simgen.records.serial import from_json, to_json
from simgen.records.world import World
from simgen.sampling.far import far_bound_m
from simgen.sampling.sampler import Sampler
from simgen.sampling.views import View

Make = Callable[..., Sampler]
SCENE = """
scene: {type: tabletop}
objects: {b: {asset: box, count: 3}}
views_per_world: 2
camera:
  distance_m: {uniform: [0.5, 0.9]}
  distortion: {k1: {uniform: [-0.1, 0.1]}}
  motion_blur: {shutter_s: 0.02, speed_m_s: 0.1, turn_deg_s: 40}
  rig: RIG
"""
STEREO = "{baseline_m: 0.12}"
HEAD = """
    name: head
    cameras:
      front: {}
      wide: {position_m: [0.05, 0, 0], turn_deg: [0, 10, 0], fisheye: {fov_deg: 170}}
      back: {position_m: [0, 0, -0.1], turn_deg: [0, 180, 0], fov_deg: {uniform: [40, 70]}}
"""


def frames(sampler: Sampler, world: int, per_world: int) -> list[FrameSpec]:
    drawn = sampler.world(world)
    return [sampler.frame(world * per_world + n, drawn) for n in range(per_world)]


def test_a_pair_is_as_far_apart_as_its_baseline_and_shares_the_rest(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE.replace("RIG", STEREO))
    assert sampler._scene.file.frames_per_world == 4
    for world in range(3):
        shots = frames(sampler, world, 4)
        assert [s.rig.camera for s in shots] == ["left", "right", "left", "right"]
        assert [s.rig.pose for s in shots] == [0, 0, 1, 1]
        assert [(s.frame, s.world, s.view) for s in shots] == [
            (4 * world + n, world, n) for n in range(4)
        ]
        for left, right in (shots[:2], shots[2:]):
            assert left.camera.intrinsics == right.camera.intrinsics
            assert left.exposure == right.exposure
            assert left.drawn == right.drawn
            offset = right.camera.T_world_cam.apply_inverse(left.camera.T_world_cam.position_m)
            np.testing.assert_allclose(offset, [-0.12, 0, 0], atol=1e-12)
            assert left.rig.T_world_rig == left.camera.T_world_cam
            turn = np.cross(
                right.camera.shutter.shake.angular_rad_s,
                np.subtract(
                    right.camera.T_world_cam.position_m, left.camera.T_world_cam.position_m
                ),
            )
            np.testing.assert_allclose(
                np.subtract(
                    right.camera.shutter.shake.linear_m_s, left.camera.shutter.shake.linear_m_s
                ),
                turn,
                atol=1e-12,
            )
        assert shots[0].camera.T_world_cam != shots[2].camera.T_world_cam


def test_a_rig_stands_where_the_camera_alone_would(make_sampler: Make) -> None:
    single = make_sampler(SCENE.replace("  rig: RIG\n", ""))
    pair = make_sampler(SCENE.replace("RIG", STEREO))
    # Frame 0 is keyed alike; later ones are counted with the cameras.
    alone, left = frames(single, 0, 2)[0], frames(pair, 0, 4)[0]
    assert alone.rig is None
    assert alone.camera == left.camera


def test_cameras_may_have_lenses_of_their_own(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE.replace("RIG", HEAD))
    front, wide, back = frames(sampler, 1, 6)[:3]
    assert {s.rig.rig for s in (front, wide, back)} == {"head"}
    assert front.camera.intrinsics.fisheye is None
    assert wide.camera.intrinsics.fisheye is not None
    assert front.camera.intrinsics.distorted
    assert not back.camera.intrinsics.distorted
    assert back.camera.intrinsics.fx != front.camera.intrinsics.fx
    forward = [s.camera.T_world_cam.rotation()[:, 2] for s in (front, wide, back)]
    assert forward[0] @ forward[2] == pytest.approx(-1)
    assert forward[0] @ forward[1] == pytest.approx(np.cos(np.radians(10)))
    # y down, z forward: a positive turn about y looks to the right
    assert front.camera.T_world_cam.rotation()[:, 0] @ forward[1] > 0.1
    again = front.rig.T_world_rig.compose(wide.rig.T_rig_cam)
    np.testing.assert_allclose(again.matrix(), wide.camera.T_world_cam.matrix(), atol=1e-12)


def test_frames_of_a_rig_need_no_other_frame(make_sampler: Make) -> None:
    one, two = (make_sampler(SCENE.replace("RIG", HEAD)) for _ in range(2))
    forward = [to_json(s) for s in frames(one, 2, 6)]
    world = two.world(2)
    assert [to_json(two.frame(12 + n, world)) for n in (5, 3, 1)] == [forward[n] for n in (5, 3, 1)]
    spec = from_json(FrameSpec, forward[1])
    assert to_json(spec) == forward[1]
    assert b'"rig"' not in to_json(replace(spec, rig=None))


class Far:
    """A probe to which every view is tiny that is taken from more than 3 m away."""

    def look(self, world: World, spec: FrameSpec, light: bool = False) -> View:
        distance = float(np.linalg.norm(spec.camera.T_world_cam.position_m))
        one, up = np.ones(1), np.array([[0.0, 0.0, 1.0]])
        return View(("a",), one, 0 * one, one * (9.0 if distance > 3 else 900.0), up)


def test_an_edge_case_is_chosen_for_the_whole_rig(make_sampler: Make) -> None:
    text = SCENE.replace("RIG", STEREO).replace("[0.5, 0.9]", "[1, 4]")
    sampler = make_sampler(text + "stress: {tiny: {share: 0.1, frames: 0.5}, tries: 6}\n")
    sampler._probe = Far()
    changed = 0
    for world in range(8):
        shots = frames(sampler, world, 4)
        for left, right in (shots[:2], shots[2:]):
            assert left.rig.T_world_rig == right.rig.T_world_rig
            assert left.facts == right.facts
            changed += left.facts.get("stress.redrawn", 0) > 0
    assert changed > 2


def test_the_far_bound_knows_the_cameras(make_sampler: Make) -> None:
    bounds = [far_bound_m(make_sampler(SCENE.replace("RIG", rig))._scene) for rig in (STEREO, HEAD)]
    alone = far_bound_m(make_sampler(SCENE.replace("  rig: RIG\n", ""))._scene)
    np.testing.assert_allclose(bounds, [alone + 0.12, alone + 0.1])


@pytest.mark.parametrize(
    ("rig", "message"),
    [
        ("{}", "expected `baseline_m`"),
        ("{baseline_m: 0.1, cameras: {a: {}}}", "expected `baseline_m`"),
        ("{baseline_m: -1}", "greater than 0|above 0|> 0"),
        ("{cameras: {a: {positon_m: [0, 0, 0]}}}", "position_m"),
    ],
)
def test_what_is_no_rig_is_refused(make_sampler: Make, rig: str, message: str) -> None:
    with pytest.raises(SceneFileError, match=message):
        make_sampler(SCENE.replace("RIG", rig))


def test_poses_multiply_as_matrices() -> None:
    a = Pose((1.0, 2.0, 3.0), (0.5, 0.5, -0.5, 0.5))
    b = Pose((-0.2, 0.1, 0.4), (0.6, 0.0, 0.8, 0.0))
    np.testing.assert_allclose(a.compose(b).matrix(), a.matrix() @ b.matrix(), atol=1e-12)
