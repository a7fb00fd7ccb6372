"""Laying cut-out pixels into a picture: edges, light, shadows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.colour import SRGB_TO_LINEAR, linear_to_srgb

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def soft_edge(mask: Mask, width_px: float) -> NDArray[np.float32]:
    """float32[H, W]: 0 outside bool[H, W], one half at its edge, 1 from `width_px` inside on.

    Softness goes inwards alone: outside of it there are no pixels of the thing, only those of
    what it was cut out of, which would be a halo.
    """
    import cv2

    if width_px <= 0 or not mask.any():
        return mask.astype(np.float32)
    padded = np.pad(mask.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.asarray(np.clip(0.5 + (depth - 0.5) / (2 * width_px), 0, 1) * mask, np.float32)


def poisson(below: Rgb, above: Rgb, mask: Mask) -> Rgb:
    """Gradients of `above` inside the mask, colours of `below` at its edge (Perez et al. 2003).

    Args:
        below, above: uint8[H, W, 3] sRGB.
        mask: bool[H, W].
    """
    import cv2

    if np.count_nonzero(mask) < 16 or min(mask.shape) < 4:
        return np.where(mask[..., None], above, below)
    # OpenCV wants a margin, and puts the middle of the mask's bounds where it is told to.
    pad = ((2, 2), (2, 2))
    inner = np.pad(mask, pad).astype(np.uint8) * 255
    under, over = (np.pad(one, (*pad, (0, 0)), mode="edge") for one in (below, above))
    rows, columns = np.flatnonzero(inner.any(axis=1)), np.flatnonzero(inner.any(axis=0))
    width, height = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    middle = (int(columns[0] + width // 2), int(rows[0] + height // 2))
    done = cv2.seamlessClone(over, under, inner, middle, cv2.NORMAL_CLONE)[2:-2, 2:-2]
    return np.asarray(np.where(mask[..., None], done, below), np.uint8)


def relit(rgb: Rgb, light: NDArray[np.float64], here: NDArray[np.float64], strength: float) -> Rgb:
    """A thing that was seen in one light as it would look in another.

    Each channel of linear light is scaled by the ratio of what surrounds the thing there and here
    (von Kries); at most by 2.5 either way, for surroundings are not the light itself.

    Args:
        rgb: uint8[H, W, 3] sRGB.
        light, here: mean linear RGB about the thing, where it was and where it is to be.
        strength: 0 leaves it alone.
    """
    if strength <= 0:
        return rgb
    gain = np.clip((here + 0.02) / (light + 0.02), 0.4, 2.5) ** strength
    return _bytes(SRGB_TO_LINEAR[rgb] * gain)


def shaded(rgb: Rgb, mask: Mask, strength: float, softness_px: float) -> Rgb:
    """A picture with soft darkness where a mask is.

    Args:
        rgb: uint8[H, W, 3] sRGB.
        mask: bool[H, W] of what throws the shadow, shifted to where it falls.
        strength: part of the light that is lost in the middle of it.
        softness_px: standard deviation of its edge.
    """
    import cv2

    dark = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(softness_px, 0.3))
    linear = SRGB_TO_LINEAR[rgb] * (1 - strength * dark)[..., None]
    return _bytes(linear)


def _bytes(linear: NDArray[np.floating[Any]]) -> Rgb:
    display = linear_to_srgb(linear.astype(np.float32))
    return np.asarray(np.round(display * 255), np.uint8)
