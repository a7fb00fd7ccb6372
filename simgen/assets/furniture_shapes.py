"""Pieces of furniture from boards, posts and rods, and where things can rest on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.assets.furniture import SLOTS, size_of
from simgen.assets.shaping.boards import Part, board, rod
from simgen.assets.shaping.lathe import Band, lathe

Size = tuple[float, float, float]
# Things keep this far from the edges of what they rest on.
_INSET_M = 0.015


@dataclass(frozen=True)
class Rest:
    """A level rectangle of a piece that things can rest on, in its own frame.

    Args:
        name: `top`, `board2`, `seat`.
        middle_m: of the rectangle.
        size_m: width and depth.
        headroom_m: free height above.
    """

    name: str
    middle_m: tuple[float, float, float]
    size_m: tuple[float, float]
    headroom_m: float


def rests(params: Any) -> tuple[Rest, ...]:
    """Where things can rest on a piece of drawn settings."""
    kind, (w, d, h) = str(params.kind), size_of(params)
    t, inf = float(params.thickness_m), float("inf")
    inner = (w - 2 * _INSET_M, d - 2 * _INSET_M)
    if kind in ("table", "cabinet"):
        return (Rest("top", (0.0, 0.0, h), inner, inf),)
    if kind == "board":
        return (Rest("top", (0.0, -d / 2, 0.0), inner, inf),)
    if kind == "chair":
        back = 0.05 if params.back else 0.0
        deep = d - back - 2 * _INSET_M
        return (Rest("seat", (0.0, -back / 2, _seat_m(h)), (inner[0], deep), inf),)
    if kind == "stool":
        side = 0.65 * min(w, d)
        return (Rest("seat", (0.0, 0.0, h), (side, side), inf),)
    if kind != "shelf":
        return ()
    lows = _board_heights(h, t, int(params.levels))
    out = []
    for n, z in enumerate(lows):
        last = n == len(lows) - 1
        room = inf if last else lows[n + 1] - z - t - 0.004
        deep = d - 2 * _INSET_M - (0.01 if params.back else 0.0)
        shift = -0.005 if params.back else 0.0
        size = inner if last else (w - 2 * t - 2 * _INSET_M, deep)
        out.append(Rest(f"board{n}", (0.0, 0.0 if last else shift, z), size, room))
    return tuple(out)


def _slot(kind: str, name: str) -> int:
    return SLOTS[kind].index(name)


def _legs(
    params: Any, kind: str, at: list[tuple[float, float]], thick: float, h: float
) -> list[Part]:
    slot = _slot(kind, "frame")
    if params.legs == "round":
        profile = [(0.36 * thick, 0.0), (0.4 * thick, 0.002), (0.55 * thick, h)]
        return [rod(profile, (x, y, 0.0), slot) for x, y in at]
    return [board((thick, thick, h), (x, y, h / 2), slot) for x, y in at]


def _corners(w: float, d: float) -> list[tuple[float, float]]:
    return [(sx * w / 2, sy * d / 2) for sx in (-1, 1) for sy in (-1, 1)]


def _table(params: Any, size: Size) -> list[Part]:
    w, d, h = size
    t, thick = float(params.thickness_m), min(0.07, 0.08 * min(w, d))
    frame, inset = _slot("table", "frame"), 0.02 + thick / 2
    out = [board((w, d, t), (0, 0, h - t / 2), _slot("table", "top"), 0.003)]
    wide, deep, tall = w - 2 * inset, d - 2 * inset, 0.12 * h
    out += _legs(params, "table", _corners(wide, deep), thick, h - t)
    z = h - t - tall / 2
    for s in (-1, 1):
        out.append(board((wide - thick, 0.02, tall), (0, s * deep / 2, z), frame))
        out.append(board((0.02, deep - thick, tall), (s * wide / 2, 0, z), frame))
    return out


def _board_heights(h: float, t: float, levels: int) -> list[float]:
    """Upper sides of a shelf's boards, lowest first; the highest is the top."""
    first = 0.06 + t
    return [float(z) for z in np.linspace(first, h, max(levels, 2))]


def _shelf(params: Any, size: Size) -> list[Part]:
    w, d, h = size
    t = float(params.thickness_m)
    out = [board((t, d, h - t), (s * (w - t) / 2, 0, (h - t) / 2)) for s in (-1, 1)]
    heights = _board_heights(h, t, int(params.levels))
    for z in heights[:-1]:
        out.append(board((w - 2 * t, d - 0.004, t), (0, -0.002, z - t / 2)))
    out.append(board((w, d, t), (0, 0, h - t / 2)))
    if params.back:
        out.append(board((w - 2 * t, 0.006, h - t - 0.06), (0, d / 2 - 0.004, (h - t + 0.06) / 2)))
    out.append(board((w - 2 * t, 0.018, 0.06), (0, -d / 2 + 0.04, 0.03)))
    return out


