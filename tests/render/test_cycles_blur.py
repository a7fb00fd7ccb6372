"""Depth of field and motion blur in Cycles: sizes by formula, repeatable, labels still checked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from cycles_rig import cycles, needs_bpy, views
from worlds import FakeLibrary, camera, demo_world, thing, world_of

from simgen.errors import WorkError
from simgen.records.asset import Surface
from simgen.records.camera import Camera, Focus, Shutter
from simgen.records.pose import Pose, Velocity
from simgen.render.cycles import session as session_module

pytestmark = needs_bpy
PINHOLE, NEARLY, BARREL = (0,) * 5, (1e-9, 0, 0, 0, 0), (-0.25, 0.08, 0.001, -0.002, 0.0)
BEAD = Pose((0.03, 0.0, 0.02))
FOCUS, ALONG, OPEN_S = Focus(0.02, 0.6), Velocity((0.4, 0.0, 0.0)), 0.25


def spread(light: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre (u, v) of the light in pixels, and its variance along u and v."""
    v, u = np.indices(light.shape) + 0.5
    at = np.stack([u.ravel(), v.ravel()])
    middle = np.average(at, axis=1, weights=light.ravel())
    return middle, np.average((at.T - middle) ** 2, axis=0, weights=light.ravel())


def above(distortion=PINHOLE) -> Camera:
    return camera((0, 0, 1.02), (0, 0, 0), width=64, height=48, fov=22, distortion=distortion)


@pytest.fixture(scope="module", params=[PINHOLE, NEARLY], ids=["Blender's lens", "OSL"])
def photographs(request: pytest.FixtureRequest) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A glowing bead in the dark: sharp, out of focus, from a moving camera, moving itself."""
    library = FakeLibrary()
    library.sky = np.zeros((16, 32, 3), np.float32)
    glow = Surface(emission=(50.0, 50.0, 50.0))
    bead = thing(1, library.put("bead", trimesh.creation.icosphere(3, 0.012), glow), BEAD)
    view = above(request.param)
    cameras = {
        "sharp": view,
        "unfocused": replace(view, focus=FOCUS),
        "shaken": replace(view, shutter=Shutter(OPEN_S, ALONG)),
    }
    with cycles(library, samples=256, noise_threshold=0) as session:
        shots = list(session.shots(world_of([bead]), views(*cameras.values())))
        moving = world_of([replace(bead, velocity=ALONG)])
        shots += session.shots(moving, views(replace(view, shutter=Shutter(OPEN_S))))
    light = [spread(shot.passes.color[..., 0].astype(np.float64)) for shot in shots]
    return dict(zip([*cameras, "moving"], light, strict=True))


def test_blur_is_centred_where_labels_are(photographs):
    view = above()
    expected = view.intrinsics.project(view.to_camera(np.array(BEAD.position_m)))
    for middle, _ in photographs.values():
        assert middle == pytest.approx(expected, abs=0.15)


def test_the_circle_of_confusion_has_the_size_of_the_formula(photographs):
    radius = float(FOCUS.confusion(1.0)) * above().intrinsics.fx
    assert radius > 2
    # A uniform disc has the variance radius^2 / 4 along each axis.
    found = photographs["unfocused"][1] - photographs["sharp"][1]
    assert found == pytest.approx([radius**2 / 4] * 2, rel=0.06)


@pytest.mark.parametrize("what", ["moving", "shaken"])
def test_streaks_are_as_long_as_the_way(photographs, what):
    length = 0.4 * OPEN_S * above().intrinsics.fx  # at 1 m
    along, across = photographs[what][1] - photographs["sharp"][1]
    assert max(along, across) == pytest.approx(length**2 / 12, rel=0.06)
    assert abs(min(along, across)) < 0.1


@pytest.mark.parametrize("distortion", [PINHOLE, BARREL], ids=["pinhole", "distorted"])
def test_frames_repeat_in_any_order_and_leave_no_trace(distortion):
    library = FakeLibrary()
    world = demo_world(library)
    spin = Velocity((0.2, 0.0, 0.0), (0.0, 0.0, 8.0))
    moving = replace(
        world,
        objects=tuple(replace(o, velocity=spin if o.id == 2 else None) for o in world.objects),
    )
    plain = camera(distortion=distortion)
    specs = views(
        plain,
        replace(plain, shutter=Shutter(0.1, Velocity((0.1, 0, 0), (0, 0, 0.1)))),
        replace(plain, focus=Focus(0.01, 0.7)),
        replace(plain, focus=Focus(0.01, 0.7), shutter=Shutter(0.1)),
        plain,
    )
    with cycles(library) as session:
        there = list(session.render(moving, specs))
        back = list(session.render(moving, specs[::-1]))[::-1]
        resting = list(session.render(world, specs[:1]))
    for one, other in zip(there, back, strict=True):
        assert np.array_equal(one.rgb, other.rgb)
        assert one.agreement == other.agreement > 0.999
    assert np.array_equal(resting[0].rgb, there[0].rgb)  # what moves rests without a shutter
    for blurred in there[1:4]:
        assert np.array_equal(blurred.geometry.instances, there[0].geometry.instances)
        assert np.abs(blurred.rgb.astype(int) - there[0].rgb).max() > 40


def test_a_blurred_frame_that_disagrees_fails(monkeypatch: pytest.MonkeyPatch):
    library = FakeLibrary()
    world = demo_world(library)
    blurred = replace(
        camera(), focus=Focus(0.01, 0.7), shutter=Shutter(0.02, Velocity((0.1, 0, 0)))
    )

    def with_another_id(*arguments):
        message = honest(*arguments)
        for item in message["objects"]:
            item["id"] = {0: 7}.get(item["id"], item["id"])
        return message

    honest = session_module.world_message
    with cycles(library) as session:
        assert next(session.render(world, views(blurred))).agreement > 0.999
        monkeypatch.setattr(session_module, "world_message", with_another_id)
        with pytest.raises(WorkError, match="agree on"):
            list(session.render(world, views(blurred)))
