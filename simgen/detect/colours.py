"""Changes of colour, sharpness and noise of training crops.

By OpenCV: the same changes by torchvision took 7 ms of one core for a crop of 256 pixels, nine
tenths of the time of a sample, these take about 1 ms; making samples is what limits training on
a GPU. Everything that mixes colours is one matrix, so that a crop is gone through once.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.detect.job import Augment

Pixels = NDArray[np.uint8]
_NOISE = (0.01, 0.03, 0.06)  # standard deviations, of full scale
_HUE_SHARE = 0.3  # of the crops have their hue turned
_BLUR_SIGMA_PX = (0.1, 1.5)
_JPEG_QUALITY = (40, 95)
_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
# RGB to YIQ (NTSC), where turning the hue is a rotation of the last two axes.
_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
_RGB = np.linalg.inv(_YIQ)


def recolour(pixels: Pixels, augment: Augment, rng: np.random.Generator) -> Pixels:
    """A crop with other colours; without strength, the crop itself.

    Args:
        pixels: uint8[H, W, 3] sRGB; not changed.
        augment: strengths and probabilities.
        rng: of this sample.
    """
    matrix, offset = _mixing(augment, float(pixels.mean()), rng)
    out = pixels
    if not (np.array_equal(matrix, np.eye(3)) and offset == 0):
        out = cv2.transform(out, np.column_stack([matrix, np.full(3, offset)]))
    if rng.random() < augment.blur:
        sigma = float(rng.uniform(*_BLUR_SIGMA_PX))
        out = cv2.GaussianBlur(out, (5, 5), sigma, borderType=cv2.BORDER_REFLECT_101)
    if rng.random() < augment.noise:
        out = _noisy(out, float(rng.choice(_NOISE)), rng)
    if rng.random() < augment.jpeg:
        quality = int(rng.integers(*_JPEG_QUALITY, endpoint=True))
        _, data = cv2.imencode(".jpg", out[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        out = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(out)


def _mixing(
    augment: Augment, mean: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Matrix float64[3, 3] and offset of all changes that mix the colours of one pixel.

    Factors are those of torchvision's ColorJitter; contrast is about the crop's mean.
    """
    brightness, contrast, saturation = (
        float(rng.uniform(max(0.0, 1 - s), 1 + s))
        for s in (augment.brightness, augment.contrast, augment.saturation)
    )
    turn = float(rng.uniform(-augment.hue, augment.hue)) if rng.random() < _HUE_SHARE else 0.0
    shuffled, gray = rng.random() < augment.channel_shuffle, rng.random() < augment.grayscale
    order = rng.permutation(3)
    matrix = np.eye(3) * brightness * contrast
    offset = mean * brightness * (1 - contrast)
    if saturation != 1 or gray:
        kept = 0.0 if gray else saturation
        matrix = (kept * np.eye(3) + (1 - kept) * np.tile(_LUMA, (3, 1))) @ matrix
    if turn:
        c, s = np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)
        matrix = _RGB @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ _YIQ @ matrix
    return (matrix[order] if shuffled else matrix), offset


def _noisy(pixels: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    """Gaussian noise by OpenCV's generator, which is several times as fast as numpy's."""
    noise = np.empty(pixels.shape, np.int16)
    cv2.setRNGSeed(int(rng.integers(2**31)))
    cv2.randn(noise, (0.0,) * 3, (sigma * 255,) * 3)
    return np.asarray(cv2.add(pixels, noise, dtype=cv2.CV_8U), np.uint8)