def _wall_board(params: Any, size: Size) -> list[Part]:
    w, d, t = size
    metal = _slot("board", "metal")
    out = [board((w, d, t), (0, -d / 2, -t / 2), 0, 0.002)]
    for s in (-1, 1):
        x = s * 0.36 * w
        out.append(board((0.02, 0.7 * d, 0.012), (x, -0.37 * d, -t - 0.006), metal))
        out.append(board((0.02, 0.012, 0.12), (x, -0.008, -t - 0.06), metal))
    return out


def _cabinet(params: Any, size: Size) -> list[Part]:
    w, d, h = size
    t, front, metal = (
        float(params.thickness_m),
        _slot("cabinet", "front"),
        _slot("cabinet", "metal"),
    )
    low = 0.08 * h
    out = [
        board((w - 0.04, d - 0.06, low), (0, 0.02, low / 2)),
        board((w - 0.004, d - 0.024, h - low - t), (0, 0.012, (h - t + low) / 2)),
        board((w, d, t), (0, 0, h - t / 2), 0, 0.003),
    ]
    doors = max(1, int(params.levels))
    wide, tall, z = (w - 0.004) / doors, h - low - t - 0.006, (h - t + low) / 2
    for n in range(doors):
        x = -(w - 0.004) / 2 + wide * (n + 0.5)
        out.append(board((wide - 0.003, 0.02, tall), (x, -d / 2 + 0.012, z), front))
        side = 1 if n % 2 == 0 else -1
        grip = (x + side * (wide / 2 - 0.035), -d / 2 - 0.006, z + 0.25 * tall)
        out.append(board((0.012, 0.016, 0.1), grip, metal))
    return out


def _seat_m(h: float) -> float:
    return 0.52 * h


def _chair(params: Any, size: Size) -> list[Part]:
    w, d, h = size
    t, thick, seat = float(params.thickness_m), 0.035, _seat_m(h)
    frame = _slot("chair", "frame")
    at = _corners(w - thick, d - thick)
    out = _legs(params, "chair", at, thick, seat - t)
    out.append(board((w, d, t), (0, 0, seat - t / 2), _slot("chair", "seat"), 0.006))
    z = seat - t - 0.03
    for s in (-1, 1):
        out.append(board((w - 2 * thick, 0.018, 0.05), (0, s * (d - thick) / 2, z), frame))
        out.append(board((0.018, d - 2 * thick, 0.05), (s * (w - thick) / 2, 0, z), frame))
    if params.back:
        y, up = (d - thick) / 2, h - seat
        for s in (-1, 1):
            out.append(board((thick, thick, up), (s * (w - thick) / 2, y, seat + up / 2), frame))
        for share in (0.35, 0.62, 0.89):
            size_m = (w - 2 * thick, 0.016, 0.16 * up)
            out.append(board(size_m, (0, y, seat + share * up), frame))
    return out


def _stool(params: Any, size: Size) -> list[Part]:
    w, d, h = size
    t, thick = float(params.thickness_m), 0.034
    r = min(w, d) / 2
    seat = [(r - 0.004, 0.0), (r, 0.004), (r, t - 0.006), (r - 0.006, t)]
    out = [rod(seat, (0, 0, h - t), _slot("stool", "seat"), 48)]
    return out + _legs(params, "stool", _corners(1.15 * r, 1.15 * r), thick, h - t)


def _lamp(params: Any, size: Size) -> list[Part]:
    """A cable, a shade that is open below, a bulb in it."""
    w, _, h = size
    r, tall = w / 2, 0.55 * w
    wall = 0.003
    low, high = -h, -h + tall
    line = [(r, low), (0.3 * r, high), (0.3 * r - wall, high - wall), (r - 1.5 * wall, low)]
    shade = lathe([Band([*line, line[0]], 0)], 48, ring=True).boxed()
    turn = np.arange(16) * (np.pi / 8)
    ring = np.stack([np.cos(turn), np.sin(turn)], 1)
    pieces = [np.column_stack([ring * k, np.full(16, z)]) for k, z in ((r, low), (0.3 * r, high))]
    bulb = 0.16 * w
    arc = np.linspace(0.15, np.pi - 0.15, 9)
    ball = [(bulb * float(np.sin(a)), -bulb * float(np.cos(a))) for a in arc]
    metal = _slot("lamp", "metal")
    return [
        (shade, np.concatenate(pieces)),
        rod([(0.31 * r, 0.0), (0.31 * r, 0.01)], (0, 0, high - 0.005), metal, 32),
        rod([(0.003, 0.0), (0.003, h - tall)], (0, 0, high), metal, 8),
        rod(ball, (0, 0, low + 0.45 * tall), _slot("lamp", "bulb"), 24),
    ]


SHAPES: dict[str, Callable[[Any, Size], list[Part]]] = {
    "table": _table,
    "shelf": _shelf,
    "board": _wall_board,
    "cabinet": _cabinet,
    "chair": _chair,
    "stool": _stool,
    "lamp": _lamp,
}
