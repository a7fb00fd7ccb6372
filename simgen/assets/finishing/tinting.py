"""Colour jitter as a matrix on linear light."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Rec. 709 luminance: what a turned hue and a changed saturation keep.
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def tint_matrix(hue_deg: float, saturation: float, value: float) -> NDArray[np.float64]:
    """float64[3, 3] for column vectors of linear RGB.

    Hue and saturation as in the W3C's filter effects (feColorMatrix `hueRotate`, `saturate`),
    with the luminance weights of linear light.

    Args:
        hue_deg: turn of the hue; 0 keeps it.
        saturation, value: factors; 1 keeps them, saturation 0 is grey.
    """
    grey = np.tile(_LUMINANCE, (3, 1))
    spread = np.array(
        [[-0.2126, -0.7152, 0.9278], [0.143, 0.140, -0.283], [-0.7874, 0.7152, 0.0722]]
    )
    c, s = math.cos(math.radians(hue_deg)), math.sin(math.radians(hue_deg))
    turned = grey + c * (np.eye(3) - grey) + s * spread
    # The published sine part is rounded to three digits; grey must stay grey exactly.
    turned += (1 - turned.sum(axis=1, keepdims=True)) / 3
    saturated = grey + saturation * (np.eye(3) - grey)
    out: NDArray[np.float64] = value * saturated @ turned
    return out
