"""Statistics of one picture given to another: spectrum, histogram, colour moments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
_FLAT = 1e-3  # L*a*b* units: a channel without spread has no scale to match


def fourier(rgb: Rgb, like: Rgb, band: float) -> Rgb:
    """Low-frequency amplitudes of `like`, phases and the rest of `rgb`.

    Fourier domain adaptation (Yang and Soatto 2020, equation 3). Phases say where edges are, so
    labels stay true.

    Args:
        rgb: uint8[H, W, 3] sRGB.
        like: uint8[h, w, 3] sRGB; it is scaled to the size of `rgb`.
        band: half-width of the square that is swapped, as part of the shorter side.
    """
    import cv2
    from scipy import fft

    height, width = rgb.shape[:2]
    reference = cv2.resize(like, (width, height), interpolation=cv2.INTER_AREA)
    reach = int(band * min(height, width))
    # Indices of -reach..reach, which wrap round in the unshifted spectrum.
    rows = np.r_[: reach + 1, height - reach : height]
    columns = np.arange(reach + 1)  # rfft keeps the other half by symmetry
    ours = fft.rfft2(rgb.astype(np.float32), axes=(0, 1))
    theirs = fft.rfft2(np.asarray(reference, np.float32), axes=(0, 1))
    window = np.ix_(rows, columns)
    ours[window] = np.abs(theirs[window]) * np.exp(1j * np.angle(ours[window]))
    back = fft.irfft2(ours, s=(height, width), axes=(0, 1))
    return _bytes(back)


def histogram(rgb: Rgb, like: Rgb) -> Rgb:
    """Each channel with the value distribution of the same channel of `like`.

    Args:
        rgb: uint8[H, W, 3] sRGB.
        like: uint8[h, w, 3] sRGB.
    """
    out = np.empty_like(rgb)
    for channel in range(3):
        ours, theirs = (_cumulated(one[..., channel]) for one in (rgb, like))
        table = np.interp(ours, theirs, np.arange(256))
        out[..., channel] = _bytes(table)[rgb[..., channel]]
    return out


def reinhard(rgb: Rgb, like: Rgb) -> Rgb:
    """Mean and spread of each L*a*b* channel as in `like`.

    Reinhard et al. 2001, "Color transfer between images", with CIE L*a*b* for their own space.

    Args:
        rgb: uint8[H, W, 3] sRGB.
        like: uint8[h, w, 3] sRGB.
    """
    import cv2

    ours, theirs = (
        cv2.cvtColor(one.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for one in (rgb, like)
    )
    mean, std = ours.mean(axis=(0, 1)), ours.std(axis=(0, 1))
    aim_mean, aim_std = theirs.mean(axis=(0, 1)), theirs.std(axis=(0, 1))
    scale = np.where(std > _FLAT, aim_std / np.maximum(std, _FLAT), 1)
    moved = (ours - mean) * scale + aim_mean
    return _bytes(cv2.cvtColor(moved.astype(np.float32), cv2.COLOR_LAB2RGB) * 255)


def mixed(rgb: Rgb, changed: Rgb, strength: float) -> Rgb:
    """`rgb` at strength 0, `changed` at strength 1."""
    if strength >= 1:
        return changed
    return _bytes(rgb + (changed.astype(np.float32) - rgb) * np.float32(strength))


def _cumulated(channel: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Value distribution at the middle of each step, float64[256]; it increases strictly."""
    counts = np.bincount(channel.ravel(), minlength=256) / channel.size
    # The small ramp keeps empty steps apart, or equal matching could not invert.
    return np.asarray(np.cumsum(counts) - counts / 2 + np.arange(256) * 1e-9)


def _bytes(values: NDArray[Any]) -> Rgb:
    return np.asarray(np.round(np.clip(values, 0, 255)), np.uint8)
