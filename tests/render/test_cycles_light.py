"""Cycles' light against formulas: lamps, environment, backdrop."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from cycles_rig import cycles, needs_bpy, views
from worlds import FakeLibrary, camera, thing, world_of

from simgen.records.asset import Surface
from simgen.records.camera import pixel_rays
from simgen.records.material import Texture
from simgen.records.pose import Pose, look_at, multiply
from simgen.records.world import Light
from simgen.render.raycast.labels import world_directions
from simgen.render.raycast.lamps import Lamp, dot
from simgen.render.raycast.sky import Sky

pytestmark = needs_bpy
AIM = multiply(look_at((0.6, 0.0, 0.8), (0, 0, 0)).quaternion_wxyz, (0.0, 1.0, 0.0, 0.0))
SLANTED = Pose((0.6, 0.0, 0.8), AIM)
LAMPS = [
    Light("point", "point", 10, pose=Pose((0, 0, 1))),
    Light("ball", "point", 10, pose=SLANTED, radius_m=0.05),
    Light("area", "area", 10, (1.0, 0.5, 0.25), SLANTED, size_m=(0.06, 0.03)),
    Light("strip", "area", 10, pose=SLANTED, size_m=(1.2, 0.04)),
    Light("upright strip", "area", 10, pose=SLANTED, size_m=(0.03, 0.9)),
    Light("sun", "sun", 2, (0.3, 1.0, 0.6), SLANTED, angle_deg=2),
    Light("spot", "spot", 10, pose=SLANTED, radius_m=0.01, angle_deg=60),
]


def floor_under(lamps, library):
    surface = Surface((0.5, 0.5, 0.5), roughness=1.0, ior=1.0)  # ior 1: no gloss
    plane = library.put("plane", trimesh.creation.box((4, 4, 0.02)), surface)
    return world_of([thing(0, plane, Pose((0, 0, -0.01)))], lamps)


def test_lamps_are_as_bright_as_their_watts_say():
    library = FakeLibrary()
    library.sky = np.zeros((16, 32, 3), np.float32)
    view = camera(eye=(0, -1.0, 1.0), target=(0, 0, 0), width=48, height=36, fov=40)
    middle = (slice(14, 22), slice(20, 28))
    with cycles(library, samples=16, noise_threshold=0, max_bounces=0) as session:
        for light in LAMPS:
            (shot,) = session.shots(floor_under([light], library), views(view))
            points = view.unproject(
                np.stack(np.meshgrid(np.arange(48) + 0.5, np.arange(36) + 0.5), -1),
                shot.geometry.depth_m,
            )[middle].reshape(-1, 3)
            lamp = Lamp(light).sample(points.astype(np.float32))
            up = np.tile(np.float32([0, 0, 1]), (len(points), 1))
            falls = (lamp.strength * dot(up, lamp.direction)).mean()
            expected = falls * np.float32(light.color) * 0.5 / np.pi
            seen = shot.passes.color[middle][..., :3].mean(axis=(0, 1))
            assert seen == pytest.approx(expected, rel=0.02), light.name


def colourful_sky():
    """Every direction its own colour, smooth."""
    v, u = np.mgrid[0:64, 0:128] / np.float32([[[64]], [[128]]])
    sky = np.stack([0.5 + 0.4 * np.cos(2 * np.pi * u), u, v], axis=-1)
    return sky.astype(np.float32)


def test_environment_stands_as_the_library_says():
    library = FakeLibrary()
    library.sky = colourful_sky()
    mirror = Surface((1.0, 1.0, 1.0), roughness=0.0, metallic=1.0)
    ball = library.put("ball", trimesh.creation.icosphere(5, 0.1), mirror)
    sky = Sky(library.sky)
    world = world_of([thing(1, ball, Pose())])
    cameras = [camera(eye=e, target=(0, 0, 0)) for e in ((0.5, 0.2, 0.1), (-0.3, 0.3, -0.2))]
    with cycles(library, samples=4, noise_threshold=0) as session:
        for shot in session.shots(world, views(*cameras)):
            view = shot.spec.camera
            rays = world_directions(view, pixel_rays(view.intrinsics).reshape(-1, 3))
            rays /= np.linalg.norm(rays, axis=1, keepdims=True)
            normals = shot.geometry.normals.reshape(-1, 3) @ view.T_world_cam.rotation().T
            on = shot.geometry.instances.reshape(-1) == 1
            away = rays.copy()
            away[on] -= (2 * dot(rays, normals.astype(np.float32))[:, None] * normals)[on]
            error = np.abs(sky.radiance.at(away) - shot.passes.color[..., :3].reshape(-1, 3))
            assert np.median(error[~on]) < 0.01
            assert np.median(error[on]) < 0.02


def test_backdrop_lies_behind_everything():
    library = FakeLibrary()
    ball = library.put("ball", trimesh.creation.icosphere(3, 0.1), Surface((0.1, 0.8, 0.1)))
    world = world_of([thing(1, ball, Pose())], background=Texture("fake"))
    with cycles(library) as session:
        (frame,) = session.render(world, views(camera(target=(0, 0, 0))))
    assert frame.rgb[5, 5].tolist() == [255, 0, 0]
    assert frame.rgb[5, -5].tolist() == [0, 0, 255]
    red, green, blue = (int(v) for v in frame.rgb[60, 80])
    assert green > 2 * red
    assert green > 2 * blue
    assert frame.agreement > 0.99


def test_emission_is_radiance():
    library = FakeLibrary()
    library.sky = np.zeros((16, 32, 3), np.float32)
    glow = library.put("glow", trimesh.creation.box((2, 2, 2)), Surface(emission=(3.0, 0.5, 2.0)))
    with cycles(library) as session:
        (shot,) = session.shots(
            world_of([thing(1, glow, Pose())]), views(camera(eye=(0, -3, 0), target=(0, 0, 0)))
        )
    assert shot.passes.color[60, 80, :3] == pytest.approx([3.0, 0.5, 2.0], rel=1e-3)


def test_normal_maps_tilt_along_the_texture():
    library = FakeLibrary()
    tilted = np.zeros((8, 8, 3), np.uint8)
    tilted[:] = np.rint((np.array([0.6, 0.0, 0.8]) + 1) / 2 * 255)
    surface = Surface(normal_image=tilted, uv_in_metres=True)
    plate = library.put("plate", trimesh.creation.box((2, 2, 2)), surface)
    world = world_of([thing(1, plate, Pose())])
    with cycles(library, samples=1) as session:
        (shot,) = session.shots(world, views(camera(eye=(0, -0.5, 3), target=(0, 0, 1))))
    # On top of a box, u grows along x (see simgen.assets.box_uv)
    assert shot.passes.normals[60, 80] == pytest.approx([0.6, 0.0, 0.8], abs=0.01)


def test_glass_shows_what_is_behind_it():
    library = FakeLibrary()
    wall = library.put("wall", trimesh.creation.box((2, 0.1, 2)), Surface((0.0, 0.8, 0.0)))
    clear = Surface((1.0, 1.0, 1.0), roughness=0.0, transmission=1.0, ior=1.0)
    pane = library.put("pane", trimesh.creation.box((0.3, 0.05, 0.3)), clear)
    world = world_of([thing(1, wall, Pose((0, 0.5, 0))), thing(2, pane, Pose())])
    view = camera(eye=(0, -1, 0), target=(0, 0, 0))
    with cycles(library, samples=16) as session:
        (shot,) = session.shots(world, views(view))
    assert shot.passes.index[60, 80] == 2  # glass owns its pixels
    red, green, blue = shot.passes.color[60, 80, :3]
    assert green > 0.1
    assert max(red, blue) < 0.1 * green
