"""The sRGB transfer function (IEC 61966-2-1), both ways, for arrays."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = TypeVar("Floats", NDArray[np.float32], NDArray[np.float64])


def linear_to_srgb(linear: Floats) -> Floats:
    """Display values of linear light, elementwise, clipped to [0, 1]; keeps the float type."""
    value: Any = np.clip(linear, 0, 1)
    power = value.dtype.type(1 / 2.4)  # a double here would make float32 images slow
    high = 1.055 * np.power(np.maximum(value, 0.0031308), power) - 0.055
    out: Floats = np.where(value <= 0.0031308, value * 12.92, high)
    return out


def srgb_to_linear(display: Floats) -> Floats:
    """Linear light of display values in [0, 1], elementwise; keeps the float type."""
    value: Any = display
    out: Floats = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return out


# Linear light of every 8-bit display value, float32[256].
SRGB_TO_LINEAR: NDArray[np.float32] = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)
