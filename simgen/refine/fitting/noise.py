"""Noise against brightness: measured on photographs, then found again in the simulated camera."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.imaging.sensor import Sensor, expose

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float64]
LEVELS = 8  # bins of display brightness
_BLOCK = 16
_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float64) / 6  # Immerkaer 1996
_FLATTEST = 0.1
_PATCH = 96


def noise_by_level(pictures: Iterable[Rgb]) -> Floats:
    """float64[LEVELS]: standard deviation of noise in 0 to 255 by brightness; NaN: not seen.

    Of each bin's blocks the flattest tenth is taken, whose texture is least.
    """
    found: list[list[float]] = [[] for _ in range(LEVELS)]
    for rgb in pictures:
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float64)
        rough = np.abs(cv2.filter2D(grey, cv2.CV_64F, _KERNEL)) * np.sqrt(np.pi / 2)
        rows, columns = (n // _BLOCK * _BLOCK for n in grey.shape)
        shape = (rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
        noise = rough[:rows, :columns].reshape(shape).mean(axis=(1, 3)).ravel()
        blocks = grey[:rows, :columns].reshape(shape)
        level, spread = blocks.mean(axis=(1, 3)).ravel(), blocks.std(axis=(1, 3)).ravel()
        bins = np.minimum((level / 256 * LEVELS).astype(int), LEVELS - 1)
        for number in range(LEVELS):
            inside = bins == number
            if inside.sum() < 10:
                continue
            flat = inside & (spread <= np.quantile(spread[inside], _FLATTEST))
            found[number].append(float(np.median(noise[flat])))
    return np.array([np.median(values) if values else np.nan for values in found])


def fit_noise(measured: Floats, camera: Sensor) -> Sensor:
    """The camera with photons and read noise that show the measured noise after processing.

    Args:
        measured: as of `noise_by_level`, at least one value.
        camera: everything else; its own noise is replaced.
    """
    from scipy.optimize import minimize

    seen = np.isfinite(measured)
    if not seen.any():
        return camera

    def cost(logs: Floats) -> float:
        photons, read = np.exp(np.clip(logs, [3, -9.5], [16, -2.5]))
        made = simulated(replace(camera, photons=float(photons), read_noise=float(read)), seen)
        error = np.log(made[seen] + 0.05) - np.log(measured[seen] + 0.05)
        # Without dark or bright patches one of the two is free: the likely one is preferred.
        prior = ((logs - [8.3, -6.5]) / [4, 3]) ** 2
        return float((error**2).sum() + 0.02 * prior.sum())

    start = np.array([8.3, -6.5])  # 4000 electrons at white, 0.15 %
    simplex = start + np.array([[0, 0], [1.5, 0], [0, 1.5]])
    options = {"maxfev": 60, "initial_simplex": simplex, "xatol": 0.05, "fatol": 1e-3}
    found = minimize(cost, start, method="Nelder-Mead", options=options).x
    photons, read = np.exp(np.clip(found, [3, -9.5], [16, -2.5]))
    return replace(camera, photons=float(photons), read_noise=float(read))


def simulated(camera: Sensor, seen: NDArray[np.bool_]) -> Floats:
    """float64[LEVELS]: noise that this camera shows on flat grey, by brightness.

    Only what makes or shapes noise takes part; light and tint would move the patches.
    """
    plain = Sensor(
        photons=camera.photons,
        read_noise=camera.read_noise,
        bayer=camera.bayer,
        contrast=camera.contrast,
        sharpen=camera.sharpen,
        sharpen_px=camera.sharpen_px,
        jpeg_quality=camera.jpeg_quality,
    )
    rng = np.random.Generator(np.random.PCG64(11))  # the same noise for every candidate
    out = np.full(LEVELS, np.nan)
    for number in np.flatnonzero(seen):
        grey = round((number + 0.5) * 256 / LEVELS)
        patch = np.full((_PATCH, _PATCH, 3), grey, np.uint8)
        made = cv2.cvtColor(expose(patch, plain, rng), cv2.COLOR_RGB2GRAY).astype(np.float64)
        rough = np.abs(cv2.filter2D(made, cv2.CV_64F, _KERNEL)) * np.sqrt(np.pi / 2)
        out[number] = rough[2:-2, 2:-2].mean()
    return out
