"""Changes of colour, sharpness and noise of training crops.

By OpenCV: the same changes by torchvision took 7 ms of one core for a crop of 256 pixels, nine
tenths of the time of a sample, these take about 1 ms. On a GPU `_torch_crop_feed` does the same
there. Everything that mixes colours is one matrix, so that a crop is gone through once.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Colours:
    """What is done to the colours of one crop, drawn.

    Args:
        matrix: float64[3, 3], of all changes that mix the colours of one pixel.
        mean_factor: times the crop's mean, added to every pixel (contrast).
        blur_sigma: of a Gaussian, pixels; 0 is none.
        noise: standard deviation, of full scale; 0 is none.
        noise_seed: of OpenCV's generator.
        jpeg: quality of the compression; 0 is none.
    """

    matrix: NDArray[np.float64]
    mean_factor: float
    blur_sigma: float
    noise: float
    noise_seed: int
    jpeg: int


def draw_colours(augment: Augment, rng: np.random.Generator) -> Colours:
    """The changes of one crop; none of any where nothing has strength.

    Args:
        augment: strengths and probabilities.
        rng: of this sample.
    """
    matrix, mean_factor = _mixing(augment, rng)
    sigma = noise = 0.0
    seed = quality = 0
    if rng.random() < augment.blur:
        sigma = float(rng.uniform(*_BLUR_SIGMA_PX))
    if rng.random() < augment.noise:
        noise, seed = float(rng.choice(_NOISE)), int(rng.integers(2**31))
    if rng.random() < augment.jpeg:
        quality = int(rng.integers(*_JPEG_QUALITY, endpoint=True))
    return Colours(matrix, mean_factor, sigma, noise, seed, quality)


def recolour(pixels: Pixels, colours: Colours) -> Pixels:
    """A crop with other colours; without changes, the crop itself.

    Args:
        pixels: uint8[H, W, 3] sRGB; not changed.
        colours: what to do.
    """
    out = pixels
    offset = float(pixels.mean()) * colours.mean_factor if colours.mean_factor else 0.0
    if not (np.array_equal(colours.matrix, np.eye(3)) and offset == 0):
        out = cv2.transform(out, np.column_stack([colours.matrix, np.full(3, offset)]))
    if colours.blur_sigma:
        out = cv2.GaussianBlur(out, (5, 5), colours.blur_sigma, borderType=cv2.BORDER_REFLECT_101)
    if colours.noise:
        out = _noisy(out, colours.noise, colours.noise_seed)
    if colours.jpeg:
        _, data = cv2.imencode(".jpg", out[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, colours.jpeg])
        out = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(out)


def _mixing(augment: Augment, rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """Matrix float64[3, 3] of all changes that mix the colours of one pixel, and the factor of
    the crop's mean.

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
    mean_factor = brightness * (1 - contrast)
    if saturation != 1 or gray:
        kept = 0.0 if gray else saturation
        matrix = (kept * np.eye(3) + (1 - kept) * np.tile(_LUMA, (3, 1))) @ matrix
    if turn:
        c, s = np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)
        matrix = _RGB @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ _YIQ @ matrix
    return (matrix[order] if shuffled else matrix), mean_factor


def _noisy(pixels: Pixels, sigma: float, seed: int) -> Pixels:
    """Gaussian noise by OpenCV's generator, which is several times as fast as numpy's."""
    noise = np.empty(pixels.shape, np.int16)
    cv2.setRNGSeed(seed)
    cv2.randn(noise, (0.0,) * 3, (sigma * 255,) * 3)
    return np.asarray(cv2.add(pixels, noise, dtype=cv2.CV_8U), np.uint8)
