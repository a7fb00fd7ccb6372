"""The camera randomizer: relative to what `camera:` says, keyed, the same for a whole rig."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simgen.records.camera import Camera, Focus, Intrinsics
from simgen.records.exposure import Exposure
from simgen.records.frame import FrameSpec
from simgen.records.pose import look_at
from simgen.records.serial import from_json, to_json
from simgen.records.world import Draft, DraftView
from simgen.sampling.far import far_bound_m
from simgen.sampling.randomizers.camera import CameraParams, CameraRandomizer
from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream
from simgen.sampling.white_balance import NEUTRAL_K, balance

Make = Callable[..., Sampler]
LENS = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)
TARGET, EYE = (0.1, 0.0, 0.05), (0.5, -0.4, 0.4)
NEUTRAL = CameraRandomizer.identity
SCENE = """
scene: {type: tabletop}
objects: {b: {asset: box, count: 3}}
camera: {distance_m: {uniform: [0.5, 0.9]}, roll_deg: {uniform: [-20, 20]}}
views_per_world: 2
"""


def draft(roll: float = 0.3, focus: Focus | None = None) -> Draft:
    camera = Camera(LENS, look_at(EYE, TARGET, roll), focus)
    return Draft(view=DraftView(camera, Exposure(), TARGET))


def moved(start: Draft | None = None, **settings: object) -> DraftView:
    params = CameraParams.model_validate({**NEUTRAL, **settings})
    rng = KeyedStream(0, "frame", 1, "randomizers.x.try0")
    view = CameraRandomizer().apply(start or draft(), params, rng).view
    assert view is not None
    return view


def test_neutral_numbers_change_nothing() -> None:
    start = draft(focus=Focus(0.004, 0.7))
    assert moved(start) == start.view
    params = CameraParams()
    assert CameraRandomizer().apply(Draft(), params, KeyedStream(0, "frame", 0)) == Draft()


def test_each_number_does_what_it_says() -> None:
    before = draft().view
    offset = np.subtract(EYE, TARGET)
    nearer = moved(distance=0.5).camera.T_world_cam
    np.testing.assert_allclose(np.subtract(nearer.position_m, TARGET), offset / 2, atol=1e-9)
    np.testing.assert_allclose(nearer.rotation(), before.camera.T_world_cam.rotation(), atol=1e-9)
    aside = np.subtract(moved(azimuth_deg=90).camera.T_world_cam.position_m, TARGET)
    np.testing.assert_allclose(aside, [-offset[1], offset[0], offset[2]], atol=1e-9)
    higher = np.subtract(moved(elevation_deg=10).camera.T_world_cam.position_m, TARGET)
    angles = [np.degrees(np.arcsin(v[2] / np.linalg.norm(v))) for v in (offset, higher)]
    assert angles[1] - angles[0] == pytest.approx(10)
    rolled = moved(roll_deg=15).camera.T_world_cam
    turn = before.camera.T_world_cam.rotation().T @ rolled.rotation()
    assert np.degrees(np.arctan2(turn[1, 0], turn[0, 0])) == pytest.approx(15)
    assert moved(focal=2).camera.intrinsics == replace(LENS, fx=1200.0, fy=1200.0)
    assert moved(ev=-0.5).exposure == Exposure("auto", -0.5)
    aim = moved(look_at_jitter_m=0.1)
    assert 0 < np.linalg.norm(np.subtract(aim.target_m, TARGET)) < 0.1


def test_the_top_of_the_shell_is_no_trap() -> None:
    above = Camera(LENS, look_at((0.1, 0.0, 0.8), TARGET, 0.2))
    start = Draft(view=DraftView(above, Exposure(), TARGET))
    view = moved(start, roll_deg=5).camera.T_world_cam
    assert np.isfinite(view.matrix()).all()
    turn = above.T_world_cam.rotation().T @ view.rotation()
    assert np.degrees(np.arctan2(turn[1, 0], turn[0, 0])) == pytest.approx(5, abs=0.1)
    high = moved(start, elevation_deg=20).camera.T_world_cam.position_m
    assert high[2] == pytest.approx(0.8, abs=1e-6)


def test_focus_follows_what_it_was_on() -> None:
    distance = float(np.linalg.norm(np.subtract(EYE, TARGET)))
    on_target, elsewhere = draft(focus=Focus(0.004, distance)), draft(focus=Focus(0.004, 2.0))
    nearer = moved(on_target, distance=0.5).camera.focus
    assert nearer is not None
    assert nearer.distance_m == pytest.approx(distance / 2)
    assert moved(elsewhere, distance=0.5).camera.focus == Focus(0.004, 2.0)
    longer = moved(on_target, focal=2).camera.focus
    assert longer is not None
    assert longer.aperture_radius_m == pytest.approx(0.008)  # the same f-number
    opened = moved(f_number=4, sensor_width_mm=24).camera.focus
    assert opened is not None
    assert opened.aperture_radius_m == pytest.approx(600 / 640 * 0.024 / 8)
    assert opened.distance_m == pytest.approx(distance)


def test_views_are_keyed_and_recorded(make_sampler: Make) -> None:
    plain = make_sampler(SCENE)
    more = make_sampler(SCENE + "randomizers: {shift: {kind: camera}}\n")
    again = make_sampler(SCENE + "randomizers: {l: {kind: lights}, shift: {kind: camera}}\n")
    world = more.world(0)
    for number in (1, 0):
        spec = more.frame(number, world)
        assert from_json(FrameSpec, to_json(spec)) == spec
        assert spec.camera != plain.frame(number, plain.world(0)).camera
        assert spec == again.frame(number, again.world(0))
        assert {f for f in spec.facts if f.startswith("randomizers.shift.")} >= {
            "randomizers.shift.roll_deg",
            "randomizers.shift.ev",
        }
    # The camera's own draws stay where they were.
    drawn = more.frame(0, world).drawn
    base = plain.frame(0, plain.world(0)).drawn
    assert {k: v for k, v in drawn.items() if not k.startswith("randomizers.")} == base


def test_a_rig_moves_as_one(make_sampler: Make) -> None:
    text = SCENE.replace("camera: {", "camera: {rig: {baseline_m: 0.1}, ")
    sampler = make_sampler(text + "randomizers: {shift: {kind: camera, focal: 1.3}}\n")
    world = sampler.world(1)
    left, right = (sampler.frame(4 + n, world) for n in range(2))
    assert left.facts == right.facts
    assert left.camera.intrinsics == right.camera.intrinsics
    offset = right.camera.T_world_cam.apply_inverse(left.camera.T_world_cam.position_m)
    np.testing.assert_allclose(offset, [-0.1, 0, 0], atol=1e-12)


def test_the_far_bound_grows_with_the_distance(make_sampler: Make) -> None:
    plain = far_bound_m(make_sampler(SCENE)._scene)
    text = SCENE + "randomizers: {s: {kind: camera, distance: {uniform: [1, 2]}}}\n"
    assert far_bound_m(make_sampler(text)._scene) >= plain + 0.9


def test_white_balance_makes_its_own_light_neutral() -> None:
    from simgen.sampling.randomizers.blackbody import blackbody

    assert balance(NEUTRAL_K) == (1.0, 1.0, 1.0)
    for kelvin in (3000.0, 5000.0, 9000.0):
        shown = np.array(blackbody(kelvin)) * balance(kelvin)
        white = np.array(blackbody(NEUTRAL_K))
        np.testing.assert_allclose(shown / shown[1], white / white[1], atol=1e-9)
    exposure = Exposure("auto", 0.0, balance(3000.0))
    assert from_json(Exposure, to_json(exposure)) == exposure
    assert b"white" not in to_json(Exposure())
    gain = exposure.gain(1.0)
    assert gain[1] == 2.0
    assert gain[2] > 2.0 > gain[0]


def test_white_balance_is_a_setting_of_the_exposure(make_sampler: Make) -> None:
    text = SCENE.replace("camera: {", "camera: {exposure: {white_balance_k: 4000}, ")
    sampler = make_sampler(text)
    assert sampler.frame(0, sampler.world(0)).exposure.white_balance == balance(4000.0)
