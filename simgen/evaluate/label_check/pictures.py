"""Scores of a whole picture: its mapping of colours, and what was invented."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.label_check.gradients import Gradients

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def mapped_colours(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """L*a*b* of both pictures, the first one after the mapping that fits the picture best.

    The mapping is quadratic in the three channels and fitted robustly, so that it follows tone
    curves and tints and not one object that was painted anew.
    """
    import cv2

    one, two = (
        cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in (before, after)
    )
    step = max(1, int(np.sqrt(one.shape[0] * one.shape[1] / 4096)))
    x, y = _terms(one[::step, ::step].reshape(-1, 3)), two[::step, ::step].reshape(-1, 3)
    weight = np.ones(len(x))
    for _ in range(4):  # iteratively reweighted least squares with Cauchy weights
        root = np.sqrt(weight)[:, None]
        ridge = 1e-3 * np.eye(x.shape[1])
        matrix = np.linalg.solve((x * root).T @ (x * root) + ridge, (x * root).T @ (y * root))
        error = np.linalg.norm(y - x @ matrix, axis=1)
        weight = 1 / (1 + (error / max(float(np.median(error)), 0.5)) ** 2)
    return np.asarray((_terms(one.reshape(-1, 3)) @ matrix).reshape(one.shape), np.float32), two


def _terms(lab: Floats) -> NDArray[np.float64]:
    c = lab.astype(np.float64) / 50
    squares = [c[:, i : i + 1] * c[:, j : j + 1] for i in range(3) for j in range(i, 3)]
    return np.concatenate([np.ones((len(c), 1)), c, *squares], axis=1)


def invented(g: Gradients, background: Bools, size: float) -> float:
    """The strongest new structure in the background over that of a typical instance.

    Args:
        g: gradients of both pictures.
        background: bool[H, W]: neither an instance nor close to one.
        size: of a typical instance, pixels: what is looked for.
    """
    import cv2

    before, after = g.energies()
    around = cv2.dilate(before, np.ones((5, 5), np.float32))
    gain = g.gain**2
    if background.any():
        # A tone curve may be steeper where the background lies than where the objects do.
        ratio = after[background] / (around[background] + g.noise)
        gain = max(gain, float(np.quantile(ratio, 0.9)))
    fresh = np.maximum(after - 2 * gain * around - 6 * g.noise, 0) * background
    side = int(np.clip(size, 6, 96)) | 1
    found = cv2.boxFilter(fresh, -1, (side, side), borderType=cv2.BORDER_CONSTANT)
    there = cv2.boxFilter(after, -1, (side, side), borderType=cv2.BORDER_CONSTANT)
    objects = there[~background]
    usual = float(np.quantile(objects, 0.5)) if objects.size else float(there.mean())
    return float(found.max() / max(usual, 4 * g.noise, 1e-5))
