"""Cameras: perspective (Brown-Conrady distortion) or fisheye, their aperture and shutter.

A perspective lens maps x = X/Z, y = Y/Z through `brown_conrady` to x_d, y_d, a fisheye lens
angles through `kannala_brandt`; then u = fx x_d + cx, v = fy y_d + cy (pixel centres at +0.5).

Depth belongs to the lens: planar z behind a perspective lens; the distance from the optical
centre behind a fisheye, whose rays may stand at 90 degrees to the axis or look back, where z
tells nothing or is negative. `Intrinsics.rays` has vectors whose length is that unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.records import brown_conrady
from simgen.records.absent import leave_out
from simgen.records.kannala_brandt import Fisheye
from simgen.records.pose import Pose, Velocity

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Intrinsics:
    """Image size, K and distortion; hashable, so that ray grids are cached per lens.

    Args:
        width, height: pixels.
        fx, fy, cx, cy: pixels, pixel centres at +0.5.
        distortion: k1, k2, p1, p2, k3 (OpenCV's order).
        fisheye: instead of perspective and distortion; None is a perspective lens.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    fisheye: Fisheye | None = None

    def __post_init__(self) -> None:
        leave_out(self, "fisheye")

    def matrix(self) -> Floats:
        """K, float64[3, 3]."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)

    @property
    def distorted(self) -> bool:
        """Whether any distortion coefficient is not zero."""
        return any(self.distortion)

    def distort(self, xy: ArrayLike) -> Floats:
        """Ideal normalised image coordinates [..., 2] of a perspective lens to distorted ones."""
        return brown_conrady.distort(np.asarray(xy, np.float64), self.distortion)

    def undistort(self, xy: ArrayLike) -> Floats:
        """Inverse of `distort` by Newton's method with the exact Jacobian; NaN if none is found."""
        return brown_conrady.undistort(np.asarray(xy, np.float64), self.distortion)

    def normalise(self, pixels: ArrayLike) -> Floats:
        """Pixels [..., 2] of a perspective lens to ideal coordinates x = X/Z, y = Y/Z."""
        xy = self._in_focal_lengths(pixels)
        return self.undistort(xy) if self.distorted else xy

    def rays(self, pixels: ArrayLike) -> Floats:
        """Directions [..., 3] of pixels in the camera frame; times depth they are points.

        Their z is 1 behind a perspective lens, their length 1 behind a fisheye; NaN outside
        its image circle.
        """
        if self.fisheye is not None:
            return self.fisheye.rays(self._in_focal_lengths(pixels))
        xy = self.normalise(pixels)
        return np.concatenate([xy, np.ones((*xy.shape[:-1], 1))], axis=-1)

    def project(self, points_cam_m: ArrayLike) -> Floats:
        """Camera-frame points [..., 3] that the lens `images` to pixels [..., 2]."""
        p = np.asarray(points_cam_m, np.float64)
        if self.fisheye is not None:
            xy = self.fisheye.project(p)
        else:
            xy = p[..., :2] / p[..., 2:]
            xy = self.distort(xy) if self.distorted else xy
        return xy * (self.fx, self.fy) + (self.cx, self.cy)

    def images(self, points_cam_m: ArrayLike) -> NDArray[np.bool_]:
        """Whether camera-frame points [..., 3] have an image, inside the picture or not."""
        p = np.asarray(points_cam_m, np.float64)
        if self.fisheye is not None:
            return self.fisheye.images(p)
        ahead: NDArray[np.bool_] = p[..., 2] > 0
        return ahead

    def depth_of(self, points_cam_m: ArrayLike) -> Floats:
        """Depth [...] of camera-frame points: planar z, or a fisheye's distance."""
        p = np.asarray(points_cam_m, np.float64)
        return p[..., 2] if self.fisheye is None else np.linalg.norm(p, axis=-1)

    def invertible(self) -> bool:
        """Whether every pixel has one ray: the lens does not fold over inside the image."""
        if self.fisheye is not None:
            return self.fisheye.max_angle_deg <= self.fisheye.fold_deg()
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
        return not brown_conrady.folds(xy, self.distortion)

    def _in_focal_lengths(self, pixels: ArrayLike) -> Floats:
        p = np.asarray(pixels, np.float64)
        out: Floats = (p - (self.cx, self.cy)) / (self.fx, self.fy)
        return out


@dataclass(frozen=True)
class Focus:
    """A thin lens in place of the pinhole: what is not at the focus distance is blurred.

    Args:
        aperture_radius_m: of the round opening about the optical centre; the focal length
            over twice the f-number.
        distance_m: depth that is sharp: a plane, behind a fisheye a sphere.
    """

    aperture_radius_m: float
    distance_m: float

    def confusion(self, inverse_depth: ArrayLike) -> Floats:
        """Radius of points' circle of confusion in units of `Intrinsics.rays`.

        Args:
            inverse_depth: [...], 1 / depth in 1/m; 0 is infinitely far.
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
        """Pixels [..., 2] with depth [...] (the lens's own, see above) to world points [..., 3]."""
        depth = np.asarray(depth_m, np.float64)[..., None]
        return self.T_world_cam.apply(self.intrinsics.rays(pixels) * depth)


@lru_cache(maxsize=16)
def pixel_rays(lens: Intrinsics) -> NDArray[np.float32]:
    """`Intrinsics.rays` of all pixel centres, float32[H, W, 3], read-only; 0 where none."""
    u = np.arange(lens.width) + 0.5
    v = np.arange(lens.height) + 0.5
    rays = lens.rays(np.stack(np.meshgrid(u, v), -1)).astype(np.float32)
    if lens.fisheye is not None:
        rays[np.isnan(rays[..., 2])] = 0
    rays.flags.writeable = False
    return rays
