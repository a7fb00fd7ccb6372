"""What a lens does to linear light: vignetting, lateral colour, defocus, motion."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_TINY_PX = 0.01  # below this a blur or shift changes less than one 8-bit step


def vignetting(light: Floats, loss: float) -> Floats:
    """Light that falls off towards the corners as 1 - loss r^2, r = 1 in the corners.

    The even polynomial is the usual model of natural and mechanical vignetting (Goldman 2010,
    "Vignette and exposure calibration", equation 5), cut after its first term.

    Args:
        light: float32[H, W, 3], linear.
        loss: part that is lost in the corners, in [0, 1].
    """
    if loss == 0:
        return light
    return light * (1 - np.float32(loss) * radius2(light.shape[0], light.shape[1]))[..., None]


def radius2(height: int, width: int) -> Floats:
    """float32[H, W]: squared distance from the centre, 1 in the corners."""
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    aspect = height * height / (height * height + width * width)
    return (y * y * aspect)[:, None] + (x * x * (1 - aspect))[None]


def lateral_colour(light: Floats, shift_px: float) -> Floats:
    """Red magnified and blue shrunk about the centre, as lateral chromatic aberration does.

    Args:
        light: float32[H, W, 3], linear.
        shift_px: how far red lies outside green in the corners, pixels; blue lies as far
            inside. Negative: the other way round.
    """
    import cv2

    if abs(shift_px) < _TINY_PX:
        return light
    height, width = light.shape[:2]
    corner = math.hypot(height, width) / 2
    out = light.copy()
    for channel, sign in ((0, 1.0), (2, -1.0)):
        scale = 1 + sign * shift_px / corner
        # OpenCV counts from the centre of the first pixel.
        cx, cy = (width - 1) / 2, (height - 1) / 2
        matrix = np.array([[scale, 0, cx * (1 - scale)], [0, scale, cy * (1 - scale)]])
        out[..., channel] = cv2.warpAffine(
            light[..., channel],
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return out


def defocus(light: Floats, sigma_px: float) -> Floats:
    """Blurred by a Gaussian: the sum of defocus, diffraction and the sensor's own filter.

    Args:
        light: float32[H, W, 3], linear.
        sigma_px: standard deviation, pixels.
    """
    import cv2

    if sigma_px < _TINY_PX:
        return light
    return np.asarray(
        cv2.GaussianBlur(light, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def motion(light: Floats, length_px: float, angle_deg: float) -> Floats:
    """Smeared along a line, as by a hand that shakes; the centre stays where it is.

    Args:
        light: float32[H, W, 3], linear.
        length_px: of the line.
        angle_deg: of the line against the rows.
    """
    import cv2

    if length_px < _TINY_PX:
        return light
    kernel = _line(length_px, angle_deg)
    return np.asarray(cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)


def _line(length_px: float, angle_deg: float) -> NDArray[np.float64]:
    """An odd square kernel that sums to 1: a line sampled finely, spread bilinearly."""
    reach = math.ceil(length_px / 2) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    places = np.linspace(-length_px / 2, length_px / 2, 16 * reach + 1)
    x = reach + places * math.cos(math.radians(angle_deg))
    y = reach + places * math.sin(math.radians(angle_deg))
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = x - left, y - top
    for dx, dy, weight in (
        (0, 0, (1 - u) * (1 - v)), (1, 0, u * (1 - v)), (0, 1, (1 - u) * v), (1, 1, u * v),
    ):  # fmt: skip
        np.add.at(kernel, (top + dy, left + dx), weight)
    return np.asarray(kernel / kernel.sum())
