"""Printed matter: a page with a headline, columns of words and pictures, as in papers and leaflets.

Letters are real ones (Pillow's own font, so that they are the same everywhere): detectors that
read small print on their objects must learn that other print is not one of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from simgen.assets.pattern_noise import octaves

Field = NDArray[np.float64]
_LETTERS = np.array(list("eeeeetttaaaooiinnsshhrrdlluccmwfgypbvkxjqz"))
_CAPITALS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))


def print_page(size: int, rng: np.random.Generator) -> Field:
    """Paper 0, ink 1; one to four columns, some with pictures or rules."""
    page = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(page)
    margin = round(size * rng.uniform(0.02, 0.06))
    top = margin
    if rng.random() < 0.8:
        top = _headline(draw, size, margin, rng)
    columns = int(rng.integers(1, 5))
    pitch = (size - margin) / columns
    height = round(size * rng.uniform(0.018, 0.045))
    ink = int(rng.integers(180, 256))
    for column in range(columns):
        left = round(margin + column * pitch)
        _column(page, (left, top, round(left + pitch - margin), size - margin), height, ink, rng)
    out: Field = np.asarray(page, np.float64) / 255
    return out


def _headline(draw: ImageDraw.ImageDraw, size: int, margin: int, rng: np.random.Generator) -> int:
    height = round(size * rng.uniform(0.06, 0.16))
    text = " ".join(_word(rng, capital=True) for _ in range(4))
    draw.text((margin, margin), text, int(rng.integers(200, 256)), ImageFont.load_default(height))
    return margin + round(height * 1.4)


def _column(
    page: Image.Image,
    box: tuple[int, int, int, int],
    height: int,
    ink: int,
    rng: np.random.Generator,
) -> None:
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(height)
    left, y, right, bottom = box
    while y < bottom - height:
        if rng.random() < 0.06:
            tall = round((right - left) * rng.uniform(0.4, 1.0))
            y = _picture(page, (left, y, right, min(bottom, y + tall)), rng) + height
            continue
        words = " ".join(_word(rng, capital=rng.random() < 0.12) for _ in range(14))
        fits = max(1, int(len(words) * (right - left) / max(1.0, font.getlength(words))))
        short = rng.uniform(0.2, 1.0) if rng.random() < 0.15 else 1.0  # a paragraph's last line
        draw.text((left, y), words[: max(1, int(fits * short))], ink, font)
        y += round(height * 1.3)


def _picture(page: Image.Image, box: tuple[int, int, int, int], rng: np.random.Generator) -> int:
    left, top, right, bottom = box
    if right > left and bottom > top:
        side = max(right - left, bottom - top)
        tones = octaves(side, rng, 3, 4)[: bottom - top, : right - left]
        page.paste(Image.fromarray((np.clip(tones, 0, 1) * 255).astype(np.uint8)), (left, top))
    return bottom


def _word(rng: np.random.Generator, capital: bool) -> str:
    letters = rng.choice(_LETTERS, int(rng.integers(1, 9)))
    return "".join([str(rng.choice(_CAPITALS)), *letters] if capital else letters)
