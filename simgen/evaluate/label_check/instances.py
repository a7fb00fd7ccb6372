"""Scores of one instance: outline, place, parts, inside, colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.label_check.gradients import Gradients, agreement

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
_SECTORS = 8
_BETTER = 0.08  # by which another place must agree better to count as a move


@dataclass(frozen=True)
class Region:
    """Where an instance is.

    Args:
        mask: bool[h, w], cut to the window.
        window: rows and columns of the picture, with a margin around the instance.
        size: square root of the area, pixels.
        outline: float32[h, w]: weight of pixels along the outline and the depth edges.
    """

    mask: Bools
    window: tuple[slice, slice]
    size: float
    outline: Floats


def region_of(mask: Bools, depth_m: Floats | None) -> Region | None:
    """The region of bool[H, W]; None when the mask is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    size = float(np.sqrt(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].sum()))
    margin = int(max(8, 0.3 * size))
    window = (
        slice(max(rows[0] - margin, 0), rows[-1] + 1 + margin),
        slice(max(columns[0] - margin, 0), columns[-1] + 1 + margin),
    )
    part = mask[window]
    outline = _outline(part, size)
    if depth_m is not None:
        outline = np.maximum(outline, _depth_edges(depth_m[window], part))
    return Region(part, window, size, outline)


def _outline(mask: Bools, size: float) -> Floats:
    import cv2

    reach = int(np.clip(0.06 * size, 2, 5))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    plain = mask.astype(np.uint8)
    wide = cv2.dilate(plain, kernel)
    narrow = cv2.erode(plain, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    return np.asarray(wide & ~narrow & 1, np.float32)


def _depth_edges(depth_m: Floats, mask: Bools) -> Floats:
    """Steps of more than 3 % of the depth inside the mask: creases and self-occlusion."""
    import cv2

    seen = depth_m > 0
    high, low = cv2.dilate(depth_m, np.ones((3, 3))), cv2.erode(depth_m, np.ones((3, 3)))
    return np.asarray(((high - low) > 0.03 * depth_m) & seen & mask, np.float32)


def edges(g: Gradients, region: Region) -> float:
    """How little the outline agrees, 0 to 1."""
    found, trust = agreement(g, region.outline, region.window)
    return trust * (1 - max(found, 0.0))


def faded(g: Gradients, region: Region) -> float:
    """How much contrast the outline lost beyond what the whole picture lost, 0 to 1."""
    a, b = (one[:, region.window[0], region.window[1]] for one in (g.before, g.after))
    own = float((region.outline * a**2).sum())
    left = float((region.outline * a * b).sum()) / max(own * g.gain, 1e-9)
    _, trust = agreement(g, region.outline, region.window)
    return trust * float(np.clip(1 - left, 0, 1))


def drowned(g: Gradients, region: Region) -> float:
    """How much of the outline is no longer above the noise, though it was, 0 to 1.

    The other scores trust a picture as far as its noise allows; this one says where that ends.
    """
    own = float((region.outline * (g.before[:, region.window[0], region.window[1]] ** 2)).sum())
    area = float(region.outline.sum())
    first = own / max(own + g.own_noise * area, 1e-9)
    left = own * g.gain**2 / max(own * g.gain**2 + g.noise * area, 1e-9)
    return float(np.clip((first - left) / max(first, 1e-9), 0, 1))


def worst_part(g: Gradients, region: Region) -> float:
    """How little the worst eighth of the outline agrees, 0 to 1."""
    height, width = region.mask.shape
    y, x = np.nonzero(region.mask)
    down, right = np.arange(height) - y.mean(), np.arange(width) - x.mean()
    angle = np.arctan2(down[:, None], right[None])
    sector = np.floor((angle + np.pi) / (2 * np.pi) * _SECTORS)
    energy = (g.before[:, region.window[0], region.window[1]] ** 2).sum(axis=0) * region.outline
    worst, total = 0.0, float(energy.sum())
    for number in range(_SECTORS):
        weight = region.outline * ((sector % _SECTORS) == number)
        if float((energy * weight).sum()) < 0.4 * total / _SECTORS:
            continue  # hardly any edge to lose
        found, trust = agreement(g, np.asarray(weight, np.float32), region.window)
        worst = max(worst, trust * (1 - max(found, 0.0)))
    return worst


def moved(g: Gradients, region: Region) -> float:
    """How far the instance has gone, as part of its size; 0 where it agrees best in its place."""
    import cv2

    reach = int(np.clip(0.3 * region.size, 4, 24))
    a = g.before[:, region.window[0], region.window[1]]
    weight = np.maximum(region.outline, region.mask).astype(np.float32)
    b = [_framed(g.after[axis], region.window, reach) for axis in (0, 1)]
    cross = sum(cv2.matchTemplate(b[i], weight * a[i], cv2.TM_CCORR) for i in (0, 1))
    there = cv2.matchTemplate(b[0] ** 2 + b[1] ** 2, weight, cv2.TM_CCORR)
    own = float((weight * a**2).sum())
    score = cross / np.sqrt(np.maximum(there * own, 1e-12))
    y, x = np.unravel_index(int(score.argmax()), score.shape)
    _, trust = agreement(g, weight, region.window)
    if score[y, x] - score[reach, reach] < _BETTER or score[y, x] < 0.3:
        return 0.0
    return float(trust * np.hypot(y - reach, x - reach) / max(region.size, 1.0))


def _framed(field: Floats, window: tuple[slice, slice], reach: int) -> Floats:
    """The window of a field and `reach` pixels around, zeros outside of the picture."""
    height, width = field.shape
    top, left = window[0].start - reach, window[1].start - reach
    bottom = min(window[0].stop, height) + reach
    right = min(window[1].stop, width) + reach
    inner = field[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    pads = (
        (max(-top, 0), max(bottom - height, 0)),
        (max(-left, 0), max(right - width, 0)),
    )
    return np.ascontiguousarray(np.pad(inner, pads))


def inside(g: Gradients, region: Region) -> float:
    """How little of what is drawn inside the outline is left, 0 to 1."""
    weight = np.asarray(region.mask & (region.outline == 0), np.float32)
    if weight.sum() < 16:
        return 0.0
    found, trust = agreement(g, weight, region.window)
    return trust * (1 - max(found, 0.0))


def colour(before: Floats, after: Floats, region: Region) -> float:
    """Distance in L*a*b*, over 100, between the mean colour and where the picture's own mapping
    of colours puts it.

    Args:
        before: float32[H, W, 3], L*a*b* of the first picture, already mapped.
        after: float32[H, W, 3], L*a*b* of the second one.
    """
    one, two = (picture[region.window][region.mask].mean(axis=0) for picture in (before, after))
    return float(np.linalg.norm(one - two) / 100)
