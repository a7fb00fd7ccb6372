"""Small pictures inside the page: crops around mistakes, whole images with their boxes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.image_statistics import open_rgb

Image = NDArray[np.uint8]
Box = tuple[float, float, float, float]
FOUND = (224, 60, 49)
TRUTH = (44, 160, 80)
_CROP_PX = 208
_WIDTH_PX = 240
_CONTEXT = 2.6
_LEAST_PX = 48
_QUALITY = 80


def crop(path: Path, found: Box | None, truth: Box | None) -> str:
    """Data URI of a square crop around one or two boxes x y w h; found is red, truth green."""
    boxes = [box for box in (found, truth) if box is not None]
    rgb = open_rgb(path)
    left, top, side = _window(boxes, rgb.shape)
    scale = _CROP_PX / side
    picture = _resized(_cut(rgb, left, top, side), _CROP_PX, _CROP_PX)
    for box, color in ((truth, TRUTH), (found, FOUND)):
        if box is not None:
            _frame(picture, (box[0] - left, box[1] - top, box[2], box[3]), scale, color)
    return _data_uri(picture)


def whole(path: Path, boxes: Sequence[Box] = ()) -> str:
    """Data URI of a whole image, 240 pixels wide, with thin boxes."""
    rgb = open_rgb(path)
    scale = _WIDTH_PX / rgb.shape[1]
    picture = _resized(rgb, _WIDTH_PX, max(1, round(rgb.shape[0] * scale)))
    for box in boxes:
        _frame(picture, box, scale, TRUTH, 1)
    return _data_uri(picture)


def _window(boxes: Sequence[Box], shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Left, top and side of the square to show."""
    x1, y1 = min(b[0] for b in boxes), min(b[1] for b in boxes)
    x2, y2 = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    side = max(_CONTEXT * max(x2 - x1, y2 - y1), _LEAST_PX)
    side = int(min(side, max(shape[:2])))
    return round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2), side


def _cut(rgb: Image, left: int, top: int, side: int) -> Image:
    """A window that may reach over the border, which is grey."""
    out = np.full((side, side, 3), 128, np.uint8)
    y0, x0 = max(top, 0), max(left, 0)
    part = rgb[y0 : max(top + side, 0), x0 : max(left + side, 0)]
    out[y0 - top : y0 - top + part.shape[0], x0 - left : x0 - left + part.shape[1]] = part
    return out


def _resized(rgb: Image, width: int, height: int) -> Image:
    import cv2

    how = cv2.INTER_AREA if width < rgb.shape[1] else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(rgb, (width, height), interpolation=how), np.uint8)


def _frame(
    picture: Image, box: Box, scale: float, color: tuple[int, int, int], thick: int = 2
) -> None:
    import cv2

    x, y, w, h = (v * scale for v in box)
    corners = (round(x), round(y)), (round(x + w), round(y + h))
    cv2.rectangle(picture, *corners, color, thick)


def _data_uri(picture: Image) -> str:
    import cv2

    quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    _, data = cv2.imencode(".jpg", picture[..., ::-1], quality)
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
