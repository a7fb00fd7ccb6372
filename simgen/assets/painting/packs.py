"""Printed faces of cartons: product packs and shipping boxes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simgen.assets.painting.brands import Brand, brand
from simgen.assets.painting.sheet import Ink, Sheet
from simgen.records.asset import Image

_KRAFT: Ink = (178, 138, 94)


@lru_cache(maxsize=32)
def pack_art(
    sizes: tuple[tuple[int, int], ...], goods: str, seed: int, ground: Ink | None
) -> tuple[Image, ...]:
    """Pictures of front, side and top, each uint8[H, W, 3] sRGB.

    Args:
        sizes: width and height of each, pixels.
        goods: what is inside; `shipping` gives brown board with tape and a waybill.
        seed: chooses name, colours and design.
    """
    # The picture's own seed, not a draw: the same numbers are the same picture everywhere.
    rng = np.random.Generator(np.random.PCG64(seed))
    if goods == "shipping":
        return tuple(_shipping(size, i, rng, ground) for i, size in enumerate(sizes))
    made = brand(rng, goods, ground)
    design = int(rng.integers(3))
    front, side, top = sizes
    return _front(front, made, design, rng), _side(side, made, seed), _top(top, made)


def _front(size: tuple[int, int], made: Brand, design: int, rng: np.random.Generator) -> Image:
    w, h = size
    sheet = Sheet(w, h, made.ground)
    if design == 0:
        sheet.polygon([(0, 0.55 * h), (w, 0.42 * h), (w, h), (0, h)], made.second)
        sheet.polygon([(0, 0.55 * h), (w, 0.42 * h), (w, 0.45 * h), (0, 0.58 * h)], made.light)
    elif design == 1:
        sheet.disc(0.5 * w, 0.66 * h, 0.34 * min(w, h) + 0.02 * h, made.light)
        sheet.disc(0.5 * w, 0.66 * h, 0.34 * min(w, h), made.second)
    else:
        for i in range(9):
            sheet.box(i * w / 9, (0.5 + 0.03 * (i % 3)) * h, (i + 0.8) * w / 9, h, made.second)
    for _ in range(26):  # what is inside, heaped
        x, y = 0.5 + 0.26 * rng.normal(), 0.72 + 0.09 * rng.normal()
        ink = made.light if rng.random() < 0.6 else made.ink
        sheet.disc(float(x) * w, float(y) * h, 0.035 * min(w, h), ink)
    sheet.text(made.name, 0.5 * w, 0.2 * h, (0.84 * w, 0.18 * h), made.ink)
    sheet.text(made.goods, 0.5 * w, 0.36 * h, (0.66 * w, 0.07 * h), made.light)
    sheet.box(0.06 * w, 0.9 * h, 0.34 * w, 0.96 * h, made.light)
    sheet.text(
        f"{int(rng.integers(1, 10)) * 100} g", 0.2 * w, 0.93 * h, (0.2 * w, 0.04 * h), (20, 20, 24)
    )
    return sheet.finished()


def _side(size: tuple[int, int], made: Brand, seed: int) -> Image:
    w, h = size
    sheet = Sheet(w, h, made.second)
    sheet.text(made.name, 0.5 * w, 0.1 * h, (0.8 * w, 0.09 * h), made.ink)
    plate: Ink = (246, 244, 238)
    sheet.box(0.1 * w, 0.2 * h, 0.9 * w, 0.62 * h, plate)
    sheet.lines([1, 1, 0.9, 1, 0.8, 1, 0.95, 0.7, 1, 0.9], 0.15 * w, 0.23 * h, 0.037 * h, 0.7 * w,
                (40, 40, 44))  # fmt: skip
    sheet.barcode(0.2 * w, 0.72 * h, 0.6 * w, 0.18 * h, seed)
    return sheet.finished()


def _top(size: tuple[int, int], made: Brand) -> Image:
    w, h = size
    sheet = Sheet(w, h, made.ground)
    sheet.box(0, 0.48 * h, w, 0.52 * h, made.second)
    sheet.text(made.name, 0.5 * w, 0.26 * h, (0.7 * w, 0.3 * h), made.ink)
    return sheet.finished()


def _shipping(
    size: tuple[int, int], face: int, rng: np.random.Generator, ground: Ink | None
) -> Image:
    """Brown board: flutes that show through, tape over the seam, arrows or a waybill."""
    w, h = size
    paper = ground or _KRAFT
    sheet = Sheet(w, h, paper)
    flutes = 0.06 * (0.5 + 0.5 * np.sin(np.arange(w) * 2 * np.pi / 5))[None, :] * np.ones((h, 1))
    sheet.blend(flutes + 0.05 * rng.random((h, w)), (90, 62, 36))
    dark: Ink = (58, 42, 30)
    if face == 2:
        sheet.box(0, 0.495 * h, w, 0.505 * h, (120, 88, 56))
        tape: Ink = (202, 170, 124)
        sheet.box(0, 0.43 * h, w, 0.57 * h, tape)
        x, y = float(rng.uniform(0.08, 0.5)) * w, float(rng.uniform(0.06, 0.12)) * h
        sheet.box(x, y, x + 0.4 * w, y + 0.28 * h, (244, 244, 240))
        sheet.lines(
            [0.6, 0.8, 0.5, 0.7], x + 0.02 * w, y + 0.02 * h, 0.03 * h, 0.34 * w, (30, 30, 30)
        )
        sheet.barcode(x + 0.03 * w, y + 0.16 * h, 0.3 * w, 0.1 * h, int(rng.integers(999)))
    else:
        for k in range(2):  # this side up
            x = (0.72 + 0.12 * k) * w
            arrow = np.array([[0, 0], [0.045, 0.07], [0.015, 0.07], [0.015, 0.16], [-0.015, 0.16],
                              [-0.015, 0.07], [-0.045, 0.07]])  # fmt: skip
            sheet.polygon(arrow * [w, h] + np.array([x, 0.6 * h]), dark)
        sheet.box(0.67 * w, 0.78 * h, 0.9 * w, 0.795 * h, dark)
        sheet.text(
            "FRAGILE" if face else "THIS SIDE UP", 0.28 * w, 0.7 * h, (0.4 * w, 0.12 * h), dark
        )
    return sheet.finished()
