"""Which pixels may show an object alone, and how much of it lies outside the image."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simgen.records.camera import Camera
from simgen.render.raycast import cones
from simgen.render.raycast.marks import NEAR_M, inside_image
from simgen.render.raycast.solos import Solo, box_corners, seen

Floats = NDArray[np.float32]
Rect = tuple[float, float, float, float]
Window = tuple[slice, slice]
_WIDEST = math.tan(math.radians(80))  # outlines beyond this angle are cut off
_TRUNCATION_GRID = 96


def framed(solo: Solo, camera: Camera, rays: Floats) -> tuple[Window | None, float]:
    """Rows and columns of the pixels that may show an object alone, and its truncation.

    Args:
        rays: `pixel_rays` of the camera's lens.
    """
    if camera.intrinsics.fisheye is not None:
        return _framed_by_cone(solo, camera, rays)
    rect = outline(solo, camera)
    if rect is None:
        return None, 1.0
    truncation = 0.0 if _within_image(rect, camera) else _truncation(solo, camera, rect)
    return _pixels_in(rect, rays), truncation


def _framed_by_cone(solo: Solo, camera: Camera, rays: Floats) -> tuple[Window | None, float]:
    cone, lens = cones.cone_of(box_corners(solo, camera)), camera.intrinsics
    window = cone.window(rays)
    if window is not None and cones.inside_image(cone.border(), lens).all():
        return window, 0.0
    directions = cone.directions()
    silhouette = seen(solo, camera, directions.astype(np.float32))
    inside = cones.inside_image(directions, lens)
    total = int(silhouette.sum())
    if total == 0:
        return window, 0.0 if bool(cones.inside_image(cone.axis[None], lens)[0]) else 1.0
    return window, 1.0 - int((inside & silhouette).sum()) / total


def outline(solo: Solo, camera: Camera) -> Rect | None:
    """Rectangle x0, y0, x1, y1 in ideal normalised coordinates around an object, or None."""
    local = box_corners(solo, camera)
    if (local[:, 2] <= NEAR_M).all():
        return None
    if (local[:, 2] <= NEAR_M).any():  # reaches behind the camera
        return (-_WIDEST, -_WIDEST, _WIDEST, _WIDEST)
    xy = np.clip(local[:, :2] / local[:, 2:], -_WIDEST, _WIDEST)
    low, high = xy.min(axis=0) - 1e-6, xy.max(axis=0) + 1e-6
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _pixels_in(rect: Rect, rays: Floats) -> Window | None:
    """Rows and columns of the pixels whose rays pass through a rectangle."""
    x, y = rays[..., 0], rays[..., 1]
    inside = (x >= rect[0]) & (x <= rect[2]) & (y >= rect[1]) & (y <= rect[3])
    columns = np.flatnonzero(inside.any(axis=0))
    if columns.size == 0:
        return None
    rows = np.flatnonzero(inside.any(axis=1))
    return (
        slice(int(rows[0]), int(rows[-1]) + 1),
        slice(int(columns[0]), int(columns[-1]) + 1),
    )


def _within_image(rect: Rect, camera: Camera) -> bool:
    """Whether the whole rectangle surely lies inside the image (its border sampled)."""
    side = np.linspace(0, 1, 9)
    x0, y0, x1, y1 = rect
    x, y = x0 + (x1 - x0) * side, y0 + (y1 - y0) * side
    border = [(x, y0 + 0 * x), (x, y1 + 0 * x), (x0 + 0 * y, y), (x1 + 0 * y, y)]
    points = np.concatenate([np.stack(pair, axis=-1) for pair in border])
    return bool(inside_image(points, camera).all())


def _truncation(solo: Solo, camera: Camera, rect: Rect) -> float:
    """Share of the object's silhouette that falls outside the image."""
    steps = (np.arange(_TRUNCATION_GRID) + 0.5) / _TRUNCATION_GRID
    x = rect[0] + (rect[2] - rect[0]) * steps
    y = rect[1] + (rect[3] - rect[1]) * steps
    xy = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    rays = np.concatenate([xy, np.ones((len(xy), 1))], axis=1)
    silhouette = seen(solo, camera, rays.astype(np.float32))
    total = int(silhouette.sum())
    if total == 0:
        return 0.0 if bool(inside_image(xy.mean(axis=0), camera)) else 1.0
    inside = int((inside_image(xy, camera) & silhouette).sum())
    return 1.0 - inside / total
