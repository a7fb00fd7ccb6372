"""Outlines of suits and letters, our own, so that no font is needed and pixels are ours."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Points on an ellipse, degrees clockwise from +x as y grows downwards."""
    t = np.radians(np.linspace(start, end, max(3, int(abs(end - start) / 6))))
    return np.stack([cx + rx * np.cos(t), cy + ry * np.sin(t)], axis=1)


def suit_outlines(suit: str) -> list[Points]:
    """Polygons whose union is the suit, in [-1, 1] with y downwards."""
    if suit == "hearts":
        return [_heart()]
    if suit == "diamonds":
        t = np.linspace(0, 2 * math.pi, 81)[:-1]
        c, s = np.cos(t), np.sin(t)
        return [np.stack([0.78 * np.sign(c) * np.abs(c) ** 2.25, np.sign(s) * s**2], axis=1)]
    if suit == "spades":
        body = _heart() * [0.94, -0.80] + [0, -0.2]
        return [body, _stem(0.1)]
    if suit == "clubs":
        lobes = [(0.0, -0.52, 0.45), (-0.5, 0.16, 0.45), (0.5, 0.16, 0.45), (0.0, -0.03, 0.2)]
        return [*(arc(x, y, r, r, 0, 360) for x, y, r in lobes), _stem(-0.2)]
    raise ValueError(f"there is no suit {suit!r}")


def _heart() -> Points:
    t = np.linspace(0, 2 * math.pi, 121)[:-1]
    x = np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16
    y = (y - y.min()) / (y.max() - y.min()) * 2 - 1
    return np.stack([0.98 * x, y], axis=1)


def _stem(top: float) -> Points:
    t = np.linspace(0, 1, 12)
    right = np.stack([0.07 + 0.38 * t**3.2, top + (1.0 - top) * t], axis=1)
    return np.concatenate([right, (right * [-1, 1])[::-1]])


# Strokes in a box of width 1 and height 1, y downwards.
GLYPHS: dict[str, list[Points]] = {
    "A": [np.array([[0.0, 1], [0.5, 0], [1, 1]]), np.array([[0.2, 0.66], [0.8, 0.66]])],
    "K": [
        np.array([[0.05, 0.0], [0.05, 1]]),
        np.array([[0.95, 0.0], [0.05, 0.62]]),
        np.array([[0.36, 0.42], [1.0, 1]]),
    ],
    "Q": [arc(0.5, 0.5, 0.48, 0.5, 0, 360), np.array([[0.55, 0.68], [1.0, 1.06]])],
    "J": [
        np.concatenate([[[0.78, 0.0]], arc(0.42, 0.66, 0.36, 0.34, 0, 165)]),
        np.array([[0.45, 0.0], [1.0, 0.0]]),
    ],
    "1": [np.array([[0.15, 0.24], [0.55, 0.0], [0.55, 1.0]])],
    "2": [np.concatenate([arc(0.5, 0.3, 0.44, 0.3, 190, 390), [[0.04, 1.0], [0.98, 1.0]]])],
    "3": [
        np.concatenate(
            [arc(0.47, 0.26, 0.40, 0.26, 205, 440), arc(0.46, 0.72, 0.46, 0.28, 290, 515)]
        )
    ],
    "4": [np.array([[0.74, 1.0], [0.74, 0.0], [0.02, 0.70], [1.02, 0.70]])],
    "5": [
        np.concatenate(
            [[[0.88, 0.0], [0.16, 0.0], [0.10, 0.46]], arc(0.48, 0.67, 0.45, 0.33, 228, 510)]
        )
    ],
    "6": [
        arc(0.5, 0.68, 0.45, 0.32, 0, 360),
        np.concatenate([[[0.80, 0.02]], arc(0.92, 0.66, 0.87, 0.62, 245, 180)]),
    ],
    "7": [np.array([[0.02, 0.0], [0.98, 0.0], [0.36, 1.0]])],
    "8": [arc(0.5, 0.25, 0.38, 0.25, 0, 360), arc(0.5, 0.745, 0.46, 0.255, 0, 360)],
    "9": [
        arc(0.5, 0.32, 0.45, 0.32, 0, 360),
        np.concatenate([[[0.20, 0.98]], arc(0.08, 0.34, 0.87, 0.62, 65, 0)]),
    ],
    "0": [arc(0.5, 0.5, 0.44, 0.5, 0, 360)],
    "O": [arc(0.5, 0.5, 0.48, 0.5, 0, 360)],
    "E": [
        np.array([[0.95, 0.0], [0.1, 0.0], [0.1, 1.0], [0.95, 1.0]]),
        np.array([[0.1, 0.5], [0.8, 0.5]]),
    ],
    "R": [
        np.concatenate(
            [
                [[0.1, 1.0], [0.1, 0.0], [0.5, 0.0]],
                arc(0.55, 0.27, 0.37, 0.27, 270, 450),
                [[0.1, 0.54]],
            ]
        ),
        np.array([[0.5, 0.54], [0.98, 1.0]]),
    ],
}
# Text of the corner indices by rank.
LABELS = {"ace": "A", "jack": "J", "queen": "Q", "king": "K", "joker": "JOKER", "ten": "10"}
LABELS |= {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
LABELS |= {"eight": "8", "nine": "9"}
