"""Cameras stand in the open and see what they should; coarse rays agree with true ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from simgen.errors import SceneFileError
from simgen.records.camera import Camera, Intrinsics
from simgen.records.pose import Pose, look_at
from simgen.records.world import World
from simgen.sampling.sampler import Sampler
from simgen.sampling.seeing import sight_problem, stand_problem
from simgen.sampling.sight import Solid, nearest_m, solids_of
from simgen.spec.camera import ViewSetting

Make = Callable[..., Sampler]
SCENE = """
scene: {type: tabletop, placement: grid, area_m: [0.6, 0.6]}
objects:
  bricks: {asset: box, category: brick, count: 4, size_m: [0.06, 0.06, 0.06]}
  screen: {asset: box, category: null, count: 0, size_m: [0.5, 0.01, 0.5]}
"""
LENS = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)


def seen(sampler: Sampler, world: World) -> tuple[Solid, ...]:
    return solids_of(world, sampler._shapes)


def camera(eye: tuple[float, float, float], target: tuple[float, float, float]) -> Camera:
    return Camera(LENS, look_at(eye, target))


def test_rays_meet_what_true_rays_meet(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    world = sampler.world(0)
    meshes = []
    for thing in world.objects:
        mesh = sampler._shapes.asset(thing.asset).mesh
        meshes.append(trimesh.Trimesh(thing.pose.apply(mesh.vertices_m), mesh.faces))
    whole = trimesh.util.concatenate(meshes)
    rng = np.random.Generator(np.random.PCG64(0))
    rays = rng.normal(size=(300, 3)) * (0.3, 0.3, 0.1) - (0, 0, 1)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    eye = np.array([0.0, 0.0, 0.5])
    mine = nearest_m(seen(sampler, world), eye, rays)
    places, index, _ = whole.ray.intersects_location(
        np.tile(eye, (300, 1)), rays, multiple_hits=False
    )
    true = np.full(300, np.inf)
    true[index] = np.linalg.norm(places - eye, axis=1)
    np.testing.assert_allclose(mine, true, atol=1e-4)
    assert np.isfinite(mine).sum() > 100


def test_what_hides_and_what_stands_before_the_lens(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE.replace("count: 0", "count: 1"))
    world = sampler.world(0)
    wall = next(t for t in world.objects if t.collection == "screen")
    bricks = [t for t in world.objects if t.collection == "bricks"]
    free = replace(world, objects=tuple(t for t in world.objects if t is not wall))
    eye, target = (0.0, -1.0, 0.3), (0.0, 0.0, 0.03)
    look, wanted = [camera(eye, target)], ViewSetting()
    assert sight_problem(look, 1.0, seen(sampler, free), wanted) == ""
    before = replace(wall, pose=Pose((0.0, -0.5, 0.2)))
    hidden = replace(world, objects=(*bricks, before))
    assert "sees 0 of 4" in sight_problem(look, 1.0, seen(sampler, hidden), wanted)
    rig = [*look, camera((0.0, 0.05, 1.0), target)]  # another camera of the rig sees them
    assert sight_problem(rig, 1.0, seen(sampler, hidden), wanted) == ""
    fixed = replace(before, role="support", pose=Pose((0.0, -0.93, 0.2)))
    near = replace(world, objects=(*bricks, fixed))
    problem = sight_problem(look, 1.0, seen(sampler, near), wanted)
    assert problem.startswith("has something fixed 0.0")
    assert sight_problem(look, 1.0, seen(sampler, near), ViewSetting(objects=0, clear=0)) == ""


def test_occlusion_can_be_bounded(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    world = sampler.world(0)
    low = [camera((0.0, -0.8, 0.05), (0.0, 0.0, 0.03))]
    above = [camera((0.0, -0.1, 0.8), (0.0, 0.0, 0.03))]
    solids = seen(sampler, world)
    strict = ViewSetting(hidden=0.3)
    assert "hidden behind other things" in sight_problem(low, 0.8, solids, strict)
    assert sight_problem(above, 0.8, solids, strict) == ""


def test_cameras_stay_in_their_room(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    world = replace(sampler.world(0), eyes_m=((-1.0, -1.0, 0.2), (1.0, 0.0, 1.0)))
    solids = seen(sampler, world)
    assert stand_problem(camera((0.0, -0.5, 0.5), (0.0, 0.0, 0.0)), world, solids) == ""
    why = stand_problem(camera((0.0, 0.5, 0.5), (0.0, 0.0, 0.0)), world, solids)
    assert why.startswith("stands outside the room")
    x, y, z = world.instances[0].pose.position_m
    near = replace(world, eyes_m=None)
    assert "bricks.0" in stand_problem(camera((x, y, z + 0.035), (1.0, 0, 0)), near, solids)
    frames = [sampler.frame(0, world)]
    assert frames[0].camera.T_world_cam.position_m[1] <= 0.0
    assert frames[0].facts["camera.redrawn"] >= 0


def test_a_view_that_cannot_be_is_an_error(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE + "camera: {view: {objects: 4, visible: 1.0}, fov_deg: 5}\n")
    with pytest.raises(SceneFileError, match=r"sees \d of 4 labelled objects, wanted 4"):
        sampler.frame(0, sampler.world(0))
