"""Which pixels blur cannot change, against brute force and against moved points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import FakeLibrary, camera, demo_world, spec

from simgen.records.camera import Camera, Focus, Shutter
from simgen.records.frame import Geometry
from simgen.records.pose import Pose, Velocity
from simgen.records.world import World
from simgen.render.cycles.blur import blur_px, judged
from simgen.render.cycles.picture import agreement
from simgen.render.raycast import Raycast

BARREL = (-0.25, 0.08, 0.001, -0.002, 0.0)


@pytest.fixture(scope="module")
def world() -> World:
    return demo_world(FakeLibrary())


def geometry(world: World, view: Camera) -> Geometry:
    library = FakeLibrary()
    demo_world(library)
    with Raycast().open(Raycast.Params(edge_samples=0, sky_rays=1), library, 1) as session:
        (frame,) = session.render(world, [spec(view)])
    return frame.geometry


def test_without_blur_every_pixel_is_judged(world: World):
    view = camera()
    found = geometry(world, view)
    assert blur_px(world, view, found) is None
    assert judged(found.instances, None).all()


def test_no_judged_pixel_can_be_reached_from_another_instance():
    rng = np.random.default_rng(3)
    for _ in range(20):
        ids = np.kron(rng.integers(0, 3, (5, 6)), np.ones((6, 6), np.int64)).astype(np.int32)
        reach = np.kron(rng.uniform(0, 4, (10, 12)) ** 2 / 4, np.ones((3, 3)))
        clear = judged(ids, reach)
        rows, columns = np.indices(ids.shape)
        for y, x in zip(*np.nonzero(clear), strict=True):
            distance = np.hypot(rows - y, columns - x)
            near = (distance <= reach) | (distance <= reach[y, x])
            assert (ids[near] == ids[y, x]).all()
            assert min(y, x, ids.shape[0] - 1 - y, ids.shape[1] - 1 - x) >= reach[y, x]
        # nor is too little judged: what no blur and no edge comes near
        widest = reach.max() + 2
        edge = np.pad(np.diff(ids, axis=0) != 0, ((0, 1), (0, 0)))
        edge |= np.pad(np.diff(ids, axis=1) != 0, ((0, 0), (0, 1)))
        edge[[0, -1]] = edge[:, [0, -1]] = True
        for y, x in zip(*np.nonzero(~clear), strict=True):
            assert (edge & (np.hypot(rows - y, columns - x) <= widest)).any()


@pytest.mark.parametrize("distortion", [(0,) * 5, BARREL], ids=["pinhole", "distorted"])
def test_reach_is_how_far_rays_through_the_aperture_land_beside(world: World, distortion):
    view = replace(camera(distortion=distortion), focus=Focus(0.02, 0.6))
    found = geometry(world, view)
    reach = blur_px(world, view, found)
    assert reach is not None
    lens = view.intrinsics
    for v, u in ((100, 80), (60, 20), (115, 150), (70, 80)):
        depth = float(found.depth_m[v, u])
        x, y = lens.normalise((u + 0.5, v + 0.5))
        around = np.linspace(0, 2 * np.pi, 33)[:, None] * [1.0, 1.0]
        rim = 0.02 * np.stack([np.cos(around[:, 0]), np.sin(around[:, 0])], -1)
        # A ray from the rim through the point meets the sharp plane where a pixel looks.
        point = np.array([x, y]) * depth
        sharp = rim + (point - rim) * 0.6 / depth
        at = np.concatenate([sharp, np.full((33, 1), 0.6)], axis=1)
        way = np.linalg.norm(lens.project(at) - (u + 0.5, v + 0.5), axis=1).max()
        assert reach[v, u] == pytest.approx(way, rel=0.05, abs=0.01)


def test_motion_reaches_to_where_the_shutter_opens_and_closes(world: World):
    fast = Velocity((0.3, 0.0, 0.0), (0.0, 0.0, 2.0))
    moving = replace(
        world,
        objects=tuple(replace(o, velocity=fast) if o.id == 2 else o for o in world.objects),
    )
    view = replace(camera(), shutter=Shutter(0.2))
    found = geometry(world, view)
    reach = blur_px(moving, view, found)
    assert reach is not None
    cube = found.instances == 2
    assert (reach[~cube] < 0.01).all()
    v, u = (int(n[len(n) // 2]) for n in np.nonzero(cube))
    point = view.unproject((u + 0.5, v + 0.5), found.depth_m[v, u])
    pose = world.objects[2].pose
    ends = [pose.moved(fast, t).apply(pose.apply_inverse(point)) for t in (-0.1, 0.1)]
    seen = view.intrinsics.project(view.to_camera(np.array(ends)))
    assert reach[v, u] == pytest.approx(np.linalg.norm(seen - (u + 0.5, v + 0.5), axis=1).max())


def test_a_turning_camera_moves_the_sky_too(world: World):
    view = replace(camera(fov=60), shutter=Shutter(0.1, Velocity((0, 0, 0), (0, 0, 0.2))))
    found = geometry(world, view)
    reach = blur_px(world, view, found)
    assert reach is not None
    sky = found.depth_m == 0
    assert sky.any()
    eye = view.T_world_cam
    v, u = (int(n[0]) for n in np.nonzero(sky))
    direction = eye.rotation() @ np.append(view.intrinsics.normalise((u + 0.5, v + 0.5)), 1)
    turned = Pose((0, 0, 0), eye.moved(view.shutter.shake, 0.05).quaternion_wxyz)
    seen = view.intrinsics.project(turned.apply_inverse(direction))
    assert reach[v, u] == pytest.approx(np.hypot(*(seen - (u + 0.5, v + 0.5))), rel=0.02)


def test_agreement_counts_judged_pixels_only():
    labels = np.zeros((40, 40), np.int32)
    labels[:, 20:] = 1
    seen = labels.copy()
    seen[:, 17:20] = 1  # within the blur of the edge
    assert agreement(seen, labels, np.full((40, 40), 4.0)) == 1.0
    assert agreement(seen, labels, None) == pytest.approx(1 - 3 / 40)
    seen[:, :17] = 2  # nowhere near
    assert agreement(seen, labels, np.full((40, 40), 4.0)) < 0.6
    assert agreement(seen, labels, np.full((40, 40), 99.0)) == 1.0  # nothing can be said
