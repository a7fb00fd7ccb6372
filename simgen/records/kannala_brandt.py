"""Fisheye lenses (Kannala and Brandt, PAMI 2006), as OpenCV's `cv2.fisheye` writes them.

A ray at the angle t to the optical axis meets the image at the distance (in focal lengths)
    t_d = t (1 + k1 t^2 + k2 t^4 + k3 t^6 + k4 t^8)
from the principal point, in its own direction about the axis:
    u = fx t_d cos(a) + cx,  v = fy t_d sin(a) + cy       (pixel centres at +0.5)
Unlike x = X/Z this holds at and beyond 90 degrees, where Z is zero or negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NEWTON_STEPS = 30
_CONVERGED = 1e-12
_LEAST_SLOPE = 1e-3


@dataclass(frozen=True)
class Fisheye:
    """A Kannala-Brandt lens.

    Args:
        k1, k2, k3, k4: coefficients in OpenCV's order; all zero: the equidistant projection.
        max_angle_deg: from the optical axis; farther out nothing is imaged, and pixels there
            are black.
    """

    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    max_angle_deg: float = 179.0

    def radius(self, angle: Floats | float) -> Floats:
        """Image radius in focal lengths of angles in radians."""
        a = np.asarray(angle, np.float64)
        a2 = a * a
        grown = a * (1 + a2 * (self.k1 + a2 * (self.k2 + a2 * (self.k3 + a2 * self.k4))))
        return np.asarray(grown, np.float64)

    def slope(self, angle: Floats | float) -> Floats:
        """Derivative of `radius`."""
        a2 = np.asarray(angle, np.float64) ** 2
        inner = 5 * self.k2 + a2 * (7 * self.k3 + a2 * 9 * self.k4)
        return np.asarray(1 + a2 * (3 * self.k1 + a2 * inner), np.float64)

    def angle(self, radius: Floats) -> Floats:
        """Angles in radians of image radii >= 0; NaN beyond `max_angle_deg`."""
        reach = math.radians(self.max_angle_deg)
        last = float(self.radius(reach))
        target = np.asarray(radius, np.float64)
        # Between the ends of a rising function: bisection where Newton would leave them.
        low, high = np.zeros_like(target), np.full_like(target, reach)
        angle = np.minimum(target, reach)
        for _ in range(_NEWTON_STEPS):
            error = self.radius(angle) - target
            if error.size == 0 or float(np.abs(error).max()) < _CONVERGED:
                break
            high, low = np.where(error > 0, angle, high), np.where(error <= 0, angle, low)
            with np.errstate(all="ignore"):
                step = angle - error / self.slope(angle)
            angle = np.where((step > low) & (step < high), step, (low + high) / 2)
        return np.where(target <= last, angle, np.nan)

    def rays(self, xy: Floats) -> Floats:
        """Unit vectors [..., 3] of image coordinates in focal lengths [..., 2]; NaN: none."""
        radius = np.hypot(xy[..., 0], xy[..., 1])
        angle = self.angle(radius)
        # sin(t) / r, which is 1 on the axis
        with np.errstate(all="ignore"):
            share = np.where(radius > 1e-12, np.sin(angle) / radius, 1.0)
        return np.concatenate([xy * share[..., None], np.cos(angle)[..., None]], axis=-1)

    def project(self, points: Floats) -> Floats:
        """Image coordinates in focal lengths [..., 2] of points [..., 3]; NaN where none."""
        flat = np.hypot(points[..., 0], points[..., 1])
        angle = np.arctan2(flat, points[..., 2])
        with np.errstate(all="ignore"):
            share = np.where(flat > 1e-300, self.radius(angle) / flat, 0.0)
        out: Floats = points[..., :2] * share[..., None]
        out[~self.images(points)] = np.nan
        return out

    def images(self, points: Floats) -> NDArray[np.bool_]:
        """Whether points [..., 3] of the camera frame have an image."""
        flat = np.hypot(points[..., 0], points[..., 1])
        inside = np.arctan2(flat, points[..., 2]) <= self.reach_rad
        return np.asarray(inside & (np.abs(points).max(axis=-1) > 0), bool)

    @property
    def reach_rad(self) -> float:
        """`max_angle_deg` in radians, with room for rounding."""
        return math.radians(self.max_angle_deg) + 1e-9

    def fold_deg(self) -> float:
        """Angle in degrees up to which the radius grows, at most 179: no lens folds."""
        angles = np.radians(np.linspace(0, 179, 2865))
        level = np.flatnonzero(self.slope(angles) <= _LEAST_SLOPE)
        return 179.0 if level.size == 0 else float(np.degrees(angles[level[0]]))
