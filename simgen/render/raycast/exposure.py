"""Exposure: metering linear light, and turning it into sRGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.records.colour import linear_to_srgb
from simgen.render.raycast.sky import LUMINANCE

Floats = NDArray[np.float32]
# Luminance of the display that the mean is brought to: an 18 % card under a quarter stop more.
_MIDDLE_GREY = 0.21
_WHITE_SHARE = 0.95  # at most 5 % of the metered points may reach display white
_LIMIT_EV = 24.0


def metered_ev(radiance: Floats) -> float:
    """Stops that bring the geometric mean of the luminance to middle grey, highlights kept.

    Args:
        radiance: float32[N, 3], linear light of points spread over the image.

    Returns:
        stops, rounded to 1/1024 so that a record does not carry float noise; 0 for no light.
    """
    light = radiance.astype(np.float64) @ LUMINANCE.astype(np.float64)
    light = light[np.isfinite(light)]
    if light.size == 0 or light.max() <= 0:
        return 0.0
    floor = light.max() * 1e-4
    mean = float(np.exp(np.log(np.maximum(light, floor)).mean()))
    bright = float(np.quantile(light, _WHITE_SHARE))
    gain = min(_MIDDLE_GREY / mean, 1.0 / max(bright, 1e-12))
    return float(np.clip(np.round(np.log2(gain) * 1024) / 1024, -_LIMIT_EV, _LIMIT_EV))


def encode_srgb(radiance: Floats, gain: Floats | float = 1.0) -> NDArray[np.uint8]:
    """Linear light [..., 3] to uint8 sRGB (IEC 61966-2-1), clipped: a plain view transform.

    Args:
        gain: exposure and white balance, see `Exposure.gain`.
    """
    display = linear_to_srgb(radiance * np.asarray(gain, np.float32))
    return np.asarray(np.rint(display * 255), np.uint8)
