"""Our own drawing of playing cards: indices, pips in the usual layouts, courts, aces, backs."""

from __future__ import annotations

import numpy as np

from simgen.assets.card_canvas import BLACK, HEIGHT, RED, SUIT_INK, WIDTH, Canvas, Ink
from simgen.assets.card_courts import draw_court
from simgen.assets.card_shapes import LABELS
from simgen.records.asset import Image
from simgen.records.colour import linear_to_srgb

_LEFT, _MID, _RIGHT = 0.30, 0.5, 0.70
_T1, _T2, _T3, _C = 0.155, 0.385, 0.27, 0.5
# Pips of the upper half and the middle row; the lower half mirrors the upper by half a turn.
_UPPER: dict[str, tuple[tuple[float, float], ...]] = {
    "two": ((_MID, _T1),),
    "three": ((_MID, _T1),),
    "four": ((_LEFT, _T1), (_RIGHT, _T1)),
    "five": ((_LEFT, _T1), (_RIGHT, _T1)),
    "six": ((_LEFT, _T1), (_RIGHT, _T1)),
    "seven": ((_LEFT, _T1), (_RIGHT, _T1)),
    "eight": ((_LEFT, _T1), (_RIGHT, _T1), (_MID, 0.3275)),
    "nine": ((_LEFT, _T1), (_RIGHT, _T1), (_LEFT, _T2), (_RIGHT, _T2)),
    "ten": ((_LEFT, _T1), (_RIGHT, _T1), (_LEFT, _T2), (_RIGHT, _T2), (_MID, _T3)),
}
_MIDDLE: dict[str, tuple[tuple[float, float], ...]] = {
    "three": ((_MID, _C),),
    "five": ((_MID, _C),),
    "six": ((_LEFT, _C), (_RIGHT, _C)),
    "seven": ((_LEFT, _C), (_RIGHT, _C), (_MID, 0.3275)),
    "eight": ((_LEFT, _C), (_RIGHT, _C)),
    "nine": ((_MID, _C),),
}


def draw_face(rank: str, suit: str) -> Image:
    """uint8[700, 500, 3] sRGB; jokers have the suits `red` and `black`."""
    canvas = Canvas()
    if rank == "joker":
        ink = RED if suit == "red" else BLACK
        draw_court(canvas, rank, "hearts" if suit == "red" else "spades")
        corner = Canvas(None)
        for i, letter in enumerate("JOKER"):
            corner.text(letter, 40, 34 + i * 46, (24, 34), ink)
        return _with_corners(canvas, corner)
    if rank in ("jack", "queen", "king"):
        draw_court(canvas, rank, suit)
    elif rank == "ace":
        canvas.suit(suit, WIDTH / 2, HEIGHT / 2, 300 if suit == "spades" else 190)
        if suit == "spades":
            canvas.suit(suit, WIDTH / 2, HEIGHT / 2 - 14, 96, (253, 253, 250))
            canvas.suit(suit, WIDTH / 2, HEIGHT / 2 - 14, 70)
    else:
        for x, y in _UPPER[rank]:
            canvas.suit(suit, x * WIDTH, y * HEIGHT, 118)
            canvas.suit(suit, (1 - x) * WIDTH, (1 - y) * HEIGHT, -118)
        for x, y in _MIDDLE.get(rank, ()):
            canvas.suit(suit, x * WIDTH, y * HEIGHT, 118)
    corner = Canvas(None)
    label = LABELS[rank]
    corner.text(label, 48, 34, (62 if len(label) > 1 else 44, 70), SUIT_INK[suit])
    corner.suit(suit, 48, 148, 54)
    return _with_corners(canvas, corner)


def draw_back(ink_linear: tuple[float, float, float]) -> Image:
    """uint8[700, 500, 3] sRGB: a lattice in one ink with a frame and a medallion, on white."""
    r, g, b = (int(v) for v in linear_to_srgb(np.array(ink_linear, np.float64)) * 255 + 0.5)
    ink, paper = (r, g, b), (253, 253, 250)
    canvas = Canvas(paper)
    _panel(canvas, 28, 22, ink)
    _panel(canvas, 36, 18, paper)
    _panel(canvas, 41, 16, ink)
    step = 29.4
    columns, rows = int((WIDTH - 100) / step), int((HEIGHT - 100) / step)
    for i in range(-columns // 2, columns // 2 + 2):
        for j in range(-rows // 2, rows // 2 + 2):
            odd = (i + j) % 2
            x, y = WIDTH / 2 + i * step, HEIGHT / 2 + j * step
            if abs(x - WIDTH / 2) < WIDTH / 2 - 58 and abs(y - HEIGHT / 2) < HEIGHT / 2 - 58:
                if odd:
                    canvas.suit("diamonds", x, y, 27, paper)
                    canvas.suit("diamonds", x, y, 13, ink)
                else:
                    _ring(canvas, x, y, 8.5, paper)
                    _ring(canvas, x, y, 4.5, ink)
    for radius, tone in ((92, ink), (84, paper), (77, ink)):
        _ring(canvas, WIDTH / 2, HEIGHT / 2, radius, tone)
    for k in range(8):
        turn = np.radians(45 * k)
        x, y = 46 * np.cos(turn), 46 * np.sin(turn)
        _ring(canvas, WIDTH / 2 + x, HEIGHT / 2 + y, 15, paper)
        _ring(canvas, WIDTH / 2 + x, HEIGHT / 2 + y, 8, ink)
    _ring(canvas, WIDTH / 2, HEIGHT / 2, 22, paper)
    return canvas.finished()


def _with_corners(canvas: Canvas, corner: Canvas) -> Image:
    canvas.paste(corner)
    canvas.paste(corner, upside_down=True)
    return canvas.finished()


def _panel(canvas: Canvas, inset: float, corner: float, ink: Ink) -> None:
    w, h = WIDTH - inset, HEIGHT - inset
    points = []
    for sx, sy, start in ((w, h, 0), (inset, h, 90), (inset, inset, 180), (w, inset, 270)):
        cx = sx - corner if sx == w else sx + corner
        cy = sy - corner if sy == h else sy + corner
        t = np.radians(np.linspace(start, start + 90, 12))
        points.append(np.stack([cx + corner * np.cos(t), cy + corner * np.sin(t)], axis=1))
    canvas.fill(np.concatenate(points), ink)


def _ring(canvas: Canvas, x: float, y: float, radius: float, ink: Ink) -> None:
    t = np.linspace(0, 2 * np.pi, 49)[:-1]
    canvas.fill(np.stack([x + radius * np.cos(t), y + radius * np.sin(t)], axis=1), ink)
