"""Label styles: boxes of one set drawn as another set draws them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", np.float32, np.float64)


def squared(boxes: NDArray[F], side: float) -> NDArray[F]:
    """Centred squares instead of tight boxes, for real sets whose people drew squares.

    A detector that learns tight boxes from synthetic images is wrong by the metric on a set
    with loose ones, however well it sees. Squares may reach over the image's border, as they do
    in such sets before they are clipped.

    Args:
        boxes: float[N, 4] x1, y1, x2, y2.
        side: of the square, in longer sides of its box; 0 leaves boxes as they are.
    """
    if side == 0:
        return boxes
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) * (side / 2)
    squares: NDArray[F] = np.concatenate([centre - half, centre + half], axis=1)
    return squares
