"""Small worlds of our own for engine tests, without any plugin."""

from __future__ import annotations

import numpy as np
import trimesh

from simgen.records.asset import Asset, Mesh, Surface
from simgen.records.camera import Camera, Intrinsics
from simgen.records.frame import Exposure, FrameSpec
from simgen.records.pose import Pose, look_at, multiply
from simgen.records.world import (
    AssetRef,
    Environment,
    Light,
    PlacementCounts,
    World,
    WorldObject,
)


def mesh_of(shape: trimesh.Trimesh, uv: np.ndarray | None = None) -> Mesh:
    faces = shape.faces.astype(np.int32)
    flat = np.repeat(shape.face_normals[:, None], 3, axis=1)
    smooth = shape.vertex_normals[faces] if len(faces) > 100 else flat
    return Mesh(
        shape.vertices.astype(np.float32),
        faces,
        np.asarray(smooth, np.float32),
        uv,
        np.zeros(len(faces), np.int32),
    )


class FakeLibrary:
    """Assets by name, straight from trimesh."""

    def __init__(self) -> None:
        self.assets: dict[str, Asset] = {}
        self.sky = np.full((16, 32, 3), 0.5, np.float32)

    def put(self, name: str, shape: trimesh.Trimesh, surface: Surface | None = None) -> AssetRef:
        self.assets[name] = Asset(mesh_of(shape), ("body",), (surface or Surface(),))
        return AssetRef("fake", "objects.x", name, {}, name)

    def asset(self, ref: AssetRef) -> Asset:
        return self.assets[ref.variant]

    def surfaces(self, thing: WorldObject) -> tuple[Surface, ...]:
        return self.assets[thing.asset.variant].surfaces

    def texture(self, texture):
        image = np.zeros((32, 64, 3), np.uint8)
        image[:, :32] = (255, 0, 0)
        image[:, 32:] = (0, 0, 255)
        return image

    def environment(self, environment: Environment) -> np.ndarray:
        return self.sky * environment.strength


def thing(ident: int, ref: AssetRef, pose: Pose, scale: float = 1.0, **fields) -> WorldObject:
    role = fields.get("role", "object" if ident else "support")
    return WorldObject(
        ident, "x", ident, role, ref, pose, scale, fields.get("category", "thing"), {}, {}, {}
    )


def world_of(things, lights=(), environment=None, background=None) -> World:
    return World(
        0,
        "fake",
        tuple(things),
        tuple(lights),
        environment or Environment(),
        background,
        (),
        1.0,
        PlacementCounts(),
        {},
    )


def camera(
    eye=(0.5, -0.5, 0.5),
    target=(0.0, 0.0, 0.05),
    width=160,
    height=120,
    fov=50.0,
    distortion=(0,) * 5,
    fisheye=None,
) -> Camera:
    if fisheye is None:
        f = width / 2 / np.tan(np.radians(fov) / 2)
    else:
        f = width / 2 / float(fisheye.radius(np.radians(fov / 2)))
    bend = tuple(map(float, distortion))
    lens = Intrinsics(width, height, f, f, width / 2, height / 2, bend, fisheye)
    return Camera(lens, look_at(eye, target))


def spec(cam: Camera, exposure: Exposure | None = None) -> FrameSpec:
    return FrameSpec(0, 0, 0, cam, exposure or Exposure())


def demo_world(library: FakeLibrary) -> World:
    table = library.put("table", trimesh.creation.box((1.6, 1.2, 0.04)), Surface((0.5, 0.35, 0.2)))
    ball = library.put(
        "ball", trimesh.creation.icosphere(4, 0.06), Surface((0.7, 0.1, 0.1), roughness=0.2)
    )
    cube = library.put("cube", trimesh.creation.box((0.1, 0.1, 0.1)), Surface((0.1, 0.3, 0.7)))
    can = library.put(
        "can",
        trimesh.creation.cylinder(0.04, 0.12, sections=64),
        Surface((0.9, 0.9, 0.9), metallic=1.0, roughness=0.15),
    )
    things = [
        thing(0, table, Pose((0, 0, -0.02))),
        thing(1, ball, Pose((0.1, 0.05, 0.06))),
        thing(2, cube, Pose.from_yaw((-0.08, 0.0, 0.05), 0.5)),
        thing(3, can, Pose((0.0, -0.15, 0.06))),
    ]
    lamp = Light("lamp", "area", 8.0, pose=Pose((0.3, 0.2, 0.9)), size_m=(0.3, 0.3))
    # look_at gives a camera that looks along +z; lamps shine along -z: turn about x
    aim = multiply(look_at((1, -1, 1), (0, 0, 0)).quaternion_wxyz, (0.0, 1.0, 0.0, 0.0))
    sun = Light("sun", "sun", 0.6, (1, 0.9, 0.7), Pose((0, 0, 2), aim), angle_deg=2.0)
    return world_of(things, (lamp, sun))
