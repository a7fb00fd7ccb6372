"""Rigs: several cameras that are fixed to each other and look at one world at one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.records.pose import Pose


@dataclass(frozen=True)
class RigView:
    """Which camera of a rig took a picture, and where the rig was.

    Args:
        rig: its name.
        camera: name of the camera.
        pose: number of the rig's pose inside the world; pictures of one pose belong together.
        T_world_rig: maps rig coordinates (axes as a camera's) to world coordinates.
        T_rig_cam: maps camera coordinates to rig coordinates; T_world_cam is their product.
    """

    rig: str
    camera: str
    pose: int
    T_world_rig: Pose
    T_rig_cam: Pose


def disparity_px(depth_m: ArrayLike, focal_px: float, baseline_m: float) -> NDArray[np.float64]:
    """How far to the left a point of the left picture lies in the right one, in pixels.

    Of a rectified pair: perspective lenses without distortion, the same K, the right camera
    moved along x alone. depth * disparity = f * b.

    Args:
        depth_m: [...], planar z; 0 is no surface and gives 0.
    """
    depth = np.asarray(depth_m, np.float64)
    return np.where(depth > 0, focal_px * baseline_m / np.where(depth > 0, depth, 1.0), 0.0)
