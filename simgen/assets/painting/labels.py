"""Printed labels that go around cans and bottles."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.assets.painting.brands import Brand, brand
from simgen.assets.painting.sheet import Ink, Sheet
from simgen.records.asset import Image

_FRONTS = (0.75, 0.25)  # u of the two fronts: towards -y and +y


@lru_cache(maxsize=64)
def wrap_label(
    width_px: int, height_px: int, goods: str, seed: int, ground: Ink | None = None
) -> Image:
    """A label whose left and right borders meet behind, uint8[height, width, 3] sRGB.

    The name stands in front and behind; between them are small print and a bar code.

    Args:
        goods: what is inside, a key of `brands`.
        seed: chooses name, colours and design.
        ground: colour of the paper instead of the brand's.
    """
    # The picture's own seed, not a draw: the same numbers are the same picture everywhere.
    rng = np.random.Generator(np.random.PCG64(seed))
    made = brand(rng, goods, ground)
    sheet = Sheet(width_px, height_px, made.ground)
    designs: tuple[Callable[[Sheet, Brand, np.random.Generator], None], ...] = (
        _banded, _waved, _rounded, _slanted, _papered, _dotted,
    )  # fmt: skip
    designs[int(rng.integers(len(designs)))](sheet, made, rng)
    _small_print(sheet, made, seed)
    return sheet.finished()


def _fronts(sheet: Sheet) -> list[float]:
    return [share * sheet.width for share in _FRONTS]


def _name(sheet: Sheet, made: Brand, y: float, high: float, ink: Ink, goods: Ink) -> None:
    room = 0.34 * sheet.width
    for x in _fronts(sheet):
        sheet.text(made.name, x, y * sheet.height, (room, high * sheet.height), ink)
        below = (y + 0.62 * high + 0.06) * sheet.height
        sheet.text(made.goods, x, below, (0.8 * room, 0.09 * sheet.height), goods)


def _banded(sheet: Sheet, made: Brand, rng: np.random.Generator) -> None:
    """A band with the name, thin lines above and below."""
    w, h = sheet.width, sheet.height
    low = float(rng.uniform(0.3, 0.42))
    sheet.box(0, low * h, w, (low + 0.34) * h, made.second)
    for at in (low - 0.035, low + 0.36):
        sheet.box(0, at * h, w, (at + 0.016) * h, made.light)
    _name(sheet, made, low + 0.13, 0.2, made.ink, made.light)


def _waved(sheet: Sheet, made: Brand, rng: np.random.Generator) -> None:
    """Two waves run around."""
    w, h = sheet.width, sheet.height
    x = np.linspace(0, w, 181)
    for ink, mid, high in ((made.second, 0.62, 0.24), (made.light, 0.62, 0.035)):
        wave = mid + 0.09 * np.sin(4 * np.pi * x / w + rng.uniform(0, 6))
        edge = np.column_stack([x, (wave - high / 2) * h])
        back = np.column_stack([x[::-1], (wave[::-1] + high / 2) * h])
        sheet.polygon(np.concatenate([edge, back]), ink)
    _name(sheet, made, 0.3, 0.26, made.ink, made.ink)


def _rounded(sheet: Sheet, made: Brand, rng: np.random.Generator) -> None:
    """A disc behind the name."""
    w, h = sheet.width, sheet.height
    radius = min(0.36 * h, 0.19 * w)
    for x in _fronts(sheet):
        for share, ink in ((1.0, made.light), (0.93, made.second), (0.86, made.ground)):
            sheet.disc(x, 0.48 * h, radius * share, ink)
    sheet.box(0, 0.02 * h, w, 0.06 * h, made.second)
    sheet.box(0, 0.94 * h, w, 0.98 * h, made.second)
    for x in _fronts(sheet):
        sheet.text(made.name, x, 0.43 * h, (1.45 * radius, 0.2 * h), made.ink)
        sheet.text(made.goods, x, 0.58 * h, (1.2 * radius, 0.08 * h), made.light)


def _slanted(sheet: Sheet, made: Brand, rng: np.random.Generator) -> None:
    """Slanting stripes below, the name upright or turned."""
    w, h = sheet.width, sheet.height
    count = 2 * int(rng.integers(4, 9))
    step = w / count
    for i in range(-4, count):
        ink = made.second if i % 2 else made.light
        foot = np.array([[i, 1], [i + 0.5, 1], [i + 2.5, 0.62], [i + 2.0, 0.62]])
        sheet.polygon(foot * [step, h], ink)
    sheet.box(0, 0.6 * h, w, 0.63 * h, made.ink)
    if rng.random() < 0.4 and h > 0.5 * w:
        for x in _fronts(sheet):
            sheet.text(made.name, x, 0.32 * h, (0.56 * h, 0.16 * w), made.ink, turned=1)
        return
    _name(sheet, made, 0.25, 0.26, made.ink, made.light)


def _papered(sheet: Sheet, made: Brand, rng: np.random.Generator) -> None:
    """A light label with a frame and a crest, as wine has."""
    w, h = sheet.width, sheet.height
    sheet.box(0, 0, w, h, made.light)
    for x in _fronts(sheet):
        for inset, ink in ((0.02, made.second), (0.028, made.light)):
            sheet.box(x - (0.2 - inset) * w, inset * h * 2, x + (0.2 - inset) * w,
                      (1 - 2 * inset) * h, ink)  # fmt: skip
        sheet.disc(x, 0.24 * h, 0.09 * h, made.second)
        sheet.polygon(np.array([[-0.05, 0.03], [0.05, 0.03], [0, -0.06]]) * h + [x, 0.24 * h],
                      made.light)  # fmt: skip
        dark = made.second if sum(made.second) < 330 else (30, 26, 28)
        sheet.text(made.name, x, 0.47 * h, (0.3 * w, 0.17 * h), dark)
        sheet.text(made.goods, x, 0.65 * h, (0.24 * w, 0.08 * h), made.second)
        sheet.box(x - 0.08 * w, 0.74 * h, x + 0.08 * w, 0.75 * h, made.second)
        sheet.text(f"{1990 + int(rng.integers(30))}", x, 0.82 * h, (0.1 * w, 0.07 * h), dark)


def _dotted(sheet: Sheet, made: Brand, rng: np.random.Generator) -> None:
    """Bubbles that rise, the name below them."""
    w, h = sheet.width, sheet.height
    for _ in range(90):
        x, y, size = rng.uniform(0, w), rng.uniform(0, 0.62) * h, rng.uniform(0.008, 0.045) * h
        ink = made.light if rng.random() < 0.5 else made.second
        for shift in (-w, 0, w):  # across the seam
            sheet.disc(float(x) + shift, float(y), float(size), ink)
    sheet.box(0, 0.56 * h, w, h, made.second)
    sheet.box(0, 0.55 * h, w, 0.575 * h, made.light)
    _name(sheet, made, 0.72, 0.2, made.ink, made.light)


def _small_print(sheet: Sheet, made: Brand, seed: int) -> None:
    """Facts, ingredients and a bar code on the two sides."""
    w, h = sheet.width, sheet.height
    shade: NDArray[np.int64] = np.array(made.ground) + np.array(made.light)
    pale = tuple(int(v) for v in np.minimum(shade // 2 + 30, 255))
    plate: Ink = (pale[0], pale[1], pale[2])
    sheet.box(0.43 * w, 0.16 * h, 0.57 * w, 0.86 * h, plate)
    sheet.lines([1, 0.9, 0.95, 0.7, 0, 1, 0.85, 0.9, 0.6], 0.44 * w, 0.2 * h, 0.04 * h,
                0.12 * w, (30, 30, 34))  # fmt: skip
    sheet.barcode(0.44 * w, 0.62 * h, 0.12 * w, 0.18 * h, seed)
    sheet.box(0, 0.2 * h, 0.055 * w, 0.8 * h, plate)
    sheet.box(0.945 * w, 0.2 * h, w, 0.8 * h, plate)
    for left in (0.005, 0.95):
        sheet.lines([1] * 12, left * w, 0.24 * h, 0.045 * h, 0.045 * w, (30, 30, 34))
