"""Labels of the ray caster against geometry that is known in closed form or by trimesh."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from worlds import FakeLibrary, camera, demo_world, spec, thing, world_of

from simgen.records.asset import Surface
from simgen.records.kannala_brandt import Fisheye
from simgen.records.pose import Pose
from simgen.render.raycast import Raycast

FISHEYE = Fisheye(0.02, -0.004, 0.001, -0.0002, 130.0)
DISTORTED = (-0.28, 0.09, 0.001, -0.0008, -0.01)


def render(world, library, cam):
    with Raycast().open(Raycast.Params(edge_samples=0, sky_rays=1), library, 1) as session:
        (frame,) = session.render(world, [spec(cam)])
    return frame


LENSES = {
    "pinhole": {},
    "distorted": {"distortion": DISTORTED},
    "fisheye": {"fov": 120, "fisheye": FISHEYE, "eye": (0.25, -0.25, 0.25)},
    "looking up": {"fov": 230, "fisheye": FISHEYE, "eye": (0, 0, 0.12), "target": (0, 0, 1)},
}


@pytest.mark.parametrize("lens", LENSES)
def test_depth_unprojects_onto_the_mesh_within_half_a_millimetre(lens):
    library = FakeLibrary()
    world = demo_world(library)
    cam = camera(**LENSES[lens])
    found = render(world, library, cam).geometry
    rows, cols = np.nonzero(found.instances > 0)
    assert len(rows) > 500
    points = cam.unproject(np.stack([cols + 0.5, rows + 0.5], -1), found.depth_m[rows, cols])
    for item in world.instances:
        mine = found.instances[rows, cols] == item.id
        if not mine.any():  # the widest view looks away from some
            continue
        mesh = library.asset(item.asset).mesh
        shape = trimesh.Trimesh(item.pose.apply(mesh.vertices_m), mesh.faces, process=False)
        _, distance, _ = trimesh.proximity.closest_point(shape, points[mine])
        assert distance.max() < 5e-4, item.name
        assert distance.max() < 2e-5  # float32, in fact far better


@pytest.mark.parametrize("distortion", [(0,) * 5, DISTORTED], ids=["pinhole", "distorted"])
def test_projected_points_land_on_the_pixel_they_came_from(distortion):
    lens = camera(distortion=distortion).intrinsics
    uv = np.stack(np.meshgrid(np.arange(0, 161, 20.0), np.arange(0, 121, 20.0)), -1)
    xy = lens.normalise(uv)
    points = np.concatenate([xy, np.ones((*xy.shape[:2], 1))], -1) * 0.7
    assert np.abs(lens.project(points) - uv).max() < 1e-6


def test_depth_is_positive_exactly_where_a_surface_is():
    library = FakeLibrary()
    found = render(demo_world(library), library, camera()).geometry
    surface = np.linalg.norm(found.normals, axis=-1) > 0.5
    assert ((found.depth_m > 0) == surface).all()
    assert np.isfinite(found.depth_m).all()
    assert surface[found.instances > 0].all()
    assert (~surface).any()


def test_normals_are_unit_face_the_camera_and_match_the_sphere():
    library = FakeLibrary()
    world = demo_world(library)
    cam = camera()
    found = render(world, library, cam).geometry
    ball = found.instances == 1
    rows, cols = np.nonzero(ball)
    points = cam.unproject(np.stack([cols + 0.5, rows + 0.5], -1), found.depth_m[ball])
    expected = points - np.asarray(world.instances[0].pose.position_m)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    world_normals = found.normals[ball] @ cam.T_world_cam.rotation().T
    angle = np.degrees(np.arccos(np.clip((world_normals * expected).sum(1), -1, 1)))
    assert np.median(angle) < 1.0
    assert (found.normals[found.depth_m > 0][:, 2] < 0.2).all()


def test_an_occluded_object_keeps_its_amodal_mask_and_visibility_falls():
    library = FakeLibrary()
    cube = library.put("cube", trimesh.creation.box((0.1, 0.1, 0.1)))
    cam = camera(eye=(0.0, -1.0, 0.05), target=(0.0, 0.0, 0.05))
    behind, front = thing(1, cube, Pose((0, 0, 0.05))), thing(2, cube, Pose((0.05, -0.3, 0.05)))
    alone = render(world_of([behind]), library, cam).geometry
    both = render(world_of([behind, front]), library, cam).geometry
    crop = both.amodal[1]
    full = np.zeros(both.instances.shape, bool)
    full[crop.y : crop.y + crop.mask.shape[0], crop.x : crop.x + crop.mask.shape[1]] = crop.mask
    assert (full == (alone.instances == 1)).all()
    assert 0 < (both.instances == 1).sum() < full.sum()
    assert both.amodal[1].truncation == 0.0


def test_truncation_is_the_share_of_the_outline_outside_the_image():
    library = FakeLibrary()
    plate = library.put("plate", trimesh.creation.box((0.2, 0.001, 0.1)))
    cam = camera(eye=(0.0, -1.0, 0.0), target=(0.0, 0.0, 0.0), width=200, height=200)
    edge_m = 100 / cam.intrinsics.fx  # half the image's width at 1 m
    for shift, expected in ((0.0, 0.5), (-0.05, 0.25), (0.3, 1.0), (-0.2, 0.0)):
        world = world_of([thing(1, plate, Pose((edge_m + shift, 0.0, 0.0)))])
        found = render(world, library, cam).geometry.amodal[1]
        assert found.truncation == pytest.approx(expected, abs=0.02)


def test_alpha_below_half_is_a_hole_in_every_label():
    library = FakeLibrary()
    wall = library.put("wall", trimesh.creation.box((1, 0.01, 1)))
    checker = np.full((2, 2), 255, np.uint8)
    checker[0, 0] = checker[1, 1] = 0
    # one sheet: a thin box would show its back through the holes of its front
    corners = [[-0.2, 0, -0.2], [0.2, 0, -0.2], [0.2, 0, 0.2], [-0.2, 0, 0.2]]
    sheet = trimesh.Trimesh(corners, [[0, 1, 2], [0, 2, 3]], process=False)
    cut = Surface(alpha_image=checker, uv_in_metres=True, tile_m=0.2)
    ghost = library.put("ghost", trimesh.creation.box((0.3, 0.3, 0.3)), Surface(alpha=0.4))
    screen = thing(1, library.put("screen", sheet, cut), Pose((0, -0.4, 0)))
    world = world_of([screen, thing(2, wall, Pose()), thing(3, ghost, Pose((0, -0.6, 0)))])
    cam = camera(eye=(0.0, -1.2, 0.0), target=(0, 0, 0), width=200, height=200, fov=30)
    found = render(world, library, cam).geometry
    inside = found.instances[60:140, 60:140]
    assert 0.4 < (inside == 1).mean() < 0.6  # half of the checker
    assert set(np.unique(inside)) == {1, 2}
    assert not (found.instances == 3).any()
    assert not found.amodal[3].mask.any()
    solid = found.amodal[1].mask.mean()
    assert 0.4 < solid < 0.6
    assert (found.depth_m[found.instances == 2] > 1.1).all()


def test_threads_do_not_change_a_single_bit():
    library = FakeLibrary()
    world = demo_world(library)
    frames = []
    for threads in (1, 2):
        with Raycast().open(Raycast.Params(), library, threads) as session:
            frames += session.render(world, [spec(camera())])
    assert (frames[0].rgb == frames[1].rgb).all()
    assert (frames[0].geometry.depth_m == frames[1].geometry.depth_m).all()
    assert frames[0].exposure_ev == frames[1].exposure_ev


def test_an_object_behind_the_camera_or_around_it_does_no_harm():
    library = FakeLibrary()
    cube = library.put("cube", trimesh.creation.box((0.1, 0.1, 0.1)))
    shell = library.put("shell", trimesh.creation.icosphere(3, 3.0))
    cam = camera(eye=(0.0, -1.0, 0.0), target=(0.0, 0.0, 0.0))
    world = world_of([thing(1, cube, Pose((0, -3, 0))), thing(2, shell, Pose())])
    found = render(world, library, cam).geometry
    assert (found.instances == 2).all()
    assert found.amodal[1].mask.size == 0
    assert 0 < found.amodal[2].truncation < 1


def test_a_picture_that_is_not_square_keeps_its_shape_on_a_surface():
    from simgen.render.raycast.geometry import face_uv

    library = FakeLibrary()
    wide = Surface(uv_in_metres=True, tile_m=0.2, tile_aspect=0.5)
    library.put("table", trimesh.creation.box((1, 1, 0.02)), wide)
    asset = library.assets["table"]
    uv = face_uv(asset, asset.surfaces, 1.0)
    top = asset.mesh.normals[:, 0, 2] > 0.9
    span = np.ptp(uv[top].reshape(-1, 2), axis=0)
    assert span == pytest.approx([5.0, 10.0], rel=1e-4)


def test_fisheye_truncation_and_amodal_masks_follow_the_silhouette():
    library = FakeLibrary()
    ball = library.put("ball", trimesh.creation.icosphere(4, 0.1))
    around = [(0, 0, 1), (1, 0, 0), (0, 0.8, -0.6), (-1, 0, 0), (0, -0.76, 0.65)]
    world = world_of([thing(n + 1, ball, Pose(at)) for n, at in enumerate(around)])
    cam = camera(eye=(0, 0, 0), target=(0, 0, 1), fov=180, fisheye=FISHEYE)
    found = render(world, library, cam).geometry
    ahead, right, behind, left, below = (found.amodal[n] for n in range(1, 6))
    assert ahead.truncation == 0
    assert behind.truncation == 1
    for side in (right, left):  # the picture's edge cuts the ball in half
        assert side.truncation == pytest.approx(0.5, abs=0.02)
    for n, item in enumerate((ahead, right, behind, left, below), start=1):
        seen = np.zeros(found.instances.shape, bool)
        seen[item.y : item.y + item.mask.shape[0], item.x : item.x + item.mask.shape[1]] = item.mask
        assert (seen == (found.instances == n)).mean() > 0.9999
