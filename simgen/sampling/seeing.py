"""Whether a drawn camera can be used: where it stands, and what it would see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.records.camera import Camera
from simgen.records.pose import Vec3
from simgen.records.world import World
from simgen.sampling.sight import Solid, nearest_m
from simgen.spec.camera import CameraSetting, ViewSetting

Floats = NDArray[np.float64]
# A lens closer than this sees nothing but blur, and its image plane may cut the surface.
CLEARANCE_M = 0.03
# Obstacles count in the middle of the picture; at its lower edge any ground is near.
_MIDDLE = 0.6
_GRID = (9, 7)


def view_problem(
    cameras: Sequence[Camera],
    target_m: Vec3,
    setting: CameraSetting,
    world: World,
    solids: Sequence[Solid],
) -> str:
    """Why the cameras of one view (of a rig: several) cannot be used, or "".

    Args:
        target_m: what the view is about.
        setting: drawn.
    """
    for camera in cameras:
        why = stand_problem(camera, world, solids) or _behind(camera, target_m, solids)
        if why:
            return why
    return sight_problem(cameras, float(setting.distance_m), solids, setting.view)


def stand_problem(camera: Camera, world: World, solids: Sequence[Solid]) -> str:
    """Why a camera cannot stand there, or ""."""
    if not camera.intrinsics.invertible():
        return "has a lens that folds over inside the image (distortion or fisheye)"
    eye = np.array(camera.T_world_cam.position_m)
    for solid in solids:
        apart = float(np.linalg.norm(solid.middle_m - eye)) - solid.radius_m
        if apart < CLEARANCE_M and solid.distance_m(eye) < CLEARANCE_M:
            where = f"{CLEARANCE_M * 100:.0f} cm of {solid.thing.name}"
            return f"stands inside or within {where}"
    if world.eyes_m is not None:
        low, high = np.array(world.eyes_m)
        if not bool(((eye >= low) & (eye <= high)).all()):
            return "stands outside the room that the scene type leaves for cameras"
    tops = [s.top_m for s in solids if s.thing.role == "support" and not _is_background(s)]
    if tops and float(eye[2]) < min(tops) + CLEARANCE_M:
        return f"stands below the surface at z = {min(tops):.2f} m"
    return ""


def _is_background(solid: Solid) -> bool:
    """Whether a randomizer put it behind the scene, walls and floors: nothing stands on it."""
    return solid.thing.role == "support" and solid.thing.collection.startswith("randomizers.")


def _behind(camera: Camera, target_m: Vec3, solids: Sequence[Solid]) -> str:
    """Whether a background plane stands between a camera and what its view is about."""
    eye = np.array(camera.T_world_cam.position_m)
    way = np.subtract(target_m, eye)
    distance = float(np.linalg.norm(way))
    for solid in filter(_is_background, solids):
        if distance > 0 and solid.entries_m(eye, way[None] / distance)[0] < distance:
            return f"stands behind {solid.thing.name}"
    return ""


def sight_problem(
    cameras: Sequence[Camera], distance_m: float, solids: Sequence[Solid], wanted: ViewSetting
) -> str:
    """Why what these cameras of one view see is no picture, or "".

    Args:
        distance_m: from the first camera to the point that it looks at.
    """
    if wanted.clear > 0:
        fixed = [solid for solid in solids if solid.thing.role == "support"]
        for camera in cameras:
            near = float(_middle_distances_m(camera, fixed).min(initial=np.inf))
            if near < wanted.clear * distance_m:
                return f"has something fixed {near:.2f} m before its lens"
    labelled = [solid for solid in solids if solid.thing.category is not None]
    if not labelled or (wanted.objects == 0 and wanted.hidden == 1):
        return ""
    return min((_objects_problem(c, labelled, solids, wanted) for c in cameras), key=len)


def _objects_problem(
    camera: Camera, labelled: Sequence[Solid], solids: Sequence[Solid], wanted: ViewSetting
) -> str:
    eye = np.array(camera.T_world_cam.position_m)
    axis = camera.T_world_cam.rotation()[:, 2]
    seen = 0
    for solid in sorted(labelled, key=lambda s: -_cosine(s.middle_m - eye, axis)):
        inside, free = _visible_points(camera, solid, solids)
        seen += float((inside & free).mean()) >= wanted.visible and bool((inside & free).any())
        if bool(inside.mean() >= 0.5) and float((~free[inside]).mean()) > wanted.hidden:
            return f"has {solid.thing.name} hidden behind other things"
        if seen >= wanted.objects and wanted.hidden == 1:
            return ""
    least = min(wanted.objects, len(labelled))
    if seen >= least:
        return ""
    return f"sees {seen} of {len(labelled)} labelled objects, wanted {least}"


def _visible_points(
    camera: Camera, solid: Solid, solids: Sequence[Solid]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of the thing's points: which lie inside the picture, which have nothing before them."""
    lens = camera.intrinsics
    local = camera.to_camera(solid.points_m)
    inside = np.array(lens.images(local))
    pixels = np.full((len(local), 2), -1.0)
    if inside.any():
        pixels[inside] = lens.project(local[inside])
    inside &= (pixels >= 0).all(axis=1) & (pixels < (lens.width, lens.height)).all(axis=1)
    free = np.zeros(len(local), bool)
    if inside.any():
        eye = np.array(camera.T_world_cam.position_m)
        rays = solid.points_m[inside] - eye
        far = np.linalg.norm(rays, axis=1)
        rays = rays / np.maximum(far, 1e-12)[:, None]
        free[inside] = nearest_m(solids, eye, rays, skip=solid) > far
    return inside, free


def _middle_distances_m(camera: Camera, solids: Sequence[Solid]) -> Floats:
    """Distances along a grid of rays through the middle of the picture."""
    lens = camera.intrinsics
    u = lens.width * (0.5 + _MIDDLE * np.linspace(-0.5, 0.5, _GRID[0]))
    v = lens.height * (0.5 + _MIDDLE * np.linspace(-0.5, 0.5, _GRID[1]))
    rays = lens.rays(np.stack(np.meshgrid(u, v), -1).reshape(-1, 2))
    rays = rays[np.isfinite(rays).all(axis=1)]
    rays = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    turned = rays @ camera.T_world_cam.rotation().T
    return nearest_m(solids, np.array(camera.T_world_cam.position_m), turned)


def _cosine(towards: Floats, axis: Floats) -> float:
    return float(towards @ axis) / max(float(np.linalg.norm(towards)), 1e-12)
