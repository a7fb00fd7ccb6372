"""Stickers: printed labels glued onto an object's sides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.box_uv import PLANES
from simgen.assets.finishing.charts import Charts
from simgen.assets.finishing.coats import Layer
from simgen.assets.finishing.layers import somewhere
from simgen.assets.painting.brands import Brand, brand
from simgen.assets.painting.sheet import Sheet
from simgen.records.asset import Image
from simgen.records.colour import SRGB_TO_LINEAR

Floats = NDArray[np.float32]
Rng = np.random.Generator
_ART_PX = 256
_SPOTS = 6  # places tried; the one that shows most of the sticker is taken
_CORNER = 0.12  # radius over half an edge


def sticker(
    charts: Charts, params: dict[str, Any], picture: Image | None, rng: Rng
) -> Layer | None:
    """One sticker at a random place of the object; None if it has no place.

    Args:
        params: `size_m` of its longer edge, `roughness`, `turn_deg` against upright.
        picture: uint8[h, w, 3 or 4], with alpha or without; None: one of our own.
    """
    art, shape = _own_art(rng) if picture is None else (picture, "rectangle")
    long = max(art.shape[:2])
    half = (
        float(params["size_m"]) / 2 * art.shape[1] / long,
        float(params["size_m"]) / 2 * art.shape[0] / long,
    )
    turn = math.radians(float(params["turn_deg"]))
    spots = [_spot(charts, half, turn, shape, rng) for _ in range(_SPOTS)]
    possible = [spot for spot in spots if spot is not None]
    found = max(possible, key=lambda spot: spot.shown, default=None)
    if found is None:
        return None
    color, alpha = _printed(art, found.across, found.down)
    whole = np.zeros(charts.shape, np.float32)
    whole[found.window] = found.share * alpha
    ink = np.zeros((*charts.shape, 3), np.float32)
    ink[found.window] = color
    return Layer(ink, whole, float(params["roughness"]), whole, whole)


@dataclass(frozen=True)
class _Spot:
    """A place for a sticker.

    Args:
        window: rows and columns of the picture about it.
        across, down: float32[h, w], coordinates on the sticker, in [-1, 1] inside.
        share: float32[h, w], of each texel that it covers.
        shown: how much of it is glued to this side and not folded onto the next.
    """

    window: tuple[slice, slice]
    across: Floats
    down: Floats
    share: Floats
    shown: float


def _spot(
    charts: Charts, half: tuple[float, float], turn: float, shape: str, rng: Rng
) -> _Spot | None:
    place = somewhere(charts, rng)
    if place is None:
        return None
    chart, x, y = place
    window, dx, dy = chart.around((x, y), math.hypot(*half))
    across = (dx * math.cos(turn) + dy * math.sin(turn)) / half[0]
    down = (dy * math.cos(turn) - dx * math.sin(turn)) / half[1]
    share = _outline(across, down, shape, chart.texel_m / min(half))
    u, _, v = PLANES[chart.number]
    axis, outward = 3 - u - v, 1.0 if chart.number % 2 else -1.0
    # The same stretch of surface: no deeper or higher, and not turned away.
    depth = charts.place_m[window][..., axis]
    middle = charts.place_m[chart.y + int(y), chart.x + int(x), axis]
    normal = charts.normal[window]
    flat = normal[..., axis] * outward > 0.35
    share *= (np.abs(depth - middle) < max(half)) & flat & charts.solid[window]
    own = np.abs(normal[..., axis]) >= 0.98 * np.abs(normal).max(axis=-1)
    whole = 4 * half[0] * half[1] / chart.texel_m**2
    return _Spot(window, across, down, share, float((share * own).sum()) / whole)


def _outline(across: Floats, down: Floats, shape: str, texel: float) -> Floats:
    """Share of each texel inside the sticker: a disc, or a rectangle with rounded corners."""
    if shape == "disc":
        distance = np.hypot(across, down) - np.float32(1)
    else:
        beyond = (np.maximum(np.abs(v) - (1 - _CORNER), 0) for v in (across, down))
        distance = np.hypot(*beyond) - np.float32(_CORNER)
    return np.asarray(np.clip(0.5 - distance / texel, 0, 1), np.float32)


def _printed(art: Image, across: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Linear colour and alpha of the art at coordinates in [-1, 1]."""
    import cv2

    height, width = art.shape[:2]
    size = max(1, round(2 * max(height, width) / max(across.shape)))  # texels of art per texel
    if size > 1:
        art = np.asarray(
            cv2.resize(art, (max(1, width // size), max(1, height // size)), interpolation=3),
            np.uint8,
        )
        height, width = art.shape[:2]
    x = ((across + 1) / 2 * width - 0.5).astype(np.float32)
    y = ((down + 1) / 2 * height - 0.5).astype(np.float32)
    found = cv2.remap(art, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = found[..., 3] / np.float32(255) if art.shape[2] == 4 else np.float32(1)
    return SRGB_TO_LINEAR[found[..., :3]], np.broadcast_to(alpha, across.shape)


def _own_art(rng: Rng) -> tuple[Image, str]:
    """A label and its outline: price, bar code, address, brand or warning."""
    goods = ["drink", "food", "sauce", "spread"][int(rng.random() * 4)]
    made = brand(rng, goods)
    kind = int(rng.random() * 5)
    drawn = (_price, _bar_code, _address, _seal, _warning)[kind](made, rng)
    return drawn, "disc" if kind == 3 else "rectangle"


def _price(made: Brand, rng: Rng) -> Image:
    w, h = _ART_PX, 150
    sheet = Sheet(w, h, (252, 226, 60) if rng.random() < 0.5 else (250, 248, 242))
    sheet.box(0, 0, w, 34, made.second)
    sheet.text(made.name, w / 2, 17, (0.8 * w, 24), made.light)
    whole, part = int(rng.random() * 30), int(rng.random() * 10)
    sheet.text(f"{whole}.{part}9", w / 2, 92, (0.8 * w, 74), (20, 20, 24))
    return sheet.finished()


def _bar_code(made: Brand, rng: Rng) -> Image:
    w, h = _ART_PX, 160
    sheet = Sheet(w, h, (250, 250, 248))
    sheet.barcode(12, 10, w - 24, 104, int(rng.random() * 2**31))
    digits = " ".join(str(int(rng.random() * 10)) for _ in range(12))
    sheet.text(digits, w / 2, 134, (w - 30, 22), (20, 20, 22))
    return sheet.finished()


def _address(made: Brand, rng: Rng) -> Image:
    w, h = _ART_PX, 168
    sheet = Sheet(w, h, (248, 246, 240))
    sheet.box(0, 0, w, 30, made.ground)
    sheet.text(made.goods, w / 2, 15, (0.7 * w, 20), made.ink)
    sheet.lines([0.7, 0.5, 0.8, 0, 0.6, 0.4], 14, 44, 19, w - 28, (36, 36, 40))
    return sheet.finished()


def _seal(made: Brand, rng: Rng) -> Image:
    w = _ART_PX
    sheet = Sheet(w, w, made.second)
    sheet.disc(w / 2, w / 2, 0.46 * w, made.light)
    sheet.disc(w / 2, w / 2, 0.43 * w, made.ground)
    sheet.text(made.name, w / 2, 0.43 * w, (0.7 * w, 0.22 * w), made.ink)
    sheet.text(made.goods, w / 2, 0.64 * w, (0.6 * w, 0.1 * w), made.light)
    return sheet.finished()


def _warning(made: Brand, rng: Rng) -> Image:
    w = _ART_PX
    sheet = Sheet(w, w, (248, 244, 232))
    for share, ink in ((1.0, (24, 22, 20)), (0.86, (250, 200, 20))):
        tip = np.array([[0.5, 0.12], [0.93, 0.86], [0.07, 0.86]]) - [0.5, 0.61]
        sheet.polygon((tip * share + [0.5, 0.61]) * w, ink)
    sheet.box(0.46 * w, 0.4 * w, 0.54 * w, 0.64 * w, (24, 22, 20))
    sheet.disc(0.5 * w, 0.73 * w, 0.05 * w, (24, 22, 20))
    return sheet.finished()
