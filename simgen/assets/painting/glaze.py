"""Decoration of glazed ware: bands, stripes, dots, a dipped half, speckles."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.assets.painting.sheet import Ink
from simgen.records.asset import Image

_WIDTH = 768
Field = NDArray[np.float64]


@lru_cache(maxsize=64)
def glaze(design: str, ground: Ink, second: Ink, aspect: float, seed: int) -> Image:
    """uint8[H, W, 3] sRGB that goes once around; the left border meets the right one.

    Args:
        design: dipped, band, stripes, dots or speckled.
        aspect: height over circumference.
        seed: chooses widths, numbers and places.
    """
    # The picture's own seed, not a draw: the same numbers are the same picture everywhere.
    rng = np.random.Generator(np.random.PCG64(seed))
    height = int(np.clip(round(_WIDTH * aspect), 64, 768))
    u = (np.arange(_WIDTH) + 0.5)[None, :] / _WIDTH
    v = 1 - (np.arange(height) + 0.5)[:, None] / height
    share = {
        "dipped": _dipped, "band": _band, "stripes": _stripes, "dots": _dots, "speckled": _speckled,
    }[design](u, v, height, rng)  # fmt: skip
    mixed = np.array(ground) * (1 - share[..., None]) + np.array(second) * share[..., None]
    return np.asarray(mixed + 0.5, np.uint8)


def _edge(distance: Field, texel: float) -> Field:
    """1 inside (distance below 0), softened over a texel."""
    return np.asarray(np.clip(0.5 - distance / texel, 0, 1), np.float64)


def _dipped(u: Field, v: Field, height: int, rng: np.random.Generator) -> Field:
    line = rng.uniform(0.35, 0.65) + 0.012 * np.sin(2 * np.pi * (u * int(rng.integers(2, 5))))
    line = line + 0.006 * np.sin(2 * np.pi * (u * 11 + rng.random()))
    return _edge(v - line, 1 / height)


def _band(u: Field, v: Field, height: int, rng: np.random.Generator) -> Field:
    out = np.zeros((height, u.shape[1]))
    at, half = rng.uniform(0.3, 0.7), rng.uniform(0.05, 0.16)
    for middle, wide in ((at, half), (at - half - 0.05, 0.012), (at + half + 0.05, 0.012)):
        out = np.maximum(out, _edge(np.abs(v - middle) - wide, 1 / height))
    return out


def _stripes(u: Field, v: Field, height: int, rng: np.random.Generator) -> Field:
    upright = rng.random() < 0.5
    count = int(rng.integers(8, 25)) if upright else int(rng.integers(3, 8))
    phase = (u if upright else v) * count + 0.25
    wave = np.abs(phase % 1 - 0.5) - rng.uniform(0.15, 0.3)
    inside = _edge(wave, count / (u.shape[1] if upright else height))
    return np.asarray(np.broadcast_to(inside, (height, u.shape[1])), np.float64)


def _dots(u: Field, v: Field, height: int, rng: np.random.Generator) -> Field:
    across = 2 * int(rng.integers(6, 11))
    size = u.shape[1] / across
    rows = max(2, round(height / size))
    radius = rng.uniform(0.16, 0.3)
    out = np.zeros((height, u.shape[1]))
    for shift in (0.0, 0.5):
        dx = (u * across + shift) % 1 - 0.5
        dy = (v * rows + shift) % 1 - 0.5
        out = np.maximum(out, _edge(np.hypot(dx, dy) - radius, 1 / size))
    return out


def _speckled(u: Field, v: Field, height: int, rng: np.random.Generator) -> Field:
    width = u.shape[1]
    grain = rng.random((height, width))
    coarse = rng.random((height // 3 + 1, width // 3)).repeat(3, 0).repeat(3, 1)[:height, :width]
    return np.where(grain < 0.012, 0.9, np.where(coarse < 0.006, 0.8, 0.0))
