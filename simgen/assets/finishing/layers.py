"""Dust, dirt, scratches and fingerprints as layers over an object's charts.

All lengths are metres of surface, so that a large object has more of everything, not larger.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.finishing.charts import Chart, Charts
from simgen.assets.finishing.coats import Layer
from simgen.assets.finishing.grain import Grain, ramp

Floats = NDArray[np.float32]
Rng = np.random.Generator
_SUBPIXEL = 4  # bits of cv2's fixed-point coordinates


def dust(charts: Charts, params: dict[str, Any], up: Floats, rng: Rng) -> Layer:
    """What falls: on faces that look up in the world, thicker in corners, with some fluff.

    Args:
        params: `amount`, `color`.
        up: float32[3], the world's up in the object's frame.
    """
    amount = float(params["amount"])
    grain = Grain(charts, rng)
    lying = ramp(charts.normal @ up, 0.05, 0.75)
    film = 0.4 + 0.45 * grain.clouds(0.022) + 0.35 * (1 - charts.open)
    fluff = ramp(grain.clouds(0.0024, 2), 0.93, 1.0)
    share = np.clip(amount * lying * (film + 0.35 * fluff), 0, 0.95).astype(np.float32)
    return Layer(_color(params), share * np.float32(0.9), 0.95, share, share)


def dirt(charts: Charts, params: dict[str, Any], up: Floats, rng: Rng) -> Layer:
    """Grime in patches and stains, first where a cloth does not reach.

    Args:
        params: `amount`, `color`.
    """
    amount = float(params["amount"])
    grain = Grain(charts, rng)
    patches = 0.55 * grain.clouds(0.06, 5) + 0.2 * grain.clouds(0.01, 4)
    where = patches + 0.55 * (1 - charts.open)
    start = 0.86 - 0.75 * amount
    share = ramp(np.asarray(where, np.float32), start, start + 0.28)
    share *= 0.55 + 0.4 * grain.clouds(0.004, 3)
    share = np.asarray(share * min(1.0, 3 * amount), np.float32)
    tone = 0.6 + 0.8 * grain.clouds(0.03, 3)[..., None]
    return Layer(_color(params) * tone, share * np.float32(0.85), 0.88, share, share)


def scratches(charts: Charts, params: dict[str, Any], up: Floats, rng: Rng) -> Layer:
    """Fine bent lines, some alone, some in bundles of one direction; brighter and dull.

    Args:
        params: `amount`, `color`.
    """
    amount = float(params["amount"])
    share = np.zeros(charts.shape, np.float32)
    for chart in charts.charts:
        drawn = np.zeros((chart.height, chart.width), np.uint8)
        area = chart.width * chart.height * chart.texel_m**2
        for _ in range(round(amount * (14 + 900 * area))):
            _bundle(drawn, chart.texel_m, rng)
        share[chart.window] = drawn / np.float32(255)
    share *= 0.45 + 0.55 * amount
    return Layer(_color(params), share * np.float32(0.4), 0.6, share * np.float32(0.9))


def _bundle(drawn: NDArray[np.uint8], texel: float, rng: Rng) -> None:
    """Some scratches that start close by and run alike."""
    import cv2

    height, width = drawn.shape
    x, y, turn = rng.random() * width, rng.random() * height, rng.random() * math.pi
    for _ in range(1 + int(rng.random() ** 3 * 9)):
        length = 0.004 * math.exp(rng.random() * 2.6) / texel
        angle = turn + rng.normal() * 0.12
        bend = rng.normal() * 0.25
        steps = np.linspace(-0.5, 0.5, 9)
        run = angle + bend * steps
        line = np.stack([np.cumsum(np.cos(run)), np.cumsum(np.sin(run))], axis=1) * length / 9
        line += np.array([x, y]) + rng.normal(size=2) * 0.004 / texel
        tone = int(70 + 185 * rng.random() ** 2)
        points = np.rint(line * 2**_SUBPIXEL).astype(np.int32)
        cv2.polylines(drawn, [points], False, tone, 1, cv2.LINE_AA, _SUBPIXEL)


def fingerprints(charts: Charts, params: dict[str, Any], up: Floats, rng: Rng) -> Layer:
    """Greasy prints, in groups as a hand leaves them; they show where a surface is glossy.

    Args:
        params: `count`.
    """
    share = np.zeros(charts.shape, np.float32)
    left = int(params["count"])
    while left > 0:
        group = min(left, 1 + int(rng.random() * 4))
        left -= group
        found = somewhere(charts, rng)
        if found is None:
            break
        chart, x, y = found
        turn = rng.random() * 2 * math.pi
        for finger in range(group):
            along = (finger - group / 2) * 0.019 / chart.texel_m
            at = (x + along * math.cos(turn), y + along * math.sin(turn))
            window, right, down = chart.around(at, 0.012)
            _print(share[window], (right, down), turn + math.pi / 2, rng)
    return Layer(
        np.array([0.5, 0.48, 0.44], np.float32),
        share * np.float32(0.12),
        0.5,
        share * np.float32(0.85),
    )


def _print(share: Floats, offset_m: tuple[Floats, Floats], turn: float, rng: Rng) -> None:
    x, y = offset_m
    c, s = math.cos(turn), math.sin(turn)
    along, across = (x * c + y * s) / 0.0105, (y * c - x * s) / 0.0075
    inside = 1 - ramp(along**2 + across**2, 0.55, 1.0)
    # Ridges: rings about a point below the middle, half a millimetre apart.
    ridge = np.hypot(along * 0.0105 + 0.003, across * 0.0075 * (1 + 0.3 * along))
    lines = 0.5 + 0.5 * np.sin(ridge * (2 * math.pi / 0.0006) + 3 * rng.random())
    smear = 0.55 + 0.45 * rng.random()
    np.maximum(share, inside * (0.45 + 0.55 * lines) * smear, out=share)


def somewhere(charts: Charts, rng: Rng) -> tuple[Chart, float, float] | None:
    """A random solid texel: its side, and column and row inside it; None if there is none."""
    solid = np.flatnonzero(charts.solid & (charts.side >= 0))
    if solid.size == 0:
        return None
    row, column = divmod(int(solid[int(rng.random() * solid.size)]), charts.shape[1])
    chart = charts.charts[int(charts.side[row, column])]
    return chart, column - chart.x + rng.random(), row - chart.y + rng.random()


def _color(params: dict[str, Any]) -> Floats:
    return np.array(params["color"], np.float32)


LAYERS: dict[str, Callable[[Charts, dict[str, Any], Floats, Rng], Layer]] = {
    "dust": dust,
    "dirt": dirt,
    "scratches": scratches,
    "fingerprints": fingerprints,
}
