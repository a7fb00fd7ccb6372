"""Patterns out of periodic noise: noise, marble, speckle, wood."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]


def octaves(size: int, rng: np.random.Generator, cells: int, count: int) -> Field:
    """Sum of periodic value noise with halving amplitude, float64[size, size] about 0 .. 1.

    Args:
        cells: lattice cells along an edge of the first octave.
        count: octaves; each has twice the cells.
    """
    total, weight, top = np.zeros((size, size)), 1.0, 0.0
    for _ in range(count):
        total += weight * value_noise(size, rng, cells, cells)
        top += weight
        cells, weight = cells * 2, weight / 2
    return total / top


def value_noise(size: int, rng: np.random.Generator, cells_x: int, cells_y: int) -> Field:
    """Random numbers on a periodic lattice, blended with Perlin's quintic (2002)."""
    lattice = rng.random((cells_y, cells_x))
    at = (np.arange(size) + 0.5) / size
    # The texels stand on a grid, so columns and rows are blended one after the other: the same
    # numbers as `sample_lattice`, several times faster.
    return _blend_rows(_blend_rows(lattice.T, at).T, at)


def _blend_rows(lattice: Field, at: Field) -> Field:
    """The periodic lattice float64[rows, N] read at heights `at`, float64[len(at), N]."""
    rows = len(lattice)
    v = at * rows
    low = np.floor(v).astype(np.int64)
    share = _quintic(v - low)[:, None]
    out: Field = lattice[low % rows] * (1 - share) + lattice[(low + 1) % rows] * share
    return out


def sample_lattice(lattice: Field, x: Field, y: Field) -> Field:
    """The periodic lattice float64[rows, columns] read smoothly at x, y (one tile is 1)."""
    rows, columns = lattice.shape
    u, v = x * columns, y * rows
    iu, iv = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    fu, fv = _quintic(u - iu), _quintic(v - iv)
    left, right = iu % columns, (iu + 1) % columns
    low, high = iv % rows, (iv + 1) % rows
    above = lattice[low, left] * (1 - fu) + lattice[low, right] * fu
    below = lattice[high, left] * (1 - fu) + lattice[high, right] * fu
    out: Field = above * (1 - fv) + below * fv
    return out


def noise(size: int, rng: np.random.Generator) -> Field:
    """Clouds."""
    return _stretched(octaves(size, rng, int(rng.integers(3, 7)), 5))


def marble(size: int, rng: np.random.Generator) -> Field:
    """Thin veins along a slanted direction, bent by turbulence (Perlin 1985)."""
    at = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(at, at)
    kx, ky = [(1, 1), (2, 1), (1, 2), (1, -1)][int(rng.integers(0, 4))]
    bend = 2.6 * (octaves(size, rng, 3, 6) - 0.5) * 2
    wave = np.abs(np.sin(math.pi * (kx * x + ky * y) * 2 + bend * 2))
    veins = np.clip(1 - wave, 0, 1) ** 5
    clouds = _stretched(octaves(size, rng, 4, 5))
    out: Field = np.clip(0.75 * veins + 0.28 * clouds, 0, 1)
    return out


def speckle(size: int, rng: np.random.Generator) -> Field:
    """Grains of many sizes on a plain ground, as terrazzo or granite."""
    out = np.zeros((size, size))
    for count, low, high in ((60, 5, 11), (400, 2, 5), (2500, 0.7, 1.8)):
        _grains(out, rng, count, low * size / 512, high * size / 512)
    return out


def wood(size: int, rng: np.random.Generator) -> Field:
    """Planks sawn along the grain: drawn-out rings, fine fibres and pores."""
    at = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(at, at)
    planks = int(rng.integers(3, 6))
    number = np.floor(y * planks).astype(np.int64) % planks
    out = np.zeros((size, size))
    for plank in range(planks):
        chosen = number == plank
        out[chosen] = _plank(rng, x[chosen], y[chosen], planks, size)
    tone = rng.uniform(-0.10, 0.10, planks)[number]
    seam = np.abs((y * planks) % 1 - 0.5) > 0.5 - 0.9 * planks / size
    butt = rng.random(planks)[number]
    end = np.abs((x - butt + 0.5) % 1 - 0.5) < 0.9 / size
    return np.where(seam | end, 1.0, np.clip(out + tone, 0, 0.92))


def _plank(rng: np.random.Generator, x: Field, y: Field, planks: int, size: int) -> Field:
    """Rings of one plank: a slow field along the grain whose level lines are the figure."""
    slow = sample_lattice(rng.random((planks * 2, 2)), x, y)
    bend = sample_lattice(rng.random((planks * 4, 5)), x, y)
    rings = rng.uniform(5, 9) * (slow + 0.18 * bend) + planks * y * rng.uniform(2.0, 4.0)
    phase = rings % 1
    late = phase**3 * np.clip((1 - phase) * 9, 0, 1)  # late wood darkens, then stops sharply
    fibre = sample_lattice(rng.random((size // 2, 8)), x, y)
    pores = sample_lattice(rng.random((size, 24)), x, y) > 0.93
    out: Field = 0.14 + 0.62 * late + 0.20 * (fibre - 0.3) + 0.16 * pores
    return out


def _grains(out: Field, rng: np.random.Generator, count: int, low: float, high: float) -> None:
    """Paint ellipses of random radius, tone, place, squeeze and turn, all at once."""
    size = len(out)

    def drawn(least: float, most: float) -> Field:
        return (least + (most - least) * rng.random(count))[:, None, None]

    radius, tone = drawn(low, high), drawn(0.4, 1.0)
    cx, cy = drawn(0, size), drawn(0, size)
    squeeze, turn = drawn(0.55, 1.0), drawn(0, math.pi)
    steps = np.arange(-math.ceil(high) - 1, math.ceil(high) + 2)
    columns = np.floor(cx).astype(np.int64) + steps[None, None, :]
    rows = np.floor(cy).astype(np.int64) + steps[None, :, None]
    dx, dy = columns + 0.5 - cx, rows + 0.5 - cy
    along = dx * np.cos(turn) + dy * np.sin(turn)
    across = (dy * np.cos(turn) - dx * np.sin(turn)) / squeeze
    cover = tone * np.clip(radius - np.hypot(along, across) + 0.5, 0, 1)
    flat = (rows % size) * size + columns % size
    np.maximum.at(out.reshape(-1), flat.reshape(-1), cover.reshape(-1))


def _stretched(field: Field) -> Field:
    low, high = np.percentile(field, [2, 98])
    out: Field = np.clip((field - low) / max(high - low, 1e-9), 0, 1)
    return out


def _quintic(t: Field) -> Field:
    return t * t * t * (t * (t * 6 - 15) + 10)
