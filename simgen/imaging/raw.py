"""What a sensor does to linear light: photon and read noise, a Bayer mosaic, demosaicing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.imaging.draws import standard_normal

Floats = NDArray[np.float32]
_BITS = 65535


def noisy(light: Floats, photons: float, read_noise: float, rng: np.random.Generator) -> Floats:
    """Light counted in electrons: signal-dependent photon noise and constant read noise.

    The Gaussian approximation of Poisson noise, variance = signal / photons + read^2 (Foi et
    al. 2008, "Practical Poissonian-Gaussian noise modeling", equation 5).

    Args:
        light: float32, linear, 1 is white.
        photons: electrons at white; 0 is no photon noise.
        read_noise: standard deviation as part of white.
        rng: of the noise.
    """
    if photons == 0 and read_noise == 0:
        return light
    variance = np.full_like(light, read_noise * read_noise)
    if photons:
        variance += np.maximum(light, 0) / np.float32(photons)
    return light + np.sqrt(variance) * standard_normal(light.shape, rng)


def mosaic(light: Floats) -> Floats:
    """float32[H, W] of float32[H, W, 3]: each pixel keeps one colour (RGGB)."""
    out = light[..., 1].copy()
    out[0::2, 0::2] = light[0::2, 0::2, 0]
    out[1::2, 1::2] = light[1::2, 1::2, 2]
    return out


def demosaic(raw: Floats) -> Floats:
    """float32[H, W, 3] of an RGGB mosaic float32[H, W]: edge-aware, as in OpenCV."""
    import cv2

    height, width = raw.shape
    # Mirrored about its outermost pixels, which keeps each colour in its place of the pattern.
    wide = np.pad(raw, ((2, 2 + height % 2), (2, 2 + width % 2)), mode="reflect")
    steps = np.round(np.clip(wide, 0, 1) * _BITS).astype(np.uint16)
    # OpenCV names the pattern by its second row: "BG" is R at the first pixel.
    full = cv2.cvtColor(steps, cv2.COLOR_BayerBG2RGB_EA)
    return np.asarray(full[2 : height + 2, 2 : width + 2] / np.float32(_BITS), np.float32)
