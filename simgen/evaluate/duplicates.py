"""The same picture in two sets: perceptual hash, checked by correlation of small grey pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.image_statistics import open_rgb

MAX_BITS = 10  # of 64: re-encoded and resized copies differ by fewer, other pictures by about 32
MIN_CORRELATION = 0.98  # copies reach 0.99; photographs of one bare table may reach 0.96
_SIDE = 32


@dataclass(frozen=True)
class Twin:
    """Two pictures that are nearly the same.

    Args:
        first: place in the first set.
        second: place in the second set.
        bits: bits of 64 in which the hashes differ.
        correlation: of the small grey pictures, at most 1.
    """

    first: int
    second: int
    bits: int
    correlation: float


def twins(first: Sequence[Path], second: Sequence[Path]) -> tuple[Twin, ...]:
    """Near duplicates between two sets, most alike first."""
    a, b = _small(first), _small(second)
    bits = _differing(_hashes(a), _hashes(b))
    rows, columns = np.nonzero(bits <= MAX_BITS)
    found = []
    for i, j in zip(rows, columns, strict=True):
        correlation = float(_normal(a[i]) @ _normal(b[j]))
        if correlation >= MIN_CORRELATION:
            found.append(Twin(int(i), int(j), int(bits[i, j]), correlation))
    return tuple(sorted(found, key=lambda t: (-t.correlation, t.first, t.second)))


def perceptual_hash(gray: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool[64]: signs about the median of the 8 x 8 lowest DCT terms of float64[32, 32]."""
    from scipy.fft import dctn

    low = dctn(gray, norm="ortho")[:8, :8].ravel()
    return np.asarray(low > np.median(low[1:]))


def small_grey(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """float64[32, 32] of a picture, uint8[H, W, 3]."""
    import cv2

    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(gray, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float64)


def likeness(one: NDArray[np.float64], many: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[N]: correlation of a small grey picture with each of float64[N, 32, 32]."""
    return np.array([_normal(one) @ _normal(other) for other in many])


def _small(paths: Sequence[Path]) -> NDArray[np.float64]:
    return np.stack([small_grey(open_rgb(path)) for path in paths])


def _hashes(pictures: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.stack([perceptual_hash(picture) for picture in pictures])


def _differing(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> NDArray[np.int64]:
    # Bits that differ = ones of a + ones of b - 2 shared ones: one matrix product.
    one, two = a.astype(np.int64), b.astype(np.int64)
    return np.asarray(one.sum(axis=1)[:, None] + two.sum(axis=1)[None] - 2 * one @ two.T)


def _normal(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = picture.ravel() - picture.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-12))
