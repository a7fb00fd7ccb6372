"""A fixed, hand-made descriptor of pictures: where which colours are, without a network.

The picture is laid on a 4 x 4 grid; each cell gives mean and spread of L*a*b* colour (6 numbers),
so 96 in all. It sees colours, light and where things are; it does not see what things are, as
deep features do. Numbers are L*a*b* over 100, a fixed scale, so distances of different runs
compare.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_GRID = 4
_SIDE = 64


def describe(rgb: NDArray[np.uint8]) -> Floats:
    """float64[96] of one picture, uint8[H, W, 3]."""
    import cv2

    small = cv2.resize(rgb, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)
    cell = _SIDE // _GRID
    cells = lab.reshape(_GRID, cell, _GRID, cell, 3).transpose(0, 2, 1, 3, 4)
    cells = cells.reshape(_GRID * _GRID, cell * cell, 3)
    both = np.concatenate([cells.mean(axis=1), cells.std(axis=1)], axis=1)
    return np.asarray(both.ravel() / 100)
