"""How far depth of field and motion reach, and on which pixels engines can be compared.

Labels are those of a pinhole at the middle of the exposure. Cycles takes depth and index of a
pixel at its centre, but through a random point of the lens and at a random time; normals are
averaged over all of them. A surface that the pinhole sees at pixel q may therefore appear in
any pixel within r(q): its circle of confusion, plus the way that it moves from the middle of
the exposure to either end. Pixel p is *judged* if no edge between two instances lies within
R(p), the largest r of all pixels that could reach p, and so does no border of the image,
beyond which nothing is known. Where nothing is blurred, r is 0 and every pixel is judged.

What no pinhole sees (a third object just behind an edge) is covered by the edge's own r.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simgen.records.camera import Camera, Shutter, pixel_rays
from simgen.records.frame import Geometry
from simgen.records.pose import Pose, Velocity
from simgen.records.world import World

Floats = NDArray[np.float64]
_SKY_M = 1e6  # what has no depth is as far as this


def blur_px(world: World, camera: Camera, geometry: Geometry) -> Floats | None:
    """How far what each pixel shows may be smeared, float64[H, W] pixels; None: nowhere."""
    if camera.focus is None and camera.shutter is None:
        return None
    shape = geometry.depth_m.shape
    depth = np.where(geometry.depth_m > 0, geometry.depth_m, _SKY_M).astype(np.float64)
    reach = np.zeros(shape)
    if camera.focus is not None:
        reach += camera.focus.confusion(1 / depth) * _pixels_per_unit(camera)
    if camera.shutter is not None:
        reach += _motion_px(world, camera, camera.shutter, geometry.instances, depth)
    bounded: Floats = np.minimum(reach, math.hypot(*shape))
    return bounded


def judged(instances: NDArray[np.int32], reach: Floats | None) -> NDArray[np.bool_]:
    """Pixels bool[H, W] that show the same instance through any point of lens and exposure."""
    if reach is None:
        return np.ones(instances.shape, bool)
    from scipy.ndimage import distance_transform_edt, maximum_filter

    edge = np.zeros(instances.shape, bool)
    across, down = np.diff(instances, axis=1) != 0, np.diff(instances, axis=0) != 0
    edge[:, :-1] |= across
    edge[:, 1:] |= across
    edge[:-1] |= down
    edge[1:] |= down
    edge[[0, -1]] = edge[:, [0, -1]] = True
    widest = maximum_filter(reach, 2 * math.ceil(reach.max()) + 1)
    clear: NDArray[np.bool_] = distance_transform_edt(~edge) >= widest
    return clear


def _pixels_per_unit(camera: Camera) -> Floats:
    """Pixels that a unit of `Intrinsics.rays` covers, at most, float64[H, W]."""
    rays = pixel_rays(camera.intrinsics).astype(np.float64)
    steps = [np.linalg.norm(np.gradient(rays, axis=axis), axis=-1) for axis in (0, 1)]
    steps = [np.where(step > 0, step, np.inf) for step in steps]  # outside a fisheye's circle
    out: Floats = 1 / np.minimum(*steps)
    return out


def _motion_px(
    world: World, camera: Camera, shutter: Shutter, instances: NDArray[np.int32], depth: Floats
) -> Floats:
    height, width = depth.shape
    pixels = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), -1)
    points = camera.unproject(pixels, depth)
    out = _way_px(camera, shutter, points, pixels, Pose(), Velocity())
    for thing in world.objects:
        if thing.velocity is None:
            continue
        # Several supports share id 0: the fastest counts for all of them.
        at = instances == thing.id
        way = _way_px(camera, shutter, points[at], pixels[at], thing.pose, thing.velocity)
        out[at] = np.maximum(out[at], way)
    return out


def _way_px(
    camera: Camera, shutter: Shutter, points: Floats, pixels: Floats, pose: Pose, moves: Velocity
) -> Floats:
    """Pixels between where points [..., 3] of a moving thing are seen and where they were or
    will be; infinite if they pass the camera."""
    local = pose.apply_inverse(points)
    out = np.zeros(points.shape[:-1])
    for seconds in (-shutter.open_s / 2, shutter.open_s / 2):
        eye = camera.T_world_cam.moved(shutter.shake, seconds)
        seen = eye.apply_inverse(pose.moved(moves, seconds).apply(local))
        front = camera.intrinsics.images(seen)
        seen[~front] = (0.0, 0.0, 1.0)
        way = np.linalg.norm(camera.intrinsics.project(seen) - pixels, axis=-1)
        out = np.maximum(out, np.where(front, way, np.inf))
    return out
