"""Point clouds of one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    camera = rendered.spec.camera
    flat = np.flatnonzero(geometry.depth_m > 0)
    if flat.size > max_points:
        flat = flat[(np.arange(max_points) * flat.size) // max_points]
    width = geometry.depth_m.shape[1]
    pixels = np.stack([flat % width + 0.5, flat // width + 0.5], axis=-1)
    depth = geometry.depth_m.reshape(-1)[flat]
    normals = geometry.normals.reshape(-1, 3)[flat].astype(np.float64)
    return PointCloud(
        camera.unproject(pixels, depth).astype(np.float32),
        (normals @ camera.T_world_cam.rotation().T).astype(np.float32),
        rendered.rgb.reshape(-1, 3)[flat],
        geometry.instances.reshape(-1)[flat],
    )
