"""Keypoints and parts of a view against calculations of other libraries."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import trimesh
from worlds import FakeLibrary, camera, spec, thing, world_of

from simgen.records.kannala_brandt import Fisheye
from simgen.records.marks import Keypoint
from simgen.records.pose import Pose
from simgen.render.raycast import Raycast

BENT = (-0.28, 0.09, 0.004, -0.003, -0.01)


def cornered(library: FakeLibrary, name: str, size: float) -> object:
    """A cube with its corners as keypoints, its top half of the faces as a part."""
    ref = library.put(name, trimesh.creation.box((size,) * 3))
    asset = library.assets[name]
    corners = trimesh.creation.box((size,) * 3).vertices
    points = tuple(Keypoint(f"p{i}", tuple(map(float, c))) for i, c in enumerate(corners))
    top = asset.mesh.vertices_m[asset.mesh.faces].mean(axis=1)[:, 2] > size * 0.49
    part = np.where(top, 0, -1).astype(np.int32)
    library.assets[name] = replace(asset, keypoints=points, parts=("lid",), part=part)
    return ref


@pytest.fixture(scope="module")
def stage():
    """Cubes one behind the other, some outside the image, one behind the camera."""
    library = FakeLibrary()
    cube = cornered(library, "cube", 0.1)
    rng = np.random.Generator(np.random.PCG64(5))
    things = []
    for i in range(1, 26):
        turn = rng.normal(size=4)
        place = tuple(map(float, rng.uniform(-0.65, 0.65, 3)))
        things.append(thing(i, cube, Pose(place, tuple(turn / np.linalg.norm(turn))), 0.5 + i / 25))
    things.append(thing(26, cube, Pose((2.0, -2.0, 1.5))))  # behind the camera
    return library, world_of(things)


def traced(library, world, distortion=(0,) * 5):
    cam = camera(eye=(1.1, -0.9, 0.6), width=320, height=240, fov=60, distortion=distortion)
    with Raycast().open(Raycast.Params(edge_samples=0, sky_rays=1), library, 1) as session:
        (frame,) = session.render(world, [spec(cam)])
    return cam, frame.geometry


@pytest.mark.parametrize("distortion", [(0,) * 5, BENT])
def test_keypoints_are_where_opencv_projects_them(stage, distortion) -> None:
    library, world = stage
    cam, geometry = traced(library, world, distortion)
    lens = cam.intrinsics
    inverse = np.linalg.inv(cam.T_world_cam.matrix())
    compared = outside = 0
    for item in world.instances:
        local = library.asset(item.asset).keypoints
        points = item.pose.apply(np.array([k.position_m for k in local]) * item.scale)
        in_cam = points @ inverse[:3, :3].T + inverse[:3, 3]
        pixels, _ = cv2.projectPoints(in_cam, np.zeros(3), np.zeros(3), lens.matrix(),
                                      np.array(distortion, float))  # fmt: skip
        for point, expected, place in zip(
            geometry.keypoints[item.id], pixels[:, 0], in_cam, strict=True
        ):
            depth = place[2]
            assert point.depth_m == pytest.approx(depth, abs=1e-9)
            inside = depth > 0 and 0 <= expected[0] <= 320 and 0 <= expected[1] <= 240
            if point.visibility:
                assert point.xy_px == pytest.approx(expected, abs=1e-6)
                assert inside
                compared += 1
            else:
                # A strong lens folds far points back into the picture: they are not there.
                assert not inside or np.hypot(*(place[:2] / depth)) > 0.8
                outside += 1
    assert compared > 100
    assert outside > 8  # more than the eight behind the camera


def test_hidden_points_are_those_that_another_tracer_finds_hidden(stage) -> None:
    library, world = stage
    cam, geometry = traced(library, world)
    solids = []
    for item in world.instances:
        box = trimesh.creation.box((0.1 * item.scale,) * 3)
        box.apply_transform(item.pose.matrix())
        solids.append(box)
    scene = trimesh.util.concatenate(solids)
    tracer = trimesh.ray.ray_triangle.RayMeshIntersector(scene)
    eye = np.array(cam.T_world_cam.position_m)
    seen = hidden = 0
    for item in world.instances:
        corners = library.asset(item.asset).keypoints
        for keypoint, point in zip(corners, geometry.keypoints[item.id], strict=True):
            target = item.pose.apply(np.array(keypoint.position_m) * item.scale)
            length = np.linalg.norm(target - eye)
            hits, *_ = tracer.intersects_location([eye], [(target - eye) / length])
            near = np.linalg.norm(hits - eye, axis=1).min(initial=np.inf)
            if abs(near - length) > 2e-3 or near == np.inf:  # not at the point itself
                blocked = near < length
                if point.visibility:
                    assert point.visibility == (1 if blocked else 2)
            seen += point.visibility == 2
            hidden += point.visibility == 1
    assert seen > 60
    assert hidden > 60


def test_a_joint_below_the_surface_is_seen_through_it() -> None:
    library = FakeLibrary()
    cube = cornered(library, "cube", 0.1)
    asset = library.assets["cube"]
    deep = (Keypoint("surface", (0.0, 0.0, 0.0)), Keypoint("joint", (0.0, 0.0, 0.0), 0.1))
    library.assets["cube"] = replace(asset, keypoints=deep)
    world = world_of([thing(1, cube, Pose()), thing(2, cube, Pose((-0.3, 0.3, 0.0)))])
    _, geometry = traced(library, world)
    assert [p.visibility for p in geometry.keypoints[1]] == [1, 2]


def test_parts_lie_where_the_faces_look_up(stage) -> None:
    library, world = stage
    cam, geometry = traced(library, world)
    assert geometry.parts is not None
    assert geometry.parts.names[1] == ("lid",)
    lid = geometry.parts.numbers == 1
    assert (geometry.instances[lid] > 0).all()
    for item in world.instances[:25]:
        up = cam.T_world_cam.rotation().T @ item.pose.rotation()[:, 2]
        own = geometry.instances == item.id
        if own.sum() > 50:
            facing = geometry.normals @ up > 0.99
            assert ((facing & own) == (lid & own)).all()
    assert lid.sum() > 500


def test_worlds_without_marks_have_none() -> None:
    library = FakeLibrary()
    ball = library.put("ball", trimesh.creation.icosphere(2, 0.1))
    _, geometry = traced(library, world_of([thing(1, ball, Pose())]))
    assert geometry.keypoints == {}
    assert geometry.parts is None


def test_keypoints_behind_a_fisheye_are_where_opencv_projects_them(stage) -> None:
    library, world = stage
    fisheye = Fisheye(0.02, -0.004, 0.001, -0.0002, 120.0)
    cam = camera(eye=(0.1, 0.0, 0.1), width=320, height=240, fov=170, fisheye=fisheye)
    with Raycast().open(Raycast.Params(edge_samples=0, sky_rays=1), library, 1) as session:
        (frame,) = session.render(world, [spec(cam)])
    compared = behind = 0
    for item in world.instances:
        local = library.asset(item.asset).keypoints
        points = item.pose.apply(np.array([k.position_m for k in local]) * item.scale)
        in_cam = cam.to_camera(points)
        ahead = np.where(in_cam[:, 2:] > 0.05, in_cam, (0.0, 0.0, 1.0))
        coefficients = np.array([fisheye.k1, fisheye.k2, fisheye.k3, fisheye.k4])
        pixels, _ = cv2.fisheye.projectPoints(
            ahead[:, None], np.zeros(3), np.zeros(3), cam.intrinsics.matrix(), coefficients
        )
        found = frame.geometry.keypoints[item.id]
        for point, expected, place in zip(found, pixels[:, 0], in_cam, strict=True):
            assert point.depth_m == pytest.approx(np.linalg.norm(place), abs=1e-9)
            if place[2] > 0.05:
                assert point.xy_px == pytest.approx(expected, abs=1e-6)
                compared += point.visibility > 0
            behind += point.visibility == 0
    assert compared > 30
    assert behind > 30
