"""Coat: a picture of what lies on a surface, built up layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.assets.finishing.charts import Charts
from simgen.records.asset import Wear
from simgen.records.colour import linear_to_srgb

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """One layer over the charts; shares in [0, 1].

    Args:
        color: float32[H, W, 3] or [3], linear.
        color_share: float32[H, W], of the colour.
        roughness: float.
        gloss_share: float32[H, W], of the roughness.
        metal_share: float32[H, W], how much of a metal it hides; None: nothing.
    """

    color: Floats
    color_share: Floats
    roughness: float
    gloss_share: Floats
    metal_share: Floats | None = None


class Coat:
    """Layers one over the other (Porter and Duff 1984, `over`)."""

    def __init__(self, charts: Charts) -> None:
        self._charts = charts
        self._color = np.zeros((*charts.shape, 3), np.float32)
        self._color_share = np.zeros(charts.shape, np.float32)
        self._rough = np.zeros(charts.shape, np.float32)
        self._gloss_share = np.zeros(charts.shape, np.float32)
        self._metal_share = np.zeros(charts.shape, np.float32)

    def lay(self, layer: Layer) -> None:
        """Put a layer on top."""
        share = layer.color_share[..., None]
        self._color += (layer.color - self._color) * share
        self._color_share += (1 - self._color_share) * layer.color_share
        self._rough += (np.float32(layer.roughness) - self._rough) * layer.gloss_share
        self._gloss_share += (1 - self._gloss_share) * layer.gloss_share
        if layer.metal_share is not None:
            self._metal_share += (1 - self._metal_share) * layer.metal_share

    def wear(self) -> Wear:
        """The layers as one."""
        # The sums are premultiplied by their own shares.
        color = self._color / np.maximum(self._color_share, 1e-4)[..., None]
        rough = self._rough / np.maximum(self._gloss_share, 1e-4)
        cover = np.stack([self._color_share, self._gloss_share, self._metal_share], axis=-1)
        return Wear(_bytes(linear_to_srgb(color)), _bytes(cover), _bytes(rough), self._charts.uv)


def _bytes(values: Floats) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), np.uint8)
