"""Joining two pictures along a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def feathered(mask: NDArray[np.bool_], width_px: float) -> NDArray[np.float32]:
    """float32[H, W]: 1 inside bool[H, W], falling to 0 within `width_px` outside of it.

    The mask itself stays whole: what is kept is kept to its last pixel.
    """
    import cv2

    if width_px <= 0 or not mask.any():
        return mask.astype(np.float32)
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.clip(1 - distance / np.float32(width_px + 1), 0, 1), np.float32)


def composited(
    below: NDArray[np.uint8], above: NDArray[np.uint8], alpha: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """`above` where alpha is 1, `below` where it is 0.

    Args:
        below, above: uint8[H, W, 3] sRGB.
        alpha: float32[H, W] in [0, 1].
    """
    weight = alpha[..., None]
    mix = below + (above.astype(np.float32) - below) * weight
    return np.asarray(np.round(mix), np.uint8)
