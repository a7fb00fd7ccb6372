"""Small pictures with edges and colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rng(seed: int = 0) -> np.random.Generator:
    """A generator for a test."""
    return np.random.Generator(np.random.PCG64(seed))


def checks(height: int = 90, width: int = 120, seed: int = 5) -> NDArray[np.uint8]:
    """uint8[H, W, 3]: random colours on squares of 10 pixels."""
    squares = rng(seed).integers(30, 220, (height // 10, width // 10, 3))
    return squares.repeat(10, axis=0).repeat(10, axis=1).astype(np.uint8)
