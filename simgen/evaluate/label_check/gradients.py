"""Gradients of two pictures of the same scene, with the gain and noise between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_SIGMA = 1.0  # pixels; takes away the noise that every camera has
_TINY = 1e-6


@dataclass(frozen=True)
class Gradients:
    """Before and after.

    Args:
        before, after: float32[2, H, W] along x and y, of luma in [0, 1].
        gain: by how much contrast changed, over the whole picture.
        noise: mean energy that `after` has where `before` has none.
        own_noise: mean energy that `before` has there itself.
    """

    before: Floats
    after: Floats
    gain: float
    noise: float
    own_noise: float

    def energies(self) -> tuple[Floats, Floats]:
        """float32[H, W] squared lengths of both."""
        return (self.before**2).sum(axis=0), (self.after**2).sum(axis=0)


def gradients(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Gradients:
    """Gradients of two pictures, uint8[H, W, 3] of the same size."""
    one, two = _gradient(luma(before)), _gradient(luma(after))
    energy = (one**2).sum(axis=0)
    # Flat places show the noise of the second picture; the median ignores what was added there.
    flat = energy <= np.quantile(energy, 0.5)
    after_energy = (two**2).sum(axis=0)
    # From the median to the mean of a chi-squared variable with two degrees of freedom.
    own, noise = (float(np.median(e[flat])) / np.log(2) for e in (energy, after_energy))
    # Strong edges show the gain; a few that were lost or moved must not, hence the median.
    strong = energy >= np.quantile(energy, 0.95)
    ratio = (one * two).sum(axis=0)[strong] / np.maximum(energy[strong], _TINY)
    return Gradients(
        one, two, max(float(np.median(ratio)), 0.05), max(noise, _TINY), max(own, _TINY)
    )


def luma(rgb: NDArray[np.uint8]) -> Floats:
    """float32[H, W] in [0, 1], slightly softened."""
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), _SIGMA), np.float32)


def _gradient(grey: Floats) -> Floats:
    import cv2

    return np.stack(
        [cv2.Scharr(grey, cv2.CV_32F, 1, 0) / 32, cv2.Scharr(grey, cv2.CV_32F, 0, 1) / 32]
    )


def agreement(g: Gradients, weight: Floats, window: tuple[slice, slice]) -> tuple[float, float]:
    """How well gradients agree where `weight` is, against what is to be expected.

    Returns:
        Correlation over expected correlation, at most 1; and the share of the first picture's
        energy that stands above the noise, in [0, 1): how far this can be trusted.
    """
    a, b = g.before[:, window[0], window[1]], g.after[:, window[0], window[1]]
    one, two = float((weight * a**2).sum()), float((weight * b**2).sum())
    expected = g.gain**2 * one
    noise = g.noise * float(weight.sum())
    trust = expected / max(expected + 2 * noise, _TINY)
    if one <= _TINY or two <= _TINY:
        return (0.0 if one > _TINY else 1.0), trust
    found = float((weight * a * b).sum()) / np.sqrt(one * two)
    possible = np.sqrt(expected / (expected + noise))
    return float(min(found / max(possible, 0.2), 1.0)), trust
