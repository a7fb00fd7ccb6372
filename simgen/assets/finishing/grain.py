"""Noise in space: pictures of noise projected along the axes and blended by the normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.assets.finishing.charts import Charts
from simgen.assets.pattern_noise import octaves

Floats = NDArray[np.float32]
_SIZE, _CELLS = 512, 12
_FAINT = 0.004  # a direction of less weight than half an 8-bit step is left out


class Grain:
    """Noise of one layer, a function of place, so that it runs on from side to side.

    Args:
        rng: of the layer.
    """

    def __init__(self, charts: Charts, rng: np.random.Generator) -> None:
        self._charts, self._rng = charts, rng
        # Planes instead of vectors: numpy and OpenCV are several times faster on them.
        self._place = [np.ascontiguousarray(charts.place_m[..., i]) for i in range(3)]
        squares = [charts.normal[..., i] ** 2 for i in range(3)]
        weight = [square * square for square in squares]
        total = np.maximum(weight[0] + weight[1] + weight[2], np.float32(1e-6))
        self._weight = [w / total for w in weight]

    def clouds(self, coarsest_m: float, octave_count: int = 4) -> Floats:
        """float32[H, W], spread over 0 .. 1 about evenly; it repeats after twelve clouds.

        Args:
            coarsest_m: size of the largest clouds; each octave halves it.
        """
        import cv2

        tile = octaves(_SIZE, self._rng, _CELLS, octave_count)
        low, high = np.percentile(tile[::4, ::4], [2, 98])
        tile = np.clip((tile - low) / max(high - low, 1e-9), 0, 1).astype(np.float32)
        per_metre = np.float32(_SIZE / (_CELLS * coarsest_m))
        # One picture, looked at in three places, is three pictures.
        shift = (self._rng.random((3, 2)) * _SIZE).astype(np.float32)
        out = np.zeros(self._charts.shape, np.float32)
        for chart in self._charts.charts:
            at = chart.window
            for axis, (u, v) in enumerate(((1, 2), (2, 0), (0, 1))):
                weight = self._weight[axis][at]
                if float(weight.max(initial=0)) < _FAINT:
                    continue
                x = self._place[u][at] * per_metre + shift[axis, 0]
                y = self._place[v][at] * per_metre + shift[axis, 1]
                found = cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
                found *= weight
                out[at] += found
        return out


def ramp(values: Floats, start: float, end: float) -> Floats:
    """Smooth step from 0 at `start` to 1 at `end`."""
    t = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
