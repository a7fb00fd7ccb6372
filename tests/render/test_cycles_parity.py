"""Cycles' passes against the ray caster's labels, on varied small frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from cycles_rig import cycles, needs_bpy, views
from worlds import FakeLibrary, camera, demo_world, mesh_of, thing, world_of
from worn_things import aged_world

from simgen.records.asset import Asset, Surface
from simgen.records.camera import Camera, Focus, Shutter
from simgen.records.kannala_brandt import Fisheye
from simgen.records.pose import Pose, Velocity
from simgen.records.world import World
from simgen.render.cycles.parity import Parity, parity

pytestmark = needs_bpy
FISHEYE, CIRCLE = Fisheye(0.02, -0.004, 0.001, -0.0002, 130), Fisheye(max_angle_deg=95)
BARREL, CUSHION = (-0.25, 0.08, 0.001, -0.002, 0.0), (0.12, -0.03, -0.001, 0.001, 0.01)

FOCUS, SHUTTER = Focus(0.01, 0.72), Shutter(0.05, Velocity((0.1, 0.1, 0.0), (0.0, 0.0, 0.3)))


def with_lens(view: Camera, **numbers: float) -> Camera:
    return replace(view, intrinsics=replace(view.intrinsics, **numbers))


def thin_and_tiny(library: FakeLibrary) -> World:
    card = library.put("card", trimesh.creation.box((0.063, 0.088, 0.0003)))
    wire = library.put("wire", trimesh.creation.cylinder(0.002, 0.3, sections=12))
    bead = library.put("bead", trimesh.creation.icosphere(2, 0.006))
    table = library.put("table", trimesh.creation.box((1.0, 1.0, 0.02)))
    things = [thing(0, table, Pose((0, 0, -0.01)))]
    for n in range(4):
        things.append(
            thing(1 + n, card, Pose.from_yaw((0.05 * n, 0.0, 0.0002 + 4e-4 * n), 0.4 * n))
        )
    lying = (0.7071068, 0.7071068, 0.0, 0.0)
    things.append(thing(5, wire, Pose((-0.1, 0.0, 0.002), lying)))
    for n in range(6):
        things.append(thing(6 + n, bead, Pose((-0.2 + 0.06 * n, -0.15, 0.006))))
    return world_of(things)


def heap(library: FakeLibrary) -> World:
    """Many intersecting things of all sizes: heavy occlusion."""
    shapes = [
        library.put("ring", trimesh.creation.torus(0.05, 0.012)),
        library.put("rod", trimesh.creation.capsule(0.12, 0.01)),
        library.put("block", trimesh.creation.box((0.06, 0.04, 0.03))),
        library.put("ball", trimesh.creation.icosphere(3, 0.03)),
    ]
    rng = np.random.default_rng(5)
    things = []
    for n in range(40):
        turn = rng.normal(size=4)
        turn /= np.linalg.norm(turn)
        place = tuple(map(float, rng.uniform(-0.12, 0.12, 3)))
        pose = Pose(place, tuple(map(float, turn)))
        things.append(thing(n + 1, shapes[n % 4], pose, scale=float(rng.uniform(0.5, 1.3))))
    return world_of(things)


def cut_out(library: FakeLibrary) -> World:
    """A plate with round holes in its alpha image, in front of a cube."""
    y, x = np.mgrid[0:64, 0:64] % 32 - 15.5
    alpha = np.where(np.hypot(x, y) < 10, 0, 255).astype(np.uint8)
    mesh = mesh_of(trimesh.creation.box((0.3, 0.002, 0.3)))
    surface = Surface(alpha_image=alpha, uv_in_metres=True, tile_m=0.15)
    ref = library.put("plate", trimesh.creation.box())
    library.assets["plate"] = Asset(mesh, ("body",), (surface,))
    cube = library.put("cube", trimesh.creation.box((0.2, 0.2, 0.2)))
    return world_of([thing(1, ref, Pose((0, -0.2, 0.1))), thing(2, cube, Pose((0, 0.1, 0.1)))])


FRAMES = {
    "plain": (demo_world, camera()),
    "portrait": (demo_world, camera(eye=(0.2, 0.5, 0.3), width=120, height=160)),
    "wide": (demo_world, camera(eye=(0.15, -0.25, 0.2), fov=95)),
    "tele": (demo_world, camera(eye=(1.5, -1.5, 1.5), fov=8)),
    "principal point": (demo_world, with_lens(camera(), cx=91.3, cy=50.7)),
    "oblong pixels": (demo_world, with_lens(camera(), fx=190.0, cy=66.1)),
    "tall pixels": (demo_world, with_lens(camera(), fy=190.0, cx=70.5)),
    "barrel": (demo_world, camera(distortion=BARREL)),
    "cushion": (demo_world, camera(eye=(-0.4, -0.3, 0.3), distortion=CUSHION)),
    "fisheye": (demo_world, camera(eye=(0.25, -0.25, 0.25), fov=150, fisheye=FISHEYE)),
    "among the objects, 220 degrees": (
        demo_world,
        camera(eye=(0.0, 0.0, 0.2), target=(0, 0, 1), fov=220, fisheye=FISHEYE),
    ),
    "image circle": (demo_world, camera(eye=(0.2, -0.1, 0.2), fov=230, fisheye=CIRCLE)),
    "fisheye, shaken, out of focus": (
        demo_world,
        replace(
            camera(eye=(0.25, -0.25, 0.25), width=240, height=180, fov=120, fisheye=FISHEYE),
            focus=Focus(0.006, 0.4),
            shutter=SHUTTER,
        ),
    ),
    "out of focus": (demo_world, replace(camera(), focus=FOCUS)),
    "out of focus, distorted": (demo_world, replace(camera(distortion=BARREL), focus=FOCUS)),
    "shaken": (demo_world, replace(camera(), shutter=SHUTTER)),
    "shaken, out of focus, distorted": (
        demo_world,
        replace(camera(distortion=CUSHION), focus=FOCUS, shutter=SHUTTER),
    ),
    "thin and tiny": (thin_and_tiny, camera(eye=(0.0, -0.4, 0.4), width=320, height=240)),
    "thin, distorted": (
        thin_and_tiny,
        camera(eye=(0.2, -0.3, 0.3), width=320, height=240, distortion=BARREL),
    ),
    "heap": (heap, camera(eye=(0.3, -0.4, 0.3), target=(0, 0, 0), width=240, height=180)),
    "heap from below": (
        heap,
        camera(eye=(0.1, 0.3, -0.4), target=(0, 0, 0), width=240, height=180),
    ),
    "bent, twisted, worn": (
        aged_world,
        camera(eye=(0.15, -0.55, 0.45), target=(0, 0, 0.04), width=320, height=240),
    ),
    "bent, fisheye": (
        aged_world,
        camera(eye=(0.1, -0.2, 0.25), width=320, height=240, fov=140, fisheye=FISHEYE),
    ),
    "cut-out": (cut_out, camera(eye=(0.1, -0.7, 0.2), target=(0, 0, 0.1))),
}


@pytest.fixture(scope="module")
def compared() -> dict[str, Parity]:
    out = {}
    for make in (demo_world, thin_and_tiny, heap, aged_world, cut_out):
        library = FakeLibrary()
        names = [name for name, (maker, _) in FRAMES.items() if maker is make]
        # One sample lies at the pixel's centre, where the labels are; more average normals.
        with cycles(library, samples=1) as session:
            specs = views(*(FRAMES[name][1] for name in names))
            shots = session.shots(make(library), specs)
            out |= {name: parity(shot) for name, shot in zip(names, shots, strict=True)}
    return out


@pytest.mark.parametrize("name", FRAMES)
def test_engines_agree(name: str, compared: dict[str, Parity]):
    found = compared[name]
    assert found.missing == ()
    assert len(found.objects) >= 2
    for item in found.objects:
        if item.pixels > 20:
            assert item.iou >= (0.98 if item.pixels > 400 else 0.90), item
    assert found.agreement > 0.99
    blurred = FRAMES[name][1].focus or FRAMES[name][1].shutter
    assert 0.6 < found.judged < 1 if blurred else found.judged == 1
    assert found.depth_mm < 0.5
    assert found.normals_deg < 1.0
