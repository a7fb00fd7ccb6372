"""Disparity of a stereo pair, derived as docs/conventions.md says, against the pair itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import FakeLibrary, camera, demo_world, spec

from simgen.records.pose import Pose
from simgen.records.rig import disparity_px
from simgen.render.raycast import Raycast

BASELINE_M = 0.06


@pytest.fixture(scope="module")
def pair():
    library = FakeLibrary()
    world = demo_world(library)
    left = camera(width=320, height=240)
    right = replace(left, T_world_cam=left.T_world_cam.compose(Pose((BASELINE_M, 0.0, 0.0))))
    with Raycast().open(Raycast.Params(edge_samples=0, sky_rays=1), library, 1) as session:
        frames = list(session.render(world, [spec(left), spec(right)]))
    return left, right, [frame.geometry for frame in frames]


def test_disparity_is_where_the_right_camera_sees_the_same_point(pair):
    left, right, (geometry, _) = pair
    depth = geometry.depth_m
    disparity = disparity_px(depth, left.intrinsics.fx, BASELINE_M)
    there = depth > 0
    np.testing.assert_allclose(
        depth[there] * disparity[there], left.intrinsics.fx * BASELINE_M, rtol=1e-6
    )
    assert (disparity[~there] == 0).all()
    v, u = np.nonzero(there)
    centres = np.stack([u + 0.5, v + 0.5], axis=-1)
    seen = right.intrinsics.project(right.to_camera(left.unproject(centres, depth[there])))
    np.testing.assert_allclose(seen[:, 1], centres[:, 1], atol=1e-4)
    np.testing.assert_allclose(centres[:, 0] - seen[:, 0], disparity[there], atol=1e-4)


def test_the_right_picture_shows_the_same_surface_there_unless_it_is_hidden(pair):
    left, _, (one, two) = pair
    disparity = disparity_px(one.depth_m, left.intrinsics.fx, BASELINE_M)
    v, u = np.nonzero(one.instances > 0)
    column = np.rint(u - disparity[v, u]).astype(int)
    inside = column >= 0
    v, u, column = v[inside], u[inside], column[inside]
    same = two.instances[v, column] == one.instances[v, u]
    nearer = two.depth_m[v, column] < one.depth_m[v, u] - 0.005
    assert (same | nearer).mean() > 0.97  # the rest are borders, a pixel wide
    assert same.mean() > 0.8
