"""Pinhole camera with Brown-Conrady distortion, its aperture and its shutter.

Projection (OpenCV's five-parameter model, D. C. Brown 1966; A. Conrady 1919): with
x = X/Z, y = Y/Z, r2 = x*x + y*y and g = 1 + k1 r2 + k2 r2^2 + k3 r2^3,
    x_d = x g + 2 p1 x y + p2 (r2 + 2 x^2)
    y_d = y g + p1 (r2 + 2 y^2) + 2 p2 x y
    u = fx x_d + cx,  v = fy y_d + cy       (pixel centres at +0.5)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.records.absent import leave_out
from simgen.records.pose import Pose, Velocity

Floats = NDArray[np.float64]
_NEWTON_STEPS = 30
_CONVERGED = 1e-11


@dataclass(frozen=True)
class Intrinsics:
    """Image size, K and distortion; hashable, so that ray grids are cached per lens.

    Args:
        width, height: pixels.
        fx, fy, cx, cy: pixels, pixel centres at +0.5.
        distortion: k1, k2, p1, p2, k3 (OpenCV's order).
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)

    def matrix(self) -> Floats:
        """K, float64[3, 3]."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)

    @property
    def distorted(self) -> bool:
        """Whether any distortion coefficient is not zero."""
        return any(self.distortion)

    def distort(self, xy: ArrayLike) -> Floats:
        """Ideal normalised image coordinates [..., 2] to distorted ones."""
        return _distort(np.asarray(xy, np.float64), self.distortion)

    def undistort(self, xy: ArrayLike) -> Floats:
        """Inverse of `distort` by Newton's method with the exact Jacobian; NaN if none is found."""
        return _undistort(np.asarray(xy, np.float64), self.distortion)

    def normalise(self, pixels: ArrayLike) -> Floats:
        """Pixels [..., 2] to ideal normalised coordinates x = X/Z, y = Y/Z."""
        p = np.asarray(pixels, np.float64)
        xy = (p - (self.cx, self.cy)) / (self.fx, self.fy)
        return self.undistort(xy) if self.distorted else xy

    def project(self, points_cam_m: ArrayLike) -> Floats:
        """Camera-frame points [..., 3] with z > 0 to pixels [..., 2]."""
        p = np.asarray(points_cam_m, np.float64)
        xy = p[..., :2] / p[..., 2:]
        if self.distorted:
            xy = self.distort(xy)
        return xy * (self.fx, self.fy) + (self.cx, self.cy)

    def invertible(self) -> bool:
        """Whether every pixel has one ray: the lens does not fold over inside the image."""
        if not self.distorted:
            return True
        u = np.linspace(0, self.width, 33)
        v = np.linspace(0, self.height, 33)
        grid = np.stack(np.meshgrid(u, v), -1)
        xy = self.normalise(grid)
        if not np.isfinite(xy).all():
            return False
        if np.abs(self.distort(xy) * (self.fx, self.fy) + (self.cx, self.cy) - grid).max() > 1e-3:
            return False
        # The fold lies where the radial map stops growing; no pixel may need a ray beyond it.
        k1, k2, _, _, k3 = self.distortion
        radius = np.linspace(0, float(np.linalg.norm(xy, axis=-1).max()), 256)
        r2 = radius**2
        slope = 1 + 3 * k1 * r2 + 5 * k2 * r2**2 + 7 * k3 * r2**3
        return bool(slope.min() > 1e-3)


@dataclass(frozen=True)
class Focus:
    """A thin lens in place of the pinhole: what is not at the focus distance is blurred.

    Args:
        aperture_radius_m: of the round opening about the optical centre; the focal length
            over twice the f-number.
        distance_m: of the sharp plane, planar z.
    """

    aperture_radius_m: float
    distance_m: float

    def confusion(self, inverse_depth: ArrayLike) -> Floats:
        """Radius of points' circle of confusion in ideal normalised coordinates (x = X/Z).

        Args:
            inverse_depth: [...], 1 / planar z in 1/m; 0 is infinitely far.
        """
        apart = np.asarray(inverse_depth, np.float64) - 1 / self.distance_m
        radius: Floats = self.aperture_radius_m * np.abs(apart)
        return radius


@dataclass(frozen=True)
class Shutter:
    """Time during which light is gathered, half of it before the frame and half after.

    Args:
        open_s: length.
        shake: how the camera moves meanwhile, in world axes.
    """

    open_s: float
    shake: Velocity = field(default_factory=Velocity)


@dataclass(frozen=True)
class Camera:
    """A camera in the world.

    Args:
        intrinsics: lens and image.
        T_world_cam: pose that maps camera coordinates to world coordinates, at the middle of
            the exposure.
        focus: None is a pinhole, sharp everywhere.
        shutter: None is an instant, nothing moves.
    """

    intrinsics: Intrinsics
    T_world_cam: Pose = field(default_factory=Pose)
    focus: Focus | None = None
    shutter: Shutter | None = None

    def __post_init__(self) -> None:
        leave_out(self, "focus", "shutter")

    def to_camera(self, points_world_m: ArrayLike) -> Floats:
        """World points [..., 3] in camera coordinates."""
        return self.T_world_cam.apply_inverse(points_world_m)

    def unproject(self, pixels: ArrayLike, depth_m: ArrayLike) -> Floats:
        """Pixels [..., 2] with planar depth [...] to world points [..., 3]."""
        xy = self.intrinsics.normalise(pixels)
        depth = np.asarray(depth_m, np.float64)[..., None]
        local = np.concatenate([xy * depth, depth], axis=-1)
        return self.T_world_cam.apply(local)


@lru_cache(maxsize=16)
def pixel_grid(lens: Intrinsics) -> NDArray[np.float32]:
    """Ideal normalised coordinates of all pixel centres, float32[H, W, 2], read-only."""
    u = np.arange(lens.width) + 0.5
    v = np.arange(lens.height) + 0.5
    grid = lens.normalise(np.stack(np.meshgrid(u, v), -1)).astype(np.float32)
    grid.flags.writeable = False
    return grid


def _distort(xy: Floats, d: tuple[float, float, float, float, float]) -> Floats:
    k1, k2, p1, p2, k3 = d
    x, y = xy[..., 0], xy[..., 1]
    r2 = x * x + y * y
    g = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * g + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * g + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def _undistort(target: Floats, d: tuple[float, float, float, float, float]) -> Floats:
    k1, k2, p1, p2, k3 = d
    xy = target.copy()
    error = np.full(target.shape[:-1], np.inf)
    with np.errstate(all="ignore"):
        for _ in range(_NEWTON_STEPS):
            x, y = xy[..., 0], xy[..., 1]
            r2 = x * x + y * y
            g = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
            dg = 2 * (k1 + r2 * (2 * k2 + 3 * k3 * r2))
            residual = _distort(xy, d) - target
            error = np.abs(residual).max(axis=-1)
            if error.size == 0 or float(error.max()) < _CONVERGED:
                break
            a = g + x * x * dg + 2 * p1 * y + 6 * p2 * x
            b = x * y * dg + 2 * p1 * x + 2 * p2 * y
            c = g + y * y * dg + 6 * p1 * y + 2 * p2 * x
            det = a * c - b * b
            xy[..., 0] -= (c * residual[..., 0] - b * residual[..., 1]) / det
            xy[..., 1] -= (a * residual[..., 1] - b * residual[..., 0]) / det
        bad = ~(np.abs(_distort(xy, d) - target).max(axis=-1) < 1e-7)
    xy[bad] = np.nan
    return xy
