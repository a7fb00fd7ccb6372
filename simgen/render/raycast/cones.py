"""Objects behind fisheye lenses: found by the cone about their bounding ball.

A perspective outline is a rectangle in x = X/Z; rays at 90 degrees and beyond have no such
coordinates. Truncation is counted in solid angle here, for pixels outside the image circle do
not exist.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.camera import Intrinsics

Floats = NDArray[np.float64]
_GRID = 96
_SLACK = 1e-6


@dataclass(frozen=True)
class Cone:
    """Directions of the camera frame within an angle of an axis.

    Args:
        axis: float64[3], unit.
        cosine: of the half angle; -1 is every direction.
    """

    axis: Floats
    cosine: float

    def window(self, rays: NDArray[np.float32]) -> tuple[slice, slice] | None:
        """Rows and columns of the pixels whose unit rays [H, W, 3] lie in the cone, or None."""
        inside = rays @ self.axis.astype(np.float32) >= self.cosine - _SLACK
        inside &= rays.any(axis=-1)
        columns = np.flatnonzero(inside.any(axis=0))
        if columns.size == 0:
            return None
        rows = np.flatnonzero(inside.any(axis=1))
        return (
            slice(int(rows[0]), int(rows[-1]) + 1),
            slice(int(columns[0]), int(columns[-1]) + 1),
        )

    def directions(self) -> Floats:
        """Evenly spaced in solid angle, float64[N, 3]."""
        steps = (np.arange(_GRID) + 0.5) / _GRID
        up, turn = np.meshgrid(1 - (1 - self.cosine) * steps, 2 * math.pi * steps)
        return self._at(up.ravel(), turn.ravel())

    def border(self) -> Floats:
        """Directions on its edge and along its axis, float64[N, 3]."""
        turn = np.linspace(0, 2 * math.pi, 65)
        edge = self._at(np.full(turn.shape, self.cosine), turn)
        return np.concatenate([edge, self.axis[None]])

    def _at(self, up: Floats, turn: Floats) -> Floats:
        other = np.eye(3)[int(np.argmin(np.abs(self.axis)))]
        a = np.cross(self.axis, other)
        a /= np.linalg.norm(a)
        b = np.cross(self.axis, a)
        flat = np.sqrt(np.maximum(1 - up * up, 0))
        out: Floats = (
            up[:, None] * self.axis
            + (flat * np.cos(turn))[:, None] * a
            + (flat * np.sin(turn))[:, None] * b
        )
        return out


def cone_of(corners_cam_m: Floats) -> Cone:
    """The cone about the ball through the corners float64[8, 3] of a box."""
    centre = corners_cam_m.mean(axis=0)
    radius = float(np.linalg.norm(corners_cam_m - centre, axis=1).max())
    distance = float(np.linalg.norm(centre))
    if distance <= radius:
        return Cone(np.array([0.0, 0.0, 1.0]), -1.0)
    return Cone(centre / distance, math.sqrt(1 - (radius / distance) ** 2))


def inside_image(directions: Floats, lens: Intrinsics) -> NDArray[np.bool_]:
    """Whether directions [N, 3] of the camera frame meet the picture."""
    pixels = lens.project(directions)
    u, v = pixels[:, 0], pixels[:, 1]
    inside: NDArray[np.bool_] = (u >= 0) & (u <= lens.width) & (v >= 0) & (v <= lens.height)
    return inside  # NaN compares as outside
