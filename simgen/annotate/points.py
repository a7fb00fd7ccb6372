"""Point clouds of a frame, and of a world out of its frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.camera import Camera
from simgen.records.frame import RenderedFrame


@dataclass(frozen=True)
class PointCloud:
    """Surface points that a frame sees.

    Args:
        xyz_m: float32[N, 3], world frame.
        normals: float32[N, 3], world frame, unit.
        rgb: uint8[N, 3], sRGB.
        instance: int32[N], instance id, 0 for background surfaces.
    """

    xyz_m: NDArray[np.float32]
    normals: NDArray[np.float32]
    rgb: NDArray[np.uint8]
    instance: NDArray[np.int32]


def point_cloud(rendered: RenderedFrame, max_points: int) -> PointCloud:
    """Points of all pixels with a surface, thinned evenly to at most `max_points`."""
    geometry = rendered.geometry
    return cloud(
        rendered.spec.camera,
        geometry.depth_m,
        rendered.rgb,
        geometry.normals,
        geometry.instances,
        max_points,
    )


def cloud(
    camera: Camera,
    depth_m: NDArray[np.float32],
    rgb: NDArray[np.uint8],
    normals: NDArray[np.float32] | None = None,
    instances: NDArray[np.int32] | None = None,
    max_points: int | None = None,
) -> PointCloud:
    """The same of any picture with depth; shapes are those of `Geometry`.

    Where there are no normals or instances, theirs are 0.
    """
    flat = np.flatnonzero(depth_m > 0)
    if max_points is not None and flat.size > max_points:
        flat = flat[(np.arange(max_points) * flat.size) // max_points]
    width = depth_m.shape[1]
    pixels = np.stack([flat % width + 0.5, flat // width + 0.5], axis=-1)
    directions = np.zeros((flat.size, 3))
    if normals is not None:
        turn = camera.T_world_cam.rotation().T
        directions = normals.reshape(-1, 3)[flat].astype(np.float64) @ turn
    ids = np.zeros(flat.size, np.int32)
    return PointCloud(
        camera.unproject(pixels, depth_m.reshape(-1)[flat]).astype(np.float32),
        directions.astype(np.float32),
        rgb.reshape(-1, 3)[flat],
        ids if instances is None else instances.reshape(-1)[flat],
    )


def fused(clouds: Sequence[PointCloud], voxel_m: float) -> PointCloud:
    """Several clouds of one world as one, with one point a cube of edge `voxel_m`.

    A cube keeps the point of the earliest cloud that has one there: means of views would blur
    colours and mix instances.
    """
    xyz, normals, rgb, instance = (
        np.concatenate([getattr(c, name) for c in clouds])
        for name in ("xyz_m", "normals", "rgb", "instance")
    )
    if voxel_m > 0:
        cells = np.floor(xyz.astype(np.float64) / voxel_m).astype(np.int64)
        _, first = np.unique(cells, axis=0, return_index=True)
        kept = np.sort(first)
        xyz, normals, rgb, instance = xyz[kept], normals[kept], rgb[kept], instance[kept]
    return PointCloud(xyz, normals, rgb, instance)
