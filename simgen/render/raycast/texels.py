"""Textures of a world as one array of texels with mip levels, sampled for all points at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image
from simgen.records.colour import SRGB_TO_LINEAR, linear_to_srgb

Floats = NDArray[np.float32]
NONE = -1


def mip_levels(image: Image, linear: bool = False) -> list[Image]:
    """The image and its halvings down to one pixel, averaged in linear light if it has colour.

    Args:
        linear: its channels are numbers, not colours.
    """
    import cv2

    color = image.ndim == 3 and not linear
    exact = SRGB_TO_LINEAR[image] if color else image.astype(np.float32)
    levels = [image]
    while max(levels[-1].shape[:2]) > 1:
        height, width = (max(1, n // 2) for n in levels[-1].shape[:2])
        exact = cv2.resize(exact, (width, height), interpolation=cv2.INTER_AREA)
        shown = 255 * linear_to_srgb(exact) if color else exact
        levels.append(np.asarray(np.rint(shown), np.uint8))
    return levels


@dataclass(frozen=True)
class TexelAtlas:
    """Mip chains of many images, end to end.

    Args:
        texels: uint8[T, channels].
        first, levels: int64[I], row of each image's first level, and its number of levels.
        start, width, height: int64[L] of every level.
    """

    texels: NDArray[np.uint8]
    first: NDArray[np.int64]
    levels: NDArray[np.int64]
    start: NDArray[np.int64]
    width: NDArray[np.int64]
    height: NDArray[np.int64]

    def sample(self, image: NDArray[np.int64], uv: Floats, lod: Floats, srgb: bool) -> Floats:
        """Bilinear samples, repeating.

        Args:
            image: int64[N], image index of each point.
            uv: float32[N, 2], v up.
            lod: float32[N], mip level wanted; rounded and clipped.
            srgb: decode to linear light.

        Returns:
            float32[N, channels] in [0, 1].
        """
        level = np.clip(np.rint(lod), 0, self.levels[image] - 1).astype(np.int64)
        row = self.first[image] + level
        width, height, start = self.width[row], self.height[row], self.start[row]
        uv = uv - np.floor(uv)
        x = uv[:, 0] * width - 0.5
        y = (1 - uv[:, 1]) * height - 0.5
        x0, y0 = np.floor(x), np.floor(y)
        fx, fy = (x - x0).astype(np.float32)[:, None], (y - y0).astype(np.float32)[:, None]
        x0i, y0i = x0.astype(np.int64) % width, y0.astype(np.int64) % height
        x1i, y1i = (x0i + 1) % width, (y0i + 1) % height
        top, bottom = start + y0i * width, start + y1i * width
        table = SRGB_TO_LINEAR if srgb else np.linspace(0, 1, 256, dtype=np.float32)
        # numpy's take is several times faster than fancy indexing on rows
        a, b = table[self.texels.take(top + x0i, 0)], table[self.texels.take(top + x1i, 0)]
        c, d = table[self.texels.take(bottom + x0i, 0)], table[self.texels.take(bottom + x1i, 0)]
        upper = a + (b - a) * fx
        lower = c + (d - c) * fx
        out: Floats = upper + (lower - upper) * fy
        return out


class AtlasBuilder:
    """Collects images; the same array is stored once.

    Args:
        linear: three channels are numbers, not colours.
    """

    def __init__(self, channels: int, linear: bool = False) -> None:
        self.channels, self.linear = channels, linear
        self._index: dict[int, int] = {}
        self._images: list[Image] = []  # kept alive, so that their ids stay unique

    def add(self, image: Image | None) -> int:
        """Index of an image; -1 for None."""
        if image is None:
            return NONE
        if id(image) not in self._index:
            self._index[id(image)] = len(self._images)
            self._images.append(image)
        return self._index[id(image)]

    def build(self, chains: dict[int, list[Image]]) -> TexelAtlas:
        """The atlas; `chains` caches mip chains by array id between worlds."""
        texels: list[NDArray[np.uint8]] = []
        first: list[int] = []
        counts: list[int] = []
        start: list[int] = []
        width: list[int] = []
        height: list[int] = []
        position = 0
        for image in self._images:
            levels = chains.get(id(image)) or mip_levels(image, self.linear)
            chains[id(image)] = levels
            first.append(len(start))
            counts.append(len(levels))
            for level in levels:
                h, w = level.shape[:2]
                start.append(position)
                width.append(w)
                height.append(h)
                position += h * w
                texels.append(level.reshape(h * w, self.channels))
        joined = np.concatenate(texels) if texels else np.zeros((1, self.channels), np.uint8)
        return TexelAtlas(
            joined, *(np.asarray(x, np.int64) for x in (first, counts, start, width, height))
        )
