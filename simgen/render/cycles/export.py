"""A world as a message: numbers as they are, arrays by content in the exchange folder."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Library
from simgen.records.asset import Asset, Surface
from simgen.records.camera import Camera
from simgen.records.frame import FrameSpec
from simgen.records.pose import Pose, Velocity
from simgen.records.serial import to_json, to_plain
from simgen.records.world import Light, World, WorldObject
from simgen.render.cycles.exchange import Exchange
from simgen.render.raycast.geometry import HOLE, face_uv, solid_faces

_IMAGES = ("base_color", "emission", "alpha", "roughness", "metallic", "normal")
_SEEDS = 2**31


def world_message(world: World, library: Library, exchange: Exchange) -> dict[str, Any]:
    """Everything that the worker needs of a world."""
    return {
        "objects": [_object(thing, library, exchange) for thing in world.objects],
        "lights": [_lamp(light) for light in world.lights],
        "environment": _environment(world, library, exchange),
        # A picture behind everything is put there afterwards, in image space.
        "transparent": world.background is not None,
    }


def frame_message(spec: FrameSpec, world: World, exchange: Exchange) -> dict[str, Any]:
    """A view, and where its passes go; the seed follows the frame, so that it repeats."""
    return {
        "do": "frame",
        "frame": spec.frame,
        "seed": spec.frame % _SEEDS,
        "path": str(exchange.folder / f"frame-{spec.frame}.exr"),
        **_view(spec.camera),
        "moving": _moving(spec.camera, world),
    }


def _view(camera: Camera) -> dict[str, Any]:
    lens = camera.intrinsics
    numbers = {name: float(getattr(lens, name)) for name in ("fx", "fy", "cx", "cy")}
    size = {"width": lens.width, "height": lens.height}
    distortion = [float(value) for value in lens.distortion]
    return {
        "matrix": camera.T_world_cam.matrix().tolist(),
        "lens": {**size, **numbers, "distortion": distortion, "fisheye": to_plain(lens.fisheye)},
        "focus": to_plain(camera.focus),
    }


def _moving(camera: Camera, world: World) -> dict[str, Any] | None:
    """Matrices when the shutter opens and when it closes: the camera's, and by object number."""
    shutter = camera.shutter
    if shutter is None:
        return None

    def ends(pose: Pose, velocity: Velocity, scale: float = 1.0) -> list[Any]:
        times = (-shutter.open_s / 2, shutter.open_s / 2)
        size = np.diag([scale, scale, scale, 1.0])
        return [(pose.moved(velocity, time).matrix() @ size).tolist() for time in times]

    return {
        "camera": ends(camera.T_world_cam, shutter.shake),
        "objects": [
            [number, *ends(thing.pose, thing.velocity, thing.scale)]
            for number, thing in enumerate(world.objects)
            if thing.velocity is not None
        ],
    }


def _object(thing: WorldObject, library: Library, exchange: Exchange) -> dict[str, Any]:
    asset, surfaces = library.asset(thing.asset), library.surfaces(thing)
    scale = np.diag([thing.scale, thing.scale, thing.scale, 1.0])
    return {
        "name": thing.name,
        "id": thing.id,
        "matrix": (thing.pose.matrix() @ scale).tolist(),
        "mesh": _mesh(thing, asset, surfaces, exchange),
        "surfaces": [_surface(surface, exchange) for surface in surfaces],
    }


def _mesh(
    thing: WorldObject, asset: Asset, surfaces: tuple[Surface, ...], exchange: Exchange
) -> dict[str, str]:
    """The solid faces with the coordinates that their surfaces use."""
    boxes = [s.uv_in_metres and (s.tile_m, s.tile_aspect, thing.scale) for s in surfaces]
    looks = [(box, s.alpha >= HOLE) for box, s in zip(boxes, surfaces, strict=True)]
    wear = surfaces[0].wear
    layer = None if wear is None else hashlib.sha256(wear.uv.tobytes()).hexdigest()
    key = hashlib.sha256(to_json([thing.asset.digest, looks, layer])).hexdigest()
    held = exchange.holds(key)
    if held is not None:
        return held
    mesh, keep = asset.mesh, solid_faces(asset, surfaces)
    vertices, faces = _split(mesh.vertices_m, mesh.faces[keep], mesh.normals[keep])
    arrays = {
        "vertices": vertices,
        "faces": faces,
        "normals": mesh.normals[keep].astype(np.float32),
        "uv": face_uv(asset, surfaces, thing.scale)[keep].astype(np.float32),
        "slot": mesh.slot[keep].astype(np.int32),
    }
    if wear is not None:
        arrays["wear_uv"] = wear.uv[keep].astype(np.float32)
    return exchange.arrays(key, arrays)


def _split(
    vertices: NDArray[np.float32], faces: NDArray[np.int32], normals: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices and faces such that no vertex has two normals: Cycles knows one per vertex."""
    corners = np.empty((faces.size, 4), np.int32)
    corners[:, 0] = faces.ravel()
    corners[:, 1:] = np.rint(normals.reshape(-1, 3) * 2**20)
    rows = np.ascontiguousarray(corners).view("V16").ravel()  # one value a row sorts faster
    _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
    return (
        vertices[corners[first, 0]].astype(np.float32),
        inverse.reshape(-1, 3).astype(np.int32),
    )


def _surface(surface: Surface, exchange: Exchange) -> dict[str, Any]:
    if surface.original is not None:
        return {"original": to_plain(surface.original)}
    out: dict[str, Any] = {
        "base_color": list(map(float, surface.base_color)),
        "emission": list(map(float, surface.emission)),
        "alpha": float(surface.alpha),
        "roughness": float(surface.roughness),
        "metallic": float(surface.metallic),
        "transmission": float(surface.transmission),
        "ior": float(surface.ior),
    }
    for name in _IMAGES:
        image = getattr(surface, f"{name}_image")
        if image is not None:
            out[f"{name}_image"] = exchange.array(image)
    if surface.tint is not None:
        out["tint"] = list(surface.tint)
    if surface.wear is not None:
        layer = surface.wear
        for name in ("color", "cover", "roughness"):
            out[f"wear_{name}_image"] = exchange.array(getattr(layer, name))
    return out


def _lamp(light: Light) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(light)
    plain["matrix"] = light.pose.matrix().tolist()
    return plain


def _environment(world: World, library: Library, exchange: Exchange) -> dict[str, Any]:
    radiance = library.environment(world.environment)
    if (radiance == radiance[0, 0]).all():
        return {"color": [float(v) for v in radiance[0, 0]]}
    return dict(exchange.array(radiance))
