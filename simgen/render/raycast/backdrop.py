"""Pictures behind all geometry, in image space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image


def backdrop_pixels(image: Image, width: int, height: int) -> NDArray[np.uint8]:
    """A picture scaled to cover the frame, centred, uint8[height, width, 3]."""
    import cv2

    rows, columns = image.shape[:2]
    factor = max(width / columns, height / rows)
    size = (max(width, round(columns * factor)), max(height, round(rows * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(image, size, interpolation=method)
    x, y = (size[0] - width) // 2, (size[1] - height) // 2
    return np.asarray(scaled[y : y + height, x : x + width], np.uint8)
