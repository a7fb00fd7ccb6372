"""Skins of fruit: colours from unripe to ripe, blush, streaks, spots, pores, stripes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image

WIDTH, HEIGHT = 512, 256
Field = NDArray[np.float64]
Rgb8 = tuple[int, int, int]


@dataclass(frozen=True)
class Skin:
    """How one kind looks; colours are sRGB, shares in [0, 1].

    Args:
        unripe, ripe: ground colours.
        blush: colour of the side that the sun saw, and how much of it there is.
        ends: colour near the lower and the upper pole, and how far it reaches.
        streaks: how much the blush runs in streaks from pole to pole.
        spots: colour, number and largest radius (share of the width) of spots.
        pores: number of pores around the middle, and their depth.
        stripes: colour and number of stripes from pole to pole.
        mottle: unevenness of the ground.
        age: darkening and brown spots when overripe.
    """

    unripe: Rgb8
    ripe: Rgb8
    blush: tuple[Rgb8, float] = ((0, 0, 0), 0.0)
    ends: tuple[Rgb8, Rgb8, float] = ((0, 0, 0), (0, 0, 0), 0.0)
    streaks: float = 0.0
    spots: tuple[Rgb8, int, float] = ((0, 0, 0), 0, 0.0)
    pores: tuple[int, float] = (0, 0.0)
    stripes: tuple[Rgb8, int] = ((0, 0, 0), 0)
    mottle: float = 0.06
    age: float = 0.0


SKINS: dict[str, Skin] = {
    "apple": Skin((134, 176, 56), (222, 186, 84), ((168, 22, 30), 1.0),
                  ((186, 168, 78), (150, 150, 62), 0.13), 0.75, ((238, 214, 160), 260, 0.0022)),
    "green_apple": Skin((122, 172, 52), (158, 194, 70), ((196, 158, 74), 0.12),
                        ((160, 176, 84), (128, 142, 56), 0.10), 0.3,
                        ((214, 226, 160), 420, 0.0020)),
    "pear": Skin((138, 168, 62), (206, 190, 84), ((186, 110, 48), 0.35),
                 ((150, 116, 58), (138, 112, 54), 0.09), 0.15, ((132, 102, 46), 900, 0.0022),
                 mottle=0.10, age=0.3),
    "orange": Skin((176, 164, 40), (236, 126, 18), ((242, 154, 40), 0.3),
                   ((206, 120, 30), (150, 140, 40), 0.05), 0.0, ((206, 96, 10), 0, 0.0),
                   (150, 0.9)),
    "lemon": Skin((150, 182, 52), (244, 208, 44), ((250, 222, 90), 0.3),
                  ((206, 176, 50), (196, 186, 54), 0.08), 0.0, pores=(120, 0.7), mottle=0.05),
    "lime": Skin((62, 128, 34), (120, 164, 48), ((168, 184, 66), 0.35),
                 ((120, 124, 50), (120, 130, 60), 0.06), 0.0, pores=(110, 0.6), mottle=0.08),
    "peach": Skin((206, 186, 96), (242, 178, 96), ((192, 52, 48), 0.75),
                  ((226, 176, 90), (214, 160, 70), 0.10), 0.12, ((250, 216, 160), 300, 0.0016),
                  mottle=0.10),
    "plum": Skin((120, 50, 84), (62, 22, 60), ((112, 34, 62), 0.5),
                 ((92, 50, 84), (70, 44, 74), 0.10), 0.1, ((126, 108, 140), 160, 0.004),
                 mottle=0.22),
    "kiwi": Skin((118, 92, 52), (112, 82, 44), ((92, 66, 34), 0.5),
                 ((70, 50, 28), (74, 54, 30), 0.10), 0.4, ((66, 46, 24), 2200, 0.0018),
                 (0, 0.0), mottle=0.20),
    "tomato": Skin((128, 158, 50), (208, 32, 20), ((226, 70, 26), 0.25),
                   ((196, 40, 22), (188, 116, 36), 0.12), 0.1, ((240, 150, 90), 60, 0.0014)),
    "strawberry": Skin((232, 206, 170), (202, 20, 26), ((160, 8, 18), 0.4),
                       ((196, 18, 24), (236, 190, 150), 0.10), 0.0, ((240, 206, 92), -34, 0.0105),
                       (0, 0.0)),
    "avocado": Skin((62, 86, 38), (44, 48, 30), ((30, 26, 22), 0.4),
                    ((56, 66, 34), (60, 66, 34), 0.08), 0.0, ((92, 104, 50), 700, 0.0026),
                    (64, 1.6), mottle=0.22),
    "mango": Skin((96, 132, 46), (236, 164, 40), ((196, 44, 36), 0.75),
                  ((218, 160, 50), (120, 130, 50), 0.10), 0.1, ((248, 222, 140), 320, 0.0018),
                  mottle=0.08, age=0.2),
    "watermelon": Skin((112, 154, 70), (150, 182, 96), ((120, 160, 80), 0.2),
                       ((196, 196, 120), (120, 140, 70), 0.05), 0.0,
                       stripes=((34, 74, 30), 11), mottle=0.06),
    "banana": Skin((134, 166, 46), (242, 202, 42), ((246, 214, 92), 0.3),
                   ((52, 40, 22), (118, 140, 44), 0.07), 0.1, ((74, 46, 18), 60, 0.006),
                   mottle=0.05, age=1.0),
}  # fmt: skip


@lru_cache(maxsize=64)
def paint_skin(kind: str, ripeness: float, seed: int) -> tuple[Image, Image | None]:
    """Colours, and a normal map of the pores if there are any.

    Args:
        kind: key of `SKINS`.
        ripeness: 0 unripe, 0.7 ripe, 1 overripe.
        seed: chooses the places of blush, streaks and spots.

    Returns:
        uint8[H, W, 3] sRGB; uint8[H, W, 3] tangent-space normals (OpenGL) or None. u runs
        around, v from the lower pole to the upper one; the borders meet.
    """
    # The picture's own seed, not a draw: the same numbers are the same picture everywhere.
    rng = np.random.Generator(np.random.PCG64(seed))
    skin = SKINS[kind]
    u, v = np.meshgrid((np.arange(WIDTH) + 0.5) / WIDTH, 1 - (np.arange(HEIGHT) + 0.5) / HEIGHT)
    ripe = float(np.clip(ripeness / 0.7, 0, 1))
    local = np.clip(ripe + 0.25 * (_noise(rng, u, v, 4, 3) - 0.5) * (1 - ripe) * 2, 0, 1)
    color = _mix(np.array(skin.unripe, float), np.array(skin.ripe, float), local)
    color *= (
        1 + skin.mottle * 2 * (_noise(rng, u, v, 9, 6) + _noise(rng, u, v, 31, 19) - 1)[..., None]
    )
    color = _blushed(color, skin, ripe, u, v, rng)
    color = _striped(color, skin, u, v, rng)
    color = _spotted(color, skin.spots, u, v, rng)
    if skin.age > 0 and ripeness > 0.7:
        late = (ripeness - 0.7) / 0.3 * skin.age
        color = _spotted(color, ((84, 54, 24), int(240 * late), 0.011), u, v, rng)
        color *= 1 - 0.15 * late
    color = _ended(color, skin, u, v, rng)
    normals = _pores(skin.pores, rng) if skin.pores[0] else None
    if normals is not None:
        color *= 1 - 0.10 * (1 - normals[1])[..., None]
    image = np.asarray(np.clip(color, 0, 255) + 0.5, np.uint8)
    return image, None if normals is None else normals[0]


def _mix(a: Field, b: Field, share: Field) -> Field:
    return np.asarray(a * (1 - share[..., None]) + b * share[..., None], np.float64)


def _noise(rng: np.random.Generator, u: Field, v: Field, across: int, up: int) -> Field:
    # Twice the height: the noise repeats in v, but the two poles have nothing in common. Rows,
    # then columns: u and v are a grid.
    lattice = _blended(rng.random((2 * up, across)), v[:, 0] / 2)
    return _blended(lattice.T, u[0]).T


def _blended(lattice: Field, at: Field) -> Field:
    """The periodic lattice float64[rows, N] read smoothly at heights `at`, float64[len(at), N]."""
    rows = len(lattice)
    low = np.floor(at * rows).astype(np.int64)
    t = (at * rows - low)[:, None]
    share = t * t * t * (t * (t * 6 - 15) + 10)
    out: Field = lattice[low % rows] * (1 - share) + lattice[(low + 1) % rows] * share
    return out


def _blushed(
    color: Field, skin: Skin, ripe: float, u: Field, v: Field, rng: np.random.Generator
) -> Field:
    """The sunny side, in streaks from pole to pole."""
    ink, most = skin.blush
    if most == 0:
        return color
    sun = 0.5 + 0.5 * np.cos(2 * np.pi * (u - rng.random()))
    broad = 0.55 * sun + 0.45 * _noise(rng, u, v, 5, 3) + 0.25 * (v - 0.5)
    fine = _noise(rng, u, v, 60, 3) * 0.6 + _noise(rng, u, v, 130, 4) * 0.4
    level = rng.uniform(0.30, 0.55) if most > 0.5 else 0.5
    share = np.clip((broad - level) * 3.0 + 0.5 + skin.streaks * (fine - 0.5) * 1.6, 0, 1)
    return _mix(color, np.array(ink, float), share * most * (0.4 + 0.6 * ripe))


def _striped(color: Field, skin: Skin, u: Field, v: Field, rng: np.random.Generator) -> Field:
    ink, count = skin.stripes
    if count == 0:
        return color
    bend = 0.35 * (_noise(rng, u, v, 3 * count, 10) - 0.5) + 0.2 * (_noise(rng, u, v, 90, 40) - 0.5)
    wave = np.abs((u * count + bend * 1.6) % 1 - 0.5) * 2
    share = np.clip((0.52 - wave + 0.3 * (_noise(rng, u, v, 60, 30) - 0.5)) * 6, 0, 1)
    return _mix(color, np.array(ink, float), share)


def _spotted(
    color: Field, spots: tuple[Rgb8, int, float], u: Field, v: Field, rng: np.random.Generator
) -> Field:
    """Spots at random places, or (a negative number) in rows, as seeds stand."""
    ink, count, radius = spots
    if count == 0:
        return color
    if count < 0:
        return _mix(color, np.array(ink, float), _seeds(-count, radius, u, v))
    share = np.zeros(u.shape)
    middle, height = rng.random(count), rng.uniform(0.04, 0.96, count)
    size = radius * rng.uniform(0.35, 1.0, count)
    strength = rng.uniform(0.35, 0.9, count)
    for x, y, r, s in zip(middle, height, size, strength, strict=True):
        reach_x = int(np.ceil(r * WIDTH / max(np.sin(np.pi * y), 0.15))) + 1
        reach_y = int(np.ceil(2 * r * HEIGHT)) + 1
        row, column = int((1 - y) * HEIGHT), int(x * WIDTH)
        rows = slice(max(row - reach_y, 0), row + reach_y + 1)
        columns = np.arange(column - reach_x, column + reach_x + 1) % WIDTH
        du = (u[rows][:, columns] - x + 0.5) % 1 - 0.5
        away = np.hypot(du * np.sin(np.pi * y), (v[rows][:, columns] - y) / 2)
        patch = np.clip((r - away) / (0.5 * r + 1e-3), 0, 1) * s
        share[rows, columns] = np.maximum(share[rows, columns], patch)
    return _mix(color, np.array(ink, float), share)


def _seeds(around: int, radius: float, u: Field, v: Field) -> Field:
    rows = around // 2
    row = np.floor(v * rows)
    x = (u * around + 0.5 * (row % 2)) % 1 - 0.5
    y = (v * rows) % 1 - 0.5
    away = np.hypot(x / around * np.sin(np.pi * np.clip(v, 0.08, 0.92)) * 1.6, y / rows / 2.2)
    return np.asarray(np.clip((radius - away * 1.7) / (0.4 * radius), 0, 1), np.float64)


def _ended(color: Field, skin: Skin, u: Field, v: Field, rng: np.random.Generator) -> Field:
    low, high, reach = skin.ends
    if reach == 0:
        return color
    edge = reach * (0.6 + 0.8 * _noise(rng, u, v, 17, 3))
    for ink, away in ((low, v), (high, 1 - v)):
        color = _mix(color, np.array(ink, float), np.clip(1.4 - away / edge, 0, 1) ** 1.5)
    return color


def _pores(pores: tuple[int, float], rng: np.random.Generator) -> tuple[Image, Field]:
    """Small dents all over: a tangent-space normal map, and the height in [0, 1]."""
    import cv2

    around, depth = pores
    count = int(around * around * 0.6)
    height = np.ones((HEIGHT, WIDTH), np.float32)
    rows, columns = rng.integers(0, HEIGHT, count), rng.integers(0, WIDTH, count)
    height[rows, columns] = 0
    sigma = 0.35 * WIDTH / around
    wide = np.concatenate([height, height, height], axis=1)
    soft = cv2.GaussianBlur(wide, (0, 0), sigma)[:, WIDTH : 2 * WIDTH].astype(np.float64)
    soft = (soft - soft.min()) / max(float(np.ptp(soft)), 1e-9)
    dx = (np.roll(soft, -1, 1) - np.roll(soft, 1, 1)) * depth
    dy = -np.gradient(soft, axis=0) * 2 * depth
    normal = np.stack([-dx, -dy, np.ones_like(dx)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.asarray(normal * 127.5 + 128, np.uint8), soft
