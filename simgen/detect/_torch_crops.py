"""Training crops: a random window of an image at a random scale, with its boxes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simgen.detect._torch_images import resized
from simgen.detect.job import View

_HINT = 0.1  # a box of which less is inside a crop cannot be seen at all: plain background
_SMALLEST_PX = 4.0


@dataclass(frozen=True)
class Crop:
    """A window of an image.

    Args:
        left, top, width, height: in pixels of the image; may reach over its border.
    """

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class CropLabels:
    """Boxes in pixels of the crop: float32[N, 4] learnt, int64[N], float32[M, 4] ignored."""

    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    ignore: NDArray[np.float32]


def draw_crop(
    size: tuple[int, int],
    boxes: NDArray[np.float32],
    magnified: float,
    view: View,
    rng: np.random.Generator,
) -> Crop:
    """A window around an object, or anywhere.

    Args:
        size: width and height of the image.
        boxes: of the objects that may be chosen.
        magnified: pixels of a crop per pixel of the image, at scale 1.
        view: crop side, scale range and how often an object is chosen.
        rng: of this sample.
    """
    low, high = view.scale
    factor = magnified * math.exp(rng.uniform(math.log(low), math.log(high)))
    stretch = math.exp(rng.uniform(-view.stretch, view.stretch) / 2)
    width, height = view.crop / (factor * stretch), view.crop / (factor / stretch)
    on_object, chosen = rng.random() < view.on_object, rng.random()
    place = rng.random(2)
    if on_object and len(boxes):
        box = boxes[int(chosen * len(boxes))]
        left = _around(float(box[0]), float(box[2]), width, size[0], place[0])
        top = _around(float(box[1]), float(box[3]), height, size[1], place[1])
    else:
        left = _between(min(0.0, size[0] - width), max(0.0, size[0] - width), place[0])
        top = _between(min(0.0, size[1] - height), max(0.0, size[1] - height), place[1])
    return Crop(left, top, width, height)


def _around(low: float, high: float, window: float, size: int, place: float) -> float:
    """Start of a window that holds [low, high] if it can, inside the image if it can."""
    first, last = sorted((high - window, low))
    least, most = sorted((0.0, size - window))
    return _between(min(max(first, least), most), min(max(last, least), most), place)


def _between(low: float, high: float, place: float) -> float:
    return low + (high - low) * place


def cut(pixels: Tensor, crop: Crop, side: int, fill: NDArray[np.uint8]) -> Tensor:
    """uint8[3, side, side] of a window, what is outside the image in one colour."""
    height, width = pixels.shape[1:]
    x1, y1 = max(0, round(crop.left)), max(0, round(crop.top))
    x2 = min(width, max(x1 + 1, round(crop.left + crop.width)))
    y2 = min(height, max(y1 + 1, round(crop.top + crop.height)))
    to_x, to_y = side / crop.width, side / crop.height
    out_w = min(side, max(1, round((x2 - x1) * to_x)))
    out_h = min(side, max(1, round((y2 - y1) * to_y)))
    patch = resized(pixels[:, y1:y2, x1:x2], out_w, out_h)
    if (out_w, out_h) == (side, side):
        return patch
    canvas = torch.from_numpy(fill)[:, None, None].repeat(1, side, side)
    x = min(side - out_w, max(0, round((x1 - crop.left) * to_x)))
    y = min(side - out_h, max(0, round((y1 - crop.top) * to_y)))
    canvas[:, y : y + out_h, x : x + out_w] = patch
    return canvas


def labels_in(
    crop: Crop,
    boxes: NDArray[np.float32],
    labels: NDArray[np.int64],
    ignored: NDArray[np.bool_],
    view: View,
) -> CropLabels:
    """Boxes clipped to the crop, by how much of each is left.

    At least `view.min_visible` of it: learnt. Less than a tenth: background. Between: ignored,
    as are objects that were ignored before and those that became too small to see.
    """
    scale = np.array([view.crop / crop.width, view.crop / crop.height] * 2, np.float32)
    moved = (boxes - np.array([crop.left, crop.top] * 2, np.float32)) * scale
    clipped = moved.clip(0, view.crop)
    part = _area(clipped) / _area(moved).clip(min=1e-6)
    small = (clipped[:, 2:] - clipped[:, :2]).min(axis=1, initial=np.inf) < _SMALLEST_PX
    learnt = ~ignored & ~small & (part >= view.min_visible)
    ignore = ~learnt & (part >= _HINT)
    return CropLabels(clipped[learnt], labels[learnt], clipped[ignore])


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    area: NDArray[np.float32] = (boxes[:, 2:] - boxes[:, :2]).clip(min=0).prod(axis=1)
    return area


def turned(labels: CropLabels, side: int, flip: bool, quarters: int) -> CropLabels:
    """Labels of a crop that is mirrored left to right, then turned as by `turn`; exact."""

    def moved(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        x1, y1, x2, y2 = boxes.T
        if flip:
            x1, x2 = side - x2, side - x1
        for _ in range(quarters):  # (x, y) goes to (y, side - x)
            x1, y1, x2, y2 = y1, side - x2, y2, side - x1
        return np.stack([x1, y1, x2, y2], axis=1)

    return CropLabels(moved(labels.boxes), labels.labels, moved(labels.ignore))


def turn(pixels: Tensor, flip: bool, quarters: int) -> Tensor:
    """Mirror left to right, then turn counter-clockwise by quarters."""
    flipped = pixels.flip(2) if flip else pixels
    return torch.rot90(flipped, quarters, (1, 2)) if quarters else flipped


def to_image(crop: Crop, side: int, flip: bool, quarters: int) -> NDArray[np.float64]:
    """float64[2, 3] from pixels of the finished crop (of this side) to pixels of the image."""
    back = np.eye(3)
    for _ in range(quarters):  # what `turned` does to a point, backwards
        back = np.array([[0.0, -1.0, side], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ back
    if flip:
        back = np.array([[-1.0, 0.0, side], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) @ back
    x, y = crop.width / side, crop.height / side
    return np.array([[x, 0.0, crop.left], [0.0, y, crop.top]]) @ back
