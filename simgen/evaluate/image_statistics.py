"""What a picture is like in numbers: colour, contrast, sharpness, noise, frequencies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.errors import DataError, Fault

Floats = NDArray[np.float64]
LONGEST_SIDE = 640  # larger pictures are shrunk first: sharpness and noise depend on resolution
SPECTRUM_BINS = 24
MEASURES = (
    "brightness",
    "contrast",
    "saturation",
    "green_red",
    "blue_yellow",
    "sharpness",
    "noise",
)


def open_rgb(path: Path) -> NDArray[np.uint8]:
    """uint8[H, W, 3] sRGB as stored (EXIF turns are not applied: COCO boxes are of the pixels).

    Raises:
        DataError: not a readable picture.
    """
    import cv2

    data = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(data, flags) if data.size else None
    if image is None:
        raise DataError(Fault(str(path), "not a readable picture", "restore it"))
    return np.ascontiguousarray(image[..., ::-1]).astype(np.uint8, copy=False)


def at_most(rgb: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture with its longest side at most `side` pixels, averaged down."""
    import cv2

    scale = side / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def measure(rgb: NDArray[np.uint8]) -> dict[str, float]:
    """MEASURES of one picture.

    brightness, contrast (spread of grey) and saturation are of stored sRGB in 0 to 1; green_red
    and blue_yellow are mean a* and b* of L*a*b*, which say the tint apart from the brightness;

    sharpness is the variance of the Laplacian of the grey picture in 0 to 255 (Pech-Pacheco et
    al. 2000); noise the standard deviation in 0 to 255 by Immerkaer (1996, "Fast Noise Variance
    Estimation").
    """
    import cv2

    small = at_most(rgb, LONGEST_SIDE)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    tint = lab[..., 1:].reshape(-1, 2).mean(axis=0, dtype=np.float64)
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float64)
    channels = small.astype(np.float64)
    top = channels.max(axis=2)
    saturation = (top - channels.min(axis=2)) / np.maximum(top, 1)
    laplacian = cv2.Laplacian(gray, cv2.CV_64F)
    levels = gray.mean() / 255, gray.std() / 255, saturation.mean()
    values = (*levels, *tint, laplacian.var(), immerkaer_noise(gray))
    return {name: float(v) for name, v in zip(MEASURES, values, strict=True)}


def immerkaer_noise(gray: Floats) -> float:
    """Standard deviation of noise, in the unit of `gray`, float64[H, W]."""
    import cv2

    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float64)
    inner = cv2.filter2D(gray, cv2.CV_64F, kernel)[1:-1, 1:-1]
    return float(np.abs(inner).mean() * np.sqrt(np.pi / 2) / 6) if inner.size else 0.0


def spectrum_slope(power: Floats) -> float:
    """Exponent of radial power, float64[SPECTRUM_BINS], over frequency."""
    frequency = (np.arange(SPECTRUM_BINS) + 0.5) / (2 * SPECTRUM_BINS)
    used = slice(1, SPECTRUM_BINS - 1)  # the lowest is layout, the highest is the codec's
    return float(np.polyfit(np.log(frequency[used]), np.log(power[used] + 1e-12), 1)[0])


def radial_power(gray: Floats) -> Floats:
    """float64[SPECTRUM_BINS]: mean power by frequency, 0 to 0.5 cycles a pixel, Hann window."""
    from scipy.fft import fft2

    window = np.hanning(gray.shape[0])[:, None] * np.hanning(gray.shape[1])[None]
    spectrum = np.abs(fft2((gray - gray.mean()) * window)) ** 2 / max(window.sum(), 1e-9)
    fy, fx = np.fft.fftfreq(gray.shape[0])[:, None], np.fft.fftfreq(gray.shape[1])[None]
    ring = (np.hypot(fx, fy) * 2 * SPECTRUM_BINS).astype(np.int64)
    inside = ring < SPECTRUM_BINS
    total = np.bincount(ring[inside], spectrum[inside], SPECTRUM_BINS)
    number = np.bincount(ring[inside], minlength=SPECTRUM_BINS)
    return np.asarray(total / np.maximum(number, 1), np.float64)
