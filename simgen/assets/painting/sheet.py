"""Sheet: a printed surface, drawn twice as fine and scaled down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.records.asset import Image

Ink = tuple[int, int, int]
_FINE = 2


class Sheet:
    """Draws in pixels of the finished picture, x right, y down.

    Args:
        width, height: of the finished picture.
        paper: background.
    """

    def __init__(self, width: int, height: int, paper: Ink) -> None:
        from PIL import Image as Pillow
        from PIL import ImageDraw

        self.width, self.height = width, height
        self._image: Any = Pillow.new("RGB", (width * _FINE, height * _FINE), paper)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x0: float, y0: float, x1: float, y1: float, ink: Ink) -> None:
        """A filled rectangle."""
        left, top = round(x0 * _FINE), round(y0 * _FINE)
        right, bottom = round(x1 * _FINE), round(y1 * _FINE)
        if right > left and bottom > top:
            self._draw.rectangle([left, top, right - 1, bottom - 1], ink)

    def polygon(self, points: ArrayLike, ink: Ink) -> None:
        """A filled polygon [N, 2]."""
        p = np.asarray(points, np.float64) * _FINE
        self._draw.polygon([(float(x), float(y)) for x, y in p], fill=ink)

    def disc(self, x: float, y: float, radius: float, ink: Ink) -> None:
        """A filled circle."""
        r = radius * _FINE
        x, y = x * _FINE, y * _FINE
        self._draw.ellipse([x - r, y - r, x + r, y + r], fill=ink)

    def text(
        self, words: str, x: float, y: float, size: tuple[float, float], ink: Ink, turned: int = 0
    ) -> None:
        """Words centred at x, y, as large as fits into `size` (width, height).

        Args:
            turned: quarter turns counter-clockwise.
        """
        from PIL import Image as Pillow
        from PIL import ImageDraw, ImageFont

        width, height = size[0] * _FINE, size[1] * _FINE
        points = height
        box = ImageFont.load_default(points).getbbox(words)
        wide = max(float(box[2] - box[0]), 1.0)
        points = max(points * min(1.0, width / wide), 4.0)
        font = ImageFont.load_default(points)
        left, top, right, bottom = font.getbbox(words)
        stamp = Pillow.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
        ImageDraw.Draw(stamp).text((2 - left, 2 - top), words, fill=255, font=font)
        stamp = stamp.rotate(90 * turned, expand=True)
        at = (round(x * _FINE - stamp.width / 2), round(y * _FINE - stamp.height / 2))
        self._image.paste(Pillow.new("RGB", stamp.size, ink), at, stamp)

    def lines(
        self, rows: Sequence[float], x0: float, y0: float, pitch: float, width: float, ink: Ink
    ) -> None:
        """Rows of text too small to read: broken bars, `rows` their shares of the width."""
        rng = np.random.Generator(np.random.PCG64(len(rows) * 7919 + int(x0 * 31 + y0)))
        for i, share in enumerate(rows):
            x, end = x0, x0 + width * share
            while x < end:
                word = min(float(rng.uniform(0.8, 3.2)) * pitch, end - x)
                self.box(x, y0 + i * pitch, x + word, y0 + (i + 0.4) * pitch, ink)
                x += word + 0.45 * pitch

    def barcode(self, x: float, y: float, width: float, height: float, seed: int) -> None:
        """Black bars on a white plate."""
        rng = np.random.Generator(np.random.PCG64(seed))
        self.box(x, y, x + width, y + height, (255, 255, 255))
        at, unit = x + 0.06 * width, width / 95
        while at < x + 0.94 * width:
            bar = float(rng.integers(1, 4)) * unit
            self.box(at, y + 0.08 * height, at + bar, y + 0.85 * height, (12, 12, 14))
            at += bar + float(rng.integers(1, 4)) * unit

    def blend(self, share: NDArray[np.float64], ink: Ink) -> None:
        """Mix an ink in: float64[height, width] of the finished picture, 1 is all ink."""
        fine = np.repeat(np.repeat(share, _FINE, axis=0), _FINE, axis=1)[..., None]
        from PIL import Image as Pillow
        from PIL import ImageDraw

        mixed = np.asarray(self._image, np.float64) * (1 - fine) + np.array(ink) * fine
        self._image = Pillow.fromarray(np.asarray(mixed + 0.5, np.uint8))
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image:
        """uint8[height, width, 3]; means of 2 x 2."""
        return np.asarray(self._image.reduce(_FINE), np.uint8)
