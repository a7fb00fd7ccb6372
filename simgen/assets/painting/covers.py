"""Pictures of books: front, back and spine of a cover, pages of print, the cut of a page block."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.assets.painting.brands import PALETTES
from simgen.assets.painting.sheet import Ink, Sheet
from simgen.records.asset import Image

_FIRST = "The|A|Our|Beyond the|Under the|Last|Silent|Lost|Early|Northern|Hidden|Paper|Seven"
_SECOND = (
    "Garden|River|Compass|Winter|Harbour|Lantern|Orchard|Mountain|Letter|Machine|Island|"
    "Clockmaker|Atlas|Signal|Meadow|Bridge|Archive|Comet"
)
_AUTHORS = "Ada Holm|Jon Velar|Mira Sands|Tom Arken|Lena Corso|Ivo Brandt|Nell Okoro|Ruth Amsel"


@lru_cache(maxsize=32)
def cover_art(
    aspect: float, spine_share: float, seed: int, ground: Ink | None
) -> tuple[Image, ...]:
    """Front, back and spine, each uint8[H, W, 3] sRGB; the spine lies on its side.

    Args:
        aspect: height over width of the front.
        spine_share: thickness over height.
        seed: chooses title, colours and design.
        ground: colour of the cover instead of the palette's.
    """
    # The picture's own seed, not a draw: the same numbers are the same picture everywhere.
    rng = np.random.Generator(np.random.PCG64(seed))
    first, second, ink, light = PALETTES[int(rng.integers(len(PALETTES)))]
    paper = ground or first
    if ground is not None:
        ink = (250, 248, 240) if sum(ground) < 384 else (30, 28, 32)
    title = f"{_one(_FIRST, rng)} {_one(_SECOND, rng)}"
    author = _one(_AUTHORS, rng)
    width = 420
    height = round(width * float(np.clip(aspect, 0.5, 2.5)))
    front = Sheet(width, height, paper)
    design = (_bars, _circles, _hills, _framed, _split)[int(rng.integers(5))]
    at = design(front, second, light, rng)
    words = title.split(" ")
    lines = [title] if len(title) < 12 else [" ".join(words[:-1]), words[-1]]
    for i, line in enumerate(lines):
        y = at + 0.13 * i
        front.text(line, 0.5 * width, y * height, (0.8 * width, 0.12 * height), ink)
    front.text(author, 0.5 * width, 0.91 * height, (0.55 * width, 0.05 * height), ink)
    back = Sheet(width, height, paper)
    back.lines([1, 0.95, 1, 0.9, 0.97, 0.6, 0, 1, 0.92, 0.98, 0.5], 0.14 * width, 0.2 * height,
               0.03 * height, 0.72 * width, ink)  # fmt: skip
    back.barcode(0.6 * width, 0.8 * height, 0.28 * width, 0.12 * height, seed)
    long = 640
    thick = int(np.clip(round(long * spine_share), 16, 320))
    spine = Sheet(long, thick, paper)
    spine.box(0.03 * long, 0, 0.045 * long, thick, light)
    spine.box(0.955 * long, 0, 0.97 * long, thick, light)
    spine.text(title, 0.40 * long, thick / 2, (0.62 * long, 0.62 * thick), ink)
    spine.text(author, 0.84 * long, thick / 2, (0.2 * long, 0.42 * thick), ink)
    return front.finished(), back.finished(), spine.finished()


@lru_cache(maxsize=32)
def print_pages(aspect: float, seed: int) -> Image:
    """Two pages side by side, uint8[H, W, 3]: headings, paragraphs, now and then a picture."""
    rng = np.random.Generator(np.random.PCG64(seed))
    width = 900
    height = round(width / 2 * float(np.clip(aspect, 0.5, 2.5)))
    sheet = Sheet(width, height, (244, 240, 228))
    for page in range(2):
        x, y = (0.07 + 0.5 * page) * width, 0.09 * height
        if rng.random() < 0.5:
            sheet.text(f"CHAPTER {int(rng.integers(2, 30))}", x + 0.18 * width, y + 0.03 * height,
                       (0.2 * width, 0.05 * height), (40, 36, 34))  # fmt: skip
            y += 0.12 * height
        if rng.random() < 0.4:
            tone = int(rng.integers(60, 180))
            sheet.box(x, y, x + 0.36 * width, y + 0.26 * height, (tone, tone, tone - 10))
            hill = np.array([[0, 1], [0.3, 0.4], [0.5, 0.7], [0.8, 0.25], [1, 1]])
            sheet.polygon(hill * [0.36 * width, 0.26 * height] + [x, y], (70, 68, 64))
            y += 0.30 * height
        pitch = 0.0235 * height
        rows = int((0.9 * height - y) / pitch)
        shares = [1.0 if (r % 9) != 8 else float(rng.uniform(0.3, 0.8)) for r in range(rows)]
        sheet.lines(shares, x, y, pitch, 0.36 * width, (112, 106, 102))
        sheet.text(str(12 + page), x + 0.18 * width, 0.95 * height, (0.05 * width, 0.03 * height),
                   (90, 86, 80))  # fmt: skip
    return sheet.finished()


@lru_cache(maxsize=4)
def page_edges() -> Image:
    """The cut of a page block: hundreds of thin sheets, uint8[256, 64, 3], lines along u."""
    rng = np.random.Generator(np.random.PCG64(11))
    tone = 226 + 14 * (rng.random((256, 1)) - 0.5) + 6 * (rng.random((256, 64)) - 0.5)
    tone[rng.random(256) < 0.2] -= 26
    warm: NDArray[np.float64] = tone[..., None] * np.array([1.0, 0.975, 0.90])
    return np.asarray(np.clip(warm, 0, 255), np.uint8)


def _one(names: str, rng: np.random.Generator) -> str:
    words = names.split("|")
    return words[int(rng.integers(len(words)))]


def _bars(sheet: Sheet, second: Ink, light: Ink, rng: np.random.Generator) -> float:
    """Bars of many heights below; gives where the title stands."""
    w, h = sheet.width, sheet.height
    count = int(rng.integers(7, 16))
    for i in range(count):
        top = float(rng.uniform(0.45, 0.8)) * h
        ink = light if i % 3 == 0 else second
        sheet.box((i + 0.1) * w / count, top, (i + 0.9) * w / count, 0.86 * h, ink)
    return 0.2


def _circles(sheet: Sheet, second: Ink, light: Ink, rng: np.random.Generator) -> float:
    w, h = sheet.width, sheet.height
    x, y = float(rng.uniform(0.3, 0.7)) * w, float(rng.uniform(0.5, 0.66)) * h
    for i in range(7, 0, -1):
        sheet.disc(x, y, i * 0.055 * w, second if i % 2 else light)
    return 0.17


def _hills(sheet: Sheet, second: Ink, light: Ink, rng: np.random.Generator) -> float:
    w, h = sheet.width, sheet.height
    sheet.disc(0.68 * w, 0.48 * h, 0.12 * w, light)
    x = np.linspace(0, w, 90)
    for i, share in enumerate((0.0, 0.35, 0.7)):
        line = (0.6 + 0.1 * i) * h + 0.05 * h * np.sin(
            x / w * rng.uniform(4, 9) + rng.uniform(0, 6)
        )
        ink = tuple(
            round(a * (1 - share) + b * share * 0.4) for a, b in zip(second, light, strict=True)
        )
        edge = np.concatenate([np.column_stack([x, line]), [[w, h], [0, h]]])
        sheet.polygon(edge, (ink[0], ink[1], ink[2]))
    return 0.17


def _framed(sheet: Sheet, second: Ink, light: Ink, rng: np.random.Generator) -> float:
    w, h = sheet.width, sheet.height
    for inset, ink in ((0.05, light), (0.062, second)):
        sheet.box(inset * w, inset * w, w - inset * w, h - inset * w, ink)
    sheet.disc(w / 2, 0.64 * h, 0.14 * w, light)
    star = np.array([[np.cos(a), np.sin(a)] for a in np.arange(10) * np.pi / 5])
    star[::2] *= 0.11 * w
    star[1::2] *= 0.05 * w
    sheet.polygon(star + np.array([w / 2, 0.64 * h]), second)
    return 0.26


def _split(sheet: Sheet, second: Ink, light: Ink, rng: np.random.Generator) -> float:
    w, h = sheet.width, sheet.height
    a, b = float(rng.uniform(0.35, 0.6)), float(rng.uniform(0.5, 0.75))
    sheet.polygon([(0, a * h), (w, b * h), (w, h), (0, h)], second)
    sheet.polygon([(0, a * h), (w, b * h), (w, (b + 0.02) * h), (0, (a + 0.02) * h)], light)
    return 0.17
