"""Regions: pixels of an instance as a small window; operators touch no more than they must."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.masks import Mask, Rle, decode, encode_window

Matrix = NDArray[np.float64]
Rect = tuple[int, int, int, int]  # x, y, width, height, pixels


@dataclass(frozen=True)
class Region:
    """Pixels of a picture.

    Args:
        x, y: column and row of the window's first pixel.
        patch: bool[h, w]; the window may be larger than what is set in it.
    """

    x: int
    y: int
    patch: Mask

    @staticmethod
    def of_mask(mask: Mask) -> Region:
        """The tight window of bool[H, W]."""
        return Region(0, 0, mask).tight()

    @staticmethod
    def of_ids(ids: NDArray[np.int32], instance: int, box: Rect) -> Region:
        """Pixels of an instance in a map, which lie in a box; quicker than decoding its mask."""
        x, y, w, h = box
        return Region(x, y, ids[y : y + h, x : x + w] == instance)

    @staticmethod
    def of_rle(rle: Rle) -> Region:
        """The tight window of a mask."""
        return Region.of_mask(decode(rle))

    @staticmethod
    def of_box(box: tuple[float, float, float, float], size: tuple[int, int]) -> Region:
        """All whole pixels that a box touches, inside a picture of width and height `size`."""
        x, y, w, h = box
        left, top = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
        right, low = min(size[0], int(np.ceil(x + w))), min(size[1], int(np.ceil(y + h)))
        return Region(left, top, np.ones((max(0, low - top), max(0, right - left)), bool))

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.patch))

    @property
    def rect(self) -> Rect:
        """The window."""
        return self.x, self.y, self.patch.shape[1], self.patch.shape[0]

    def tight(self) -> Region:
        """The same pixels in the smallest window."""
        columns = np.flatnonzero(self.patch.any(axis=0))
        if not columns.size:
            return Region(self.x, self.y, np.zeros((0, 0), bool))
        rows = np.flatnonzero(self.patch.any(axis=1))
        part = self.patch[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return Region(self.x + int(columns[0]), self.y + int(rows[0]), part)

    @property
    def is_full(self) -> bool:
        """Whether every pixel of the window is set."""
        return bool(self.patch.all())

    def inside(self, rect: Rect) -> Region:
        """What of it lies in a rectangle."""
        here = overlap(self.rect, rect)
        return Region(here[0], here[1], self._window(here)).tight()

    def minus(self, other: Region) -> Region:
        """What of it is not in the other one."""
        if not meet(self.rect, other.rect):
            return self
        here = overlap(self.rect, other.rect)
        patch = self.patch.copy()
        rows, columns = _slices(here, self.x, self.y)
        patch[rows, columns] &= ~other._window(here)
        return Region(self.x, self.y, patch).tight()

    def within(self, other: Region) -> Region:
        """What of it is in the other one, too."""
        return self.minus(self.minus(other))

    def plus(self, other: Region) -> Region:
        """Pixels of either."""
        if not other.patch.size or not self.patch.size:
            return self if self.patch.size else other
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.patch.shape[1], other.x + other.patch.shape[1])
        low = max(self.y + self.patch.shape[0], other.y + other.patch.shape[0])
        patch = np.zeros((low - y, right - x), bool)
        for one in (self, other):
            rows, columns = _slices(one.rect, x, y)
            patch[rows, columns] |= one.patch
        return Region(x, y, patch)

    def common_px(self, other: Region) -> int:
        """Number of pixels in both."""
        if not meet(self.rect, other.rect):
            return 0
        here = overlap(self.rect, other.rect)
        return int(np.count_nonzero(self._window(here) & other._window(here)))

    def holds(self, x: float, y: float) -> bool:
        """Whether the pixel under a point is set."""
        column, row = int(np.floor(x)) - self.x, int(np.floor(y)) - self.y
        height, width = self.patch.shape
        return 0 <= column < width and 0 <= row < height and bool(self.patch[row, column])

    def at(self) -> tuple[slice, slice]:
        """Rows and columns of the window, to index a picture with."""
        return _slices(self.rect, 0, 0)

    def moved(self, dx: int, dy: int) -> Region:
        """The same pixels elsewhere."""
        return Region(self.x + dx, self.y + dy, self.patch)

    def warped(self, matrix: Matrix, rect: Rect) -> Region:
        """Where a projective map puts it, inside a rectangle; nearest pixels.

        Args:
            matrix: float64[3, 3], maps continuous coordinates (pixel centres at +0.5).
        """
        window = overlap(bounds_of(self.rect, matrix), rect)
        if not self.patch.size or not window[2] or not window[3]:
            return Region(rect[0], rect[1], np.zeros((0, 0), bool))
        shifted = moved(-window[0], -window[1]) @ matrix @ moved(self.x, self.y)
        found = warped_pixels(self.patch.astype(np.uint8), shifted, window[2:], nearest=True)
        return Region(window[0], window[1], found.astype(bool)).tight()

    def mask(self, size: tuple[int, int]) -> Mask:
        """bool[H, W] in a picture of width and height `size`."""
        out = np.zeros((size[1], size[0]), bool)
        out[self.at()] = self.patch
        return out

    def rle(self, size: tuple[int, int]) -> Rle:
        """COCO's RLE in a picture of width and height `size`."""
        return encode_window(self.patch, self.x, self.y, size)

    def _window(self, rect: Rect) -> Mask:
        rows, columns = _slices(rect, self.x, self.y)
        return self.patch[rows, columns]


