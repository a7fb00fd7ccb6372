"""Depth cameras: true depth to measured depth, by disparity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Depth = NDArray[np.float32]
Normals = NDArray[np.float32]
_BLOCK_PX = 1.5  # of stereo matching: standard deviation of the blur that makes noise alike
_JUMP_PX = 0.5  # sideways, of structured light (Handa et al. 2014)


@dataclass(frozen=True)
class Sensor:
    """A depth camera.

    Args:
        focal_px, baseline_m: disparity is their product over depth.
        disparity_noise_px: standard deviation.
        disparity_step_px: disparities are whole numbers of it.
        range_m: nearest and farthest depth.
        grazing_deg: largest angle between the line of sight and the normal that still reflects.
    """

    focal_px: float
    baseline_m: float
    disparity_noise_px: float
    disparity_step_px: float
    range_m: tuple[float, float]
    grazing_deg: float = 80.0


def stereo(
    depth_m: Depth, normals: Normals | None, sensor: Sensor, rng: np.random.Generator
) -> Depth:
    """Two cameras that match blocks; noise of neighbours is alike.

    Args:
        depth_m: float32[H, W] planar z, 0 where there is no surface.
        normals: float32[H, W, 3] in the camera frame, or None.

    Returns:
        float32[H, W], 0 where nothing was measured.
    """
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(_normal(rng, depth_m.shape), _BLOCK_PX)
    noise *= 2 * np.sqrt(np.pi) * _BLOCK_PX  # the blur's loss, so that one pixel has sigma 1
    return _measured(depth_m, normals, sensor, noise)


def structured_light(
    depth_m: Depth, normals: Normals | None, sensor: Sensor, rng: np.random.Generator
) -> Depth:
    """A projector's pattern seen by one camera; pixels take the depth of a neighbour.

    Args, Returns: as `stereo`.
    """
    rows, columns = np.indices(depth_m.shape)
    rows = np.round(rows + _JUMP_PX * _normal(rng, depth_m.shape)).astype(np.int64)
    columns = np.round(columns + _JUMP_PX * _normal(rng, depth_m.shape)).astype(np.int64)
    rows = np.clip(rows, 0, depth_m.shape[0] - 1)
    columns = np.clip(columns, 0, depth_m.shape[1] - 1)
    jumped = depth_m[rows, columns]
    tilted = None if normals is None else normals[rows, columns]
    return _measured(jumped, tilted, sensor, _normal(rng, depth_m.shape))


def _measured(
    depth_m: Depth, normals: Normals | None, sensor: Sensor, noise: NDArray[np.float64]
) -> Depth:
    scale = sensor.focal_px * sensor.baseline_m
    surface = depth_m > 0
    disparity = np.where(surface, scale / np.where(surface, depth_m, 1), 0)
    seen = surface & ~shadow(disparity, surface) & ~_grazing(normals, sensor)
    measured = disparity + sensor.disparity_noise_px * noise
    measured = np.round(measured / sensor.disparity_step_px) * sensor.disparity_step_px
    seen &= measured > 0
    out = np.where(seen, scale / np.where(seen, measured, 1), 0)
    near, far = sensor.range_m
    return np.where((out >= near) & (out <= far), out, 0).astype(np.float32)


def shadow(disparity: NDArray[np.float64], surface: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels that the second eye, to the right, does not see: something nearer covers them there.

    In the second eye pixel u lies at u - d; of those that fall into one place it sees the nearest.
    A band at the left border lies outside its picture.

    Args:
        disparity: float64[H, W] pixels.
        surface: bool[H, W], where there is any.
    """
    height, width = disparity.shape
    place = np.arange(width) - disparity
    inside = surface & (place >= 0)
    rows = np.broadcast_to(np.arange(height)[:, None], disparity.shape)
    nearest = np.zeros((height, width + 1))
    column = np.floor(place).astype(np.int64)
    for step in (0, 1):  # two places each, or surfaces that are stretched there would have gaps
        np.maximum.at(nearest, (rows[inside], column[inside] + step), disparity[inside])
    seen = np.zeros_like(surface)
    at = (rows[inside], np.round(place[inside]).astype(np.int64))
    seen[inside] = disparity[inside] >= nearest[at] - 1
    return surface & ~seen


def _grazing(normals: Normals | None, sensor: Sensor) -> NDArray[np.bool_]:
    """Where the surface is seen too flat; the line of sight is taken as the optical axis."""
    if normals is None:
        return np.zeros((), bool)
    flat = np.abs(normals[..., 2]) < np.cos(np.radians(sensor.grazing_deg))
    found: NDArray[np.bool_] = flat & (normals != 0).any(axis=-1)
    return found


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Normal numbers out of uniform doubles: numpy may change how its own are drawn (NEP 19)."""
    from scipy.special import ndtri

    found: NDArray[np.float64] = ndtri(np.maximum(rng.random(shape), 2.0**-54))
    return found
