"""Patterns on a regular grid: checker, stripes, dots, fabric, gradient."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simgen.assets.pattern_noise import octaves

Field = NDArray[np.float64]


def coordinates(size: int) -> tuple[Field, Field]:
    """(x, y) of texel centres in [0, 1), each float64[size, size]."""
    at = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(at, at)
    return x, y


def checker(size: int, rng: np.random.Generator) -> Field:
    """Two to four squares of each colour along an edge."""
    count = 2 * int(rng.integers(2, 5))
    x, y = coordinates(size)
    a = _edge(np.sin(math.pi * count * x), size / count)
    b = _edge(np.sin(math.pi * count * y), size / count)
    return a * b + (1 - a) * (1 - b)


def stripes(size: int, rng: np.random.Generator) -> Field:
    """Straight bands, upright or slanted, with their own widths."""
    across, along = int(rng.integers(3, 8)), int(rng.integers(0, 3))
    width = rng.uniform(-0.5, 0.5)
    x, y = coordinates(size)
    return _edge(np.sin(2 * math.pi * (across * x + along * y)) + width, size / across)


def dots(size: int, rng: np.random.Generator) -> Field:
    """Round dots in staggered rows."""
    count = int(rng.integers(4, 8))
    radius = rng.uniform(0.22, 0.34)
    x, y = coordinates(size)
    out = np.zeros((size, size))
    for offset in (0.0, 0.5):
        dx = (x * count + offset) % 1 - 0.5
        dy = (y * count + offset) % 1 - 0.5
        out = np.maximum(out, np.clip((radius - np.hypot(dx, dy)) * size / count + 0.5, 0, 1))
    return out


def fabric(size: int, rng: np.random.Generator) -> Field:
    """Plain weave: warp over weft over warp, each thread round, uneven and fibrous."""
    count = 2 * int(rng.integers(20, 29))
    x, y = coordinates(size)
    wobble = 0.5 * (octaves(size, rng, 6, 2) - 0.5) / count
    u, v = (x + wobble) * count, (y - wobble) * count
    warp_up = (np.floor(u) + np.floor(v)) % 2 == 0
    iu, iv = np.floor(u).astype(np.int64) % count, np.floor(v).astype(np.int64) % count
    tones = rng.uniform(-0.12, 0.12, (2, count))
    round_u = np.sin(math.pi * (u % 1))
    round_v = np.sin(math.pi * (v % 1))
    # A thread is bright on its back and dives under its neighbours at both ends of a float.
    warp = 0.30 + 0.62 * round_u**0.6 * (0.45 + 0.55 * round_v) + tones[0][iu]
    weft = 0.12 + 0.62 * round_v**0.6 * (0.45 + 0.55 * round_u) + tones[1][iv]
    fibre = rng.normal(0.0, 0.05, (size, size))
    out: Field = 1 - np.clip(np.where(warp_up, warp, weft) + fibre, 0, 1)
    return out


def gradient(size: int, rng: np.random.Generator) -> Field:
    """There and back again, so that the tile repeats without a step."""
    kx, ky = [(1, 0), (0, 1), (1, 1), (1, -1)][int(rng.integers(0, 4))]
    x, y = coordinates(size)
    out: Field = 0.5 - 0.5 * np.cos(2 * math.pi * (kx * x + ky * y))
    return out


def _edge(wave: Field, texels: float) -> Field:
    """A step at zero, softened over about a texel."""
    out: Field = np.clip(wave * texels / 3 + 0.5, 0, 1)
    return out
