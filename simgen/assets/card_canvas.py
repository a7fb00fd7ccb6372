"""Canvas: filled outlines and strokes on a card of 500 x 700, anti-aliased by supersampling."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.assets.card_shapes import GLYPHS, suit_outlines
from simgen.records.asset import Image

WIDTH, HEIGHT = 500, 700
_FINE = 3
Ink = tuple[int, int, int]
RED: Ink = (200, 22, 34)
BLACK: Ink = (22, 22, 26)
SUIT_INK: dict[str, Ink] = {"hearts": RED, "diamonds": RED, "spades": BLACK, "clubs": BLACK}


class Canvas:
    """Draws in card units (x right, y down), drawn three times as fine and scaled down.

    Args:
        paper: background, or None for transparent.
    """

    def __init__(self, paper: Ink | None = (253, 253, 250)) -> None:
        from PIL import Image as Pillow
        from PIL import ImageDraw

        fill = (*(paper or (0, 0, 0)), 255 if paper else 0)
        self.image: Any = Pillow.new("RGBA", (WIDTH * _FINE, HEIGHT * _FINE), fill)
        self._draw = ImageDraw.Draw(self.image)

    def fill(self, points: ArrayLike, ink: Ink) -> None:
        """A filled polygon [N, 2]."""
        self._draw.polygon(_pixels(points), fill=(*ink, 255))

    def stroke(self, points: ArrayLike, width: float, ink: Ink) -> None:
        """A line [N, 2] with round joints and ends."""
        at = _pixels(points)
        thick = max(round(width * _FINE), 1)
        self._draw.line(at, fill=(*ink, 255), width=thick, joint="curve")
        r = thick / 2
        for x, y in (at[0], at[-1]):
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=(*ink, 255))

    def shape(self, points: ArrayLike, ink: Ink, line: float = 3, outline: Ink = BLACK) -> None:
        """A filled polygon with an outline."""
        closed = np.asarray(points, np.float64)
        self.fill(closed, ink)
        self.stroke(np.concatenate([closed, closed[:1]]), line, outline)

    def suit(self, suit: str, x: float, y: float, size: float, ink: Ink | None = None) -> None:
        """A suit of height `size` centred at x, y; a negative size stands on its head."""
        for outline in suit_outlines(suit):
            flip = 1 if size > 0 else -1
            self.fill(outline * (abs(size) / 2 * flip) + [x, y], ink or SUIT_INK[suit])

    def text(self, text: str, x: float, y: float, size: tuple[float, float], ink: Ink) -> None:
        """Letters of GLYPHS, of this width and height together, top centre at x, y."""
        width, height = size
        each = width / (len(text) + 0.32 * (len(text) - 1))
        left = x - width / 2
        for letter in text:
            for line in GLYPHS[letter]:
                at = line * [each, height] + [left, y]
                self.stroke(at, min(height * 0.17, each * 0.34), ink)
            left += each * 1.32

    def paste(self, other: Canvas, upside_down: bool = False) -> None:
        """Another canvas on top."""
        image = other.image.rotate(180) if upside_down else other.image
        self.image.alpha_composite(image)

    def clear_below(self, y: float) -> None:
        """Make everything below y transparent."""
        w, h = self.image.size
        self.image.paste((0, 0, 0, 0), (0, round(y * _FINE), w, h))

    def finished(self) -> Image:
        """uint8[700, 500, 3]; means of 3 x 3 texels."""
        fine: NDArray[np.uint16] = np.asarray(self.image.convert("RGB"), np.uint16)
        cells = fine.reshape(HEIGHT, _FINE, WIDTH, _FINE, 3).sum(axis=(1, 3))
        return np.asarray((cells + _FINE * _FINE // 2) // (_FINE * _FINE), np.uint8)


def _pixels(points: ArrayLike) -> list[tuple[float, float]]:
    return [(float(x) * _FINE, float(y) * _FINE) for x, y in np.asarray(points, np.float64)]