def moved(dx: float, dy: float) -> Matrix:
    """A shift as float64[3, 3]."""
    return np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])


def meet(one: Rect, other: Rect) -> bool:
    """Whether two rectangles have pixels in common."""
    _, _, width, height = overlap(one, other)
    return width > 0 and height > 0


def overlap(one: Rect, other: Rect) -> Rect:
    """Rectangle of what two have in common; its width or height is 0 where they have nothing."""
    x, y = max(one[0], other[0]), max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    low = min(one[1] + one[3], other[1] + other[3])
    return x, y, max(0, right - x), max(0, low - y)


def through(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points float64[N, 2] through a projective map."""
    full = np.c_[points, np.ones(len(points))] @ matrix.T
    return np.asarray(full[:, :2] / full[:, 2:])


def bounds_of(rect: tuple[float, float, float, float], matrix: Matrix) -> Rect:
    """Whole pixels about where a projective map puts a rectangle."""
    x, y, w, h = rect
    (a, b, c), (d, e, f), (g, i, j) = matrix.tolist()
    us, vs = [], []
    for u, v in ((x, y), (x + w, y), (x, y + h), (x + w, y + h)):
        depth = g * u + i * v + j
        us.append((a * u + b * v + c) / depth)
        vs.append((d * u + e * v + f) / depth)
    left, top = math.floor(min(us)), math.floor(min(vs))
    return left, top, math.ceil(max(us)) - left, math.ceil(max(vs)) - top


def warped_pixels(
    pixels: NDArray[np.generic], matrix: Matrix, size: tuple[int, int], *, nearest: bool = False
) -> NDArray[np.generic]:
    """An image through a projective map; what comes from outside is 0.

    Args:
        pixels: uint8, int32 or float32 [H, W] or [H, W, C].
        matrix: float64[3, 3] of continuous coordinates (pixel centres at +0.5).
        size: width and height of the result.
        nearest: no mixing of pixels: for ids and depth.
    """
    import cv2

    # OpenCV counts from pixel centres.
    centred = moved(-0.5, -0.5) @ matrix @ moved(0.5, 0.5)
    how = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    kind = pixels.dtype
    # OpenCV does not warp int32, but float32 holds ids up to 2^24 exactly.
    source = pixels.astype(np.float32) if kind == np.int32 else pixels
    if is_affine(matrix):
        out = cv2.warpAffine(source, centred[:2], size, flags=how)
    else:
        out = cv2.warpPerspective(source, centred, size, flags=how)
    return np.asarray(out, kind)


def is_affine(matrix: Matrix) -> bool:
    """Whether a projective map keeps parallels."""
    a, b, c = matrix[2].tolist()
    return bool(abs(a) < 1e-12 and abs(b) < 1e-12 and abs(c - 1) < 1e-12)


def scale_of(matrix: Matrix) -> float:
    """Factor on lengths at the origin, of mirroring maps too, whose determinant is negative."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))


def _slices(rect: Rect, x: int, y: int) -> tuple[slice, slice]:
    left, top, width, height = rect
    return slice(top - y, top - y + height), slice(left - x, left - x + width)
