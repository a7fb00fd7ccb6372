"""KITTI's 3D boxes: upright in the camera's frame, turned about its y axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vec3 = tuple[float, float, float]


@dataclass(frozen=True)
class KittiBox:
    """A box as the development kit has it.

    Args:
        hwl_m: height (along y), width, length (along x before turning).
        location_m: middle of the bottom face, camera frame (y points down).
        rotation_y: about y, in [-pi, pi].
    """

    hwl_m: Vec3
    location_m: Vec3
    rotation_y: float

    def corners(self) -> Floats:
        """float64[8, 3], camera frame, as the kit's `computeBox3D`."""
        h, w, length = self.hwl_m
        x = np.array([1, 1, -1, -1, 1, 1, -1, -1]) * length / 2
        y = np.array([0, 0, 0, 0, -1, -1, -1, -1]) * h
        z = np.array([1, -1, -1, 1, 1, -1, -1, 1]) * w / 2
        c, s = np.cos(self.rotation_y), np.sin(self.rotation_y)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        found: Floats = np.stack([x, y, z], axis=-1) @ turn.T + self.location_m
        return found


def kitti_box(corners_cam_m: Floats, forward: Floats) -> KittiBox:
    """The upright box of the smallest ground area about eight corners.

    Args:
        corners_cam_m: float64[8, 3] of the object's own box.
        forward: the object's x axis in the camera frame; length is along the side next to it.
    """
    ground = corners_cam_m[:, [0, 2]]
    edges = (ground[:, None] - ground[None]).reshape(-1, 2)
    edges = edges[np.linalg.norm(edges, axis=1) > 1e-9]
    angles = np.unique(np.round(np.arctan2(edges[:, 1], edges[:, 0]) % (np.pi / 2), 9))
    areas = [float(np.prod(np.ptp(ground @ _axes(a), axis=0))) for a in angles]
    # Of equal areas the first: which one it is must not hang on rounding.
    best = _axes(float(angles[int(np.argmin(np.round(areas, 9)))]))
    candidates = np.concatenate([best.T, -best.T])
    along = candidates[int(np.argmax(np.round(candidates @ forward[[0, 2]], 9)))]
    across = np.array([-along[1], along[0]])
    low_l, high_l = (ground @ along).min(), (ground @ along).max()
    low_w, high_w = (ground @ across).min(), (ground @ across).max()
    centre = along * (low_l + high_l) / 2 + across * (low_w + high_w) / 2
    top, bottom = corners_cam_m[:, 1].min(), corners_cam_m[:, 1].max()
    return KittiBox(
        (float(bottom - top), float(high_w - low_w), float(high_l - low_l)),
        (float(centre[0]), float(bottom), float(centre[1])),
        float(np.arctan2(-along[1], along[0])),
    )


def alpha(box: KittiBox) -> float:
    """The angle at which the box is seen: its turn less that of the line of sight."""
    x, _, z = box.location_m
    angle = box.rotation_y - np.arctan2(x, z)
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def _axes(angle: float) -> Floats:
    """float64[2, 2], columns along and across."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])
