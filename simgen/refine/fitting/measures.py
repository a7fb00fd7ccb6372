"""What one photograph says about the camera that took it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.imaging.optics import radius2
from simgen.imaging.processing import LUMA
from simgen.records.colour import SRGB_TO_LINEAR

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float64]
# Annex K.1 of the JPEG standard: luminance at quality 50.
_BASE_SUM = 3685
_DARKEST = 1e-4


@dataclass(frozen=True)
class PhotoMeasures:
    """Numbers of one picture.

    Args:
        light_ev: log2 of the mean linear luminance.
        red_ev, blue_ev: log2 of the mean of red and blue over green, linear.
        contrast: standard deviation of grey display values in [0, 1].
        saturation: mean of HSV saturation.
        slope: steepest edges, part of their height a pixel; NaN where there is no edge.
        vignetting: part of the light that is lost in the corners; may be negative.
        colour_px: red outside green in the corners, pixels; NaN where there is no edge.
    """

    light_ev: float
    red_ev: float
    blue_ev: float
    contrast: float
    saturation: float
    slope: float
    vignetting: float
    colour_px: float


def measure(rgb: Rgb) -> PhotoMeasures:
    """Numbers of uint8[H, W, 3] sRGB."""
    linear = SRGB_TO_LINEAR[rgb]
    means = np.maximum(linear.reshape(-1, 3).mean(axis=0, dtype=np.float64), _DARKEST)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    top = rgb.max(axis=2).astype(np.float64)
    saturation = (top - rgb.min(axis=2)) / np.maximum(top, 1)
    return PhotoMeasures(
        light_ev=float(np.log2(max(float(means @ LUMA), _DARKEST))),
        red_ev=float(np.log2(means[0] / means[1])),
        blue_ev=float(np.log2(means[2] / means[1])),
        contrast=float(grey.std()),
        saturation=float(saturation.mean()),
        slope=edge_slope(grey),
        vignetting=vignetting_of(linear @ LUMA),
        colour_px=lateral_colour_of(linear.astype(np.float64)),
    )


def jpeg_quality(path: Path) -> int:
    """Quality by libjpeg's scale, out of the quantisation table; 0 for other formats.

    The scale multiplies the standard table, so the sum of the table gives it back (within 1).
    """
    from PIL import Image

    with Image.open(path) as opened:
        tables = getattr(opened, "quantization", None)
    if not tables:
        return 0
    scale = 100 * sum(tables[0]) / _BASE_SUM
    quality = 5000 / scale if scale > 100 else (200 - scale) / 2
    return int(np.clip(round(quality), 1, 100))


def edge_slope(grey: Floats) -> float:
    """Slope of the steepest edges in parts of their height a pixel; sharp steps give 0.5.

    The 90th percentile over the strongest edges: soft shadows and texture do not lower it.
    """
    # Central differences, of the picture itself: any smoothing would be measured instead.
    gx = cv2.filter2D(grey, cv2.CV_64F, np.array([[-0.5, 0, 0.5]]))
    gy = cv2.filter2D(grey, cv2.CV_64F, np.array([[-0.5], [0], [0.5]]))
    steep = np.hypot(gx, gy)
    kernel = np.ones((9, 9), np.uint8)
    height = cv2.dilate(grey, kernel) - cv2.erode(grey, kernel)
    tall = height > 0.25
    if tall.sum() < 50:
        return float("nan")
    peak = tall & (steep >= cv2.dilate(steep, np.ones((3, 3), np.uint8)))
    if peak.sum() < 20:
        return float("nan")
    return float(np.quantile(steep[peak] / height[peak], 0.9))


def vignetting_of(light: NDArray[Any]) -> float:
    """Radial fall-off of linear luminance, float[H, W], beside a plane; robust to objects."""
    small = cv2.resize(np.asarray(light, np.float32), (48, 48), interpolation=cv2.INTER_AREA)
    level = np.log(np.maximum(small.astype(np.float64), _DARKEST)).ravel()
    y, x = (np.mgrid[0:48, 0:48] + 0.5) / 24 - 1
    r2 = radius2(48, 48).astype(np.float64)
    terms = np.stack([np.ones(48 * 48), x.ravel(), y.ravel(), r2.ravel()], axis=1)
    fitted = robust_fit(terms, level)
    return float(1 - np.exp(fitted[3]))


def robust_fit(terms: Floats, values: Floats, rounds: int = 12) -> Floats:
    """Least squares with Cauchy weights, float64[K], of float64[N, K] and float64[N]."""
    weight = np.ones(len(values))
    found = np.zeros(terms.shape[1])
    for _ in range(rounds):
        root = np.sqrt(weight)[:, None]
        found = np.linalg.lstsq(terms * root, values * root[:, 0], rcond=None)[0]
        error = np.abs(values - terms @ found)
        weight = 1 / (1 + (error / max(2 * float(np.median(error)), 1e-6)) ** 2)
    return found


def lateral_colour_of(linear: Floats) -> float:
    """Displacement of red outwards and blue inwards in the corners, pixels.

    In each tile where a channel looks like green, what it differs by is explained by green's
    radial slope: R = a (G - s f), f = slope times r / corner.
    """
    fine = linear - cv2.GaussianBlur(linear, (0, 0), 4)
    green = fine[..., 1]
    height, width = green.shape
    y, x = np.mgrid[0:height, 0:width] + 0.5 - np.array([height, width])[:, None, None] / 2
    corner = np.hypot(height, width) / 2
    radial = (cv2.Sobel(green, cv2.CV_64F, 1, 0, scale=1 / 8) * x
              + cv2.Sobel(green, cv2.CV_64F, 0, 1, scale=1 / 8) * y) / corner  # fmt: skip
    shifts = [_shift(fine[..., channel], green, radial) for channel in (0, 2)]
    if any(np.isnan(shift) for shift in shifts):
        return float("nan")
    return float((shifts[0] - shifts[1]) / 2)


def _shift(channel: Floats, green: Floats, radial: Floats, tile: int = 48) -> float:
    over, under = 0.0, 0.0
    for top in range(0, green.shape[0] - tile + 1, tile):
        for left in range(0, green.shape[1] - tile + 1, tile):
            at = np.s_[top : top + tile, left : left + tile]
            c, g, f = channel[at], green[at], radial[at]
            energy = float((g * g).sum())
            if energy < 1e-4 * tile * tile:
                continue  # flat
            gain = float((c * g).sum()) / energy
            likeness = gain * np.sqrt(energy / max(float((c * c).sum()), 1e-12))
            if likeness < 0.9:
                continue  # an edge of colours, not of light
            over -= float(((c - gain * g) * gain * f).sum())
            under += float((gain * gain * f * f).sum())
    return over / under if under > 1e-6 else float("nan")
