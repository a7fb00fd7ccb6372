"""Label styles: boxes of one set drawn as another set draws them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def squared(boxes: NDArray[np.float32], side: float) -> NDArray[np.float32]:
    """Centred squares instead of tight boxes, for real sets whose people drew squares.

    A detector that learns tight boxes from synthetic images is wrong by the metric on a set
    with loose ones, however well it sees. Squares may reach over the image's border, as they do
    in such sets before they are clipped.

    Args:
        boxes: float32[N, 4] x1, y1, x2, y2.
        side: of the square, in longer sides of its box; 0 leaves boxes as they are.
    """
    if side == 0:
        return boxes
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) * (side / 2)
    squares: NDArray[np.float32] = np.concatenate([centre - half, centre + half], axis=1)
    return squares
