"""Damage of known kind and strength, planted into a picture: what a refiner might do."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.records.masks import tight_box

Rgb = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Damage = Callable[[Rgb, Bools, float, np.random.Generator], Rgb]
# Strengths of each kind; the last is what "strong" means.
STRENGTHS = {
    "shifted": (0.05, 0.1, 0.2, 0.35),  # of the size of the instance
    "erased": (0.3, 0.5, 0.75, 1.0),  # opacity of the background laid over it
    "warped": (0.05, 0.1, 0.2, 0.3),  # largest displacement, of the size
    "invented": (0.3, 0.5, 0.75, 1.0),  # opacity of a foreign object in the background
}


def without(rgb: Rgb, mask: Bools) -> Rgb:
    """The picture with the masked part painted over from around it."""
    wide = cv2.dilate(mask.astype(np.uint8), np.ones((7, 7)))
    box = tight_box(wide > 0)
    assert box is not None
    x, y, w, h = box
    rows, columns = slice(max(y - 12, 0), y + h + 12), slice(max(x - 12, 0), x + w + 12)
    out = rgb.copy()
    part = np.ascontiguousarray(rgb[rows, columns])
    out[rows, columns] = cv2.inpaint(part, wide[rows, columns], 3, cv2.INPAINT_TELEA)
    return out


def shifted(rgb: Rgb, mask: Bools, strength: float, rng: np.random.Generator) -> Rgb:
    """The instance moved in a random direction; a hole is painted over."""
    angle, far = rng.random() * 2 * np.pi, strength * np.sqrt(mask.sum())
    dx, dy = np.cos(angle) * far, np.sin(angle) * far
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
    size = (rgb.shape[1], rgb.shape[0])
    alpha = cv2.warpAffine(mask.astype(np.float32), matrix, size)[..., None]
    moved = cv2.warpAffine(rgb, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.round(without(rgb, mask) * (1 - alpha) + moved * alpha).astype(np.uint8)


def erased(rgb: Rgb, mask: Bools, strength: float, rng: np.random.Generator) -> Rgb:
    """The background over the instance, more or less opaque."""
    return np.round(rgb + (without(rgb, mask).astype(float) - rgb) * strength).astype(np.uint8)


def warped(rgb: Rgb, mask: Bools, strength: float, rng: np.random.Generator) -> Rgb:
    """The instance bent by a smooth field whose largest displacement is `strength` sizes."""
    height, width = mask.shape
    size = np.sqrt(mask.sum())
    field = rng.random((2, height, width), np.float32) - 0.5
    field = np.stack([cv2.GaussianBlur(f, (0, 0), 0.25 * size) for f in field])
    near = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.1 * size)
    field = field * near
    field *= strength * size / max(float(np.hypot(*field)[mask].max()), 1e-9)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return cv2.remap(
        rgb, x + field[0], y + field[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def invented(
    rgb: Rgb, covered: Bools, strength: float, rng: np.random.Generator, donor: Rgb, mask: Bools
) -> Rgb:
    """The masked instance of a donor picture somewhere in the background."""
    box = tight_box(mask)
    assert box is not None
    x, y, w, h = box
    free = cv2.erode((~covered).astype(np.uint8), np.ones((h + 12, w + 12)))
    free[: h // 2 + 1], free[-h // 2 :] = 0, 0
    free[:, : w // 2 + 1], free[:, -w // 2 :] = 0, 0
    places = np.argwhere(free)
    if not len(places):
        return rgb
    cy, cx = places[int(rng.random() * len(places))]
    rows, columns = slice(cy - h // 2, cy - h // 2 + h), slice(cx - w // 2, cx - w // 2 + w)
    out = rgb.copy()
    alpha = mask[y : y + h, x : x + w, None] * strength
    patch = donor[y : y + h, x : x + w]
    out[rows, columns] = np.round(out[rows, columns] * (1 - alpha) + patch * alpha)
    return out


OF_INSTANCES: dict[str, Damage] = {"shifted": shifted, "erased": erased, "warped": warped}
