"""Court figures: a bust in the upper half, the same upside down below, as on real cards."""

from __future__ import annotations

import numpy as np

from simgen.assets.card_canvas import BLACK, HEIGHT, RED, WIDTH, Canvas, Ink
from simgen.assets.card_shapes import arc

_SKIN: Ink = (248, 219, 188)
_GOLD: Ink = (240, 190, 48)
_BLUE: Ink = (42, 70, 150)
_GREEN: Ink = (30, 110, 70)
_WHITE: Ink = (250, 250, 246)
# Robe, lining and hair by suit: neighbours in a hand stay easy to tell apart.
_ROBES: dict[str, tuple[Ink, Ink, Ink]] = {
    "hearts": (RED, _BLUE, (214, 160, 60)),
    "diamonds": (_GOLD, RED, (150, 84, 40)),
    "spades": (_BLUE, _GOLD, (52, 40, 36)),
    "clubs": (_GREEN, RED, (110, 62, 30)),
}
_CX, _FACE_Y = WIDTH / 2, 208.0
_L, _T, _R, _B = 96.0, 52.0, WIDTH - 96.0, HEIGHT - 52.0


def draw_court(canvas: Canvas, rank: str, suit: str) -> None:
    """Draw a jack, queen, king or joker on the canvas: frame, both busts, two big pips."""
    robe, lining, hair = _ROBES[suit]
    half = Canvas(None)
    _body(half, rank, suit, robe, lining)
    if rank == "queen":
        _long_hair(half, hair)
    _head(half, rank, hair)
    {"king": _king, "queen": _queen, "jack": _jack, "joker": _joker}[rank](half, robe, hair)
    if rank != "joker":
        half.suit(suit, _L + 46, _T + 52, 74)
    half.clear_below(HEIGHT / 2)
    canvas.paste(half)
    canvas.paste(half, upside_down=True)
    canvas.stroke([[_L, HEIGHT / 2], [_R, HEIGHT / 2]], 4, BLACK)
    frame = [[_L, _T], [_R, _T], [_R, _B], [_L, _B], [_L, _T]]
    canvas.stroke(frame, 4, _BLUE)


def _body(canvas: Canvas, rank: str, suit: str, robe: Ink, lining: Ink) -> None:
    """Shoulders, a collar, a decorated band and the attribute that the figure holds."""
    low = HEIGHT / 2 + 2
    shoulders = [[_L + 2, low], [_L + 18, 300], [_CX - 74, 262], [_CX + 74, 262]]
    shoulders += [[_R - 18, 300], [_R - 2, low]]
    canvas.shape(shoulders, robe)
    for i in range(4):
        for side in (-1, 1):
            x = _CX + side * (70 + i * 18)
            canvas.suit("diamonds", x, 322 - (i % 2) * 22, 20, lining)
    band = [[_CX - 34, 262], [_CX + 34, 262], [_CX + 44, low], [_CX - 44, low]]
    canvas.shape(band, lining)
    for y in (288, 322):
        canvas.suit("diamonds", _CX, y, 30, _WHITE)
        canvas.suit("diamonds", _CX, y, 15, robe)
    t = np.radians(np.linspace(20, 160, 9))
    collar = np.stack([_CX + 82 * np.cos(t), 236 + 44 * np.sin(t)], axis=1)
    canvas.shape(np.concatenate([collar, [[_CX - 46, 240], [_CX + 46, 240]]]), _WHITE)
    _attribute(canvas, rank, lining)


def _attribute(canvas: Canvas, rank: str, lining: Ink) -> None:
    x = _R - 42
    if rank == "king":  # a sword
        canvas.shape([[x - 7, 286], [x - 7, 108], [x, 84], [x + 7, 108], [x + 7, 286]], _WHITE)
        canvas.stroke([[x - 28, 286], [x + 28, 286]], 9, _GOLD)
        canvas.stroke([[x, 290], [x, 318]], 8, lining)
    elif rank == "queen":  # a flower
        canvas.stroke([[x, 300], [x - 4, 190]], 6, _GREEN)
        for k in range(6):
            t = np.radians(60 * k)
            canvas.shape(arc(x - 4 + 20 * np.cos(t), 170 + 20 * np.sin(t), 12, 12, 0, 360), RED, 2)
        canvas.shape(arc(x - 4, 170, 11, 11, 0, 360), _GOLD, 2)
    elif rank == "jack":  # a halberd
        canvas.stroke([[x, 318], [x, 84]], 7, (120, 80, 40))
        canvas.shape([[x + 3, 104], [x + 30, 92], [x + 34, 150], [x + 3, 142]], _WHITE)
    canvas.shape(arc(x, 312, 17, 15, 0, 360), _SKIN)


def _head(canvas: Canvas, rank: str, hair: Ink) -> None:
    y = _FACE_Y
    if rank in ("jack", "king"):
        for side in (-1, 1):
            canvas.shape(arc(_CX + side * 56, y + 12, 22, 44, 0, 360), hair)
            canvas.shape(arc(_CX + side * 64, y + 50, 17, 16, 0, 360), hair)
    canvas.shape(arc(_CX, y, 56, 66, 0, 360), _SKIN)
    for side in (-1, 1):
        canvas.shape(arc(_CX + side * 24, y - 8, 11, 6.5, 0, 360), _WHITE, 2.5)
        canvas.fill(arc(_CX + side * 24 + 2, y - 8, 4.6, 4.6, 0, 360), BLACK)
        canvas.stroke(arc(_CX + side * 24, y - 16, 17, 10, 200, 340), 4, BLACK)
    canvas.stroke([[_CX + 2, y - 10], [_CX + 9, y + 15], [_CX - 3, y + 17]], 3, BLACK)
    if rank != "king":
        canvas.stroke(arc(_CX, y + 26, 15, 10, 20, 160), 5, RED)


def _king(canvas: Canvas, robe: Ink, hair: Ink) -> None:
    y = _FACE_Y
    beard = [[_CX - 54, y + 14], [_CX - 30, y + 26], [_CX, y + 22], [_CX + 30, y + 26]]
    beard += [[_CX + 54, y + 14], [_CX + 40, y + 66], [_CX + 16, y + 88], [_CX, y + 98]]
    canvas.shape([*beard, [_CX - 16, y + 88], [_CX - 40, y + 66]], hair)
    canvas.stroke(arc(_CX, y + 36, 14, 6, 10, 170), 5, RED)
    for x in (-26, 0, 26):
        canvas.stroke([[_CX + x, y + 52], [_CX + x * 0.7, y + 76]], 3, BLACK)
    points = [[_CX - 62, y - 40], [_CX - 76, y - 122], [_CX - 36, y - 88], [_CX, y - 138]]
    points += [[_CX + 36, y - 88], [_CX + 76, y - 122], [_CX + 62, y - 40]]
    canvas.shape(points, _GOLD, 4)
    canvas.shape([*_band(y - 42, 64, 18)], robe, 3)
    for x, top in ((-76, -122), (0, -138), (76, -122)):
        canvas.shape(arc(_CX + x, y + top, 9, 9, 0, 360), RED, 3)


def _queen(canvas: Canvas, robe: Ink, hair: Ink) -> None:
    y = _FACE_Y
    fringe = np.concatenate([arc(_CX, y - 14, 58, 54, 180, 360), arc(_CX, y - 66, 60, 44, 30, 150)])
    canvas.shape(fringe, hair)
    crown = [[_CX - 58, y - 58]]
    for i in range(5):
        x = _CX - 58 + i * 29
        crown += [[x - 2, y - 106 - 12 * (2 - abs(i - 2))], [x + 14.5, y - 80]]
    crown = [*crown[:-1], [_CX + 58, y - 58]]
    canvas.shape(crown, _GOLD, 4)
    for i in range(5):
        top = y - 110 - 12 * (2 - abs(i - 2))
        canvas.shape(arc(_CX - 60 + i * 29, top, 7, 7, 0, 360), _WHITE, 2.5)
    canvas.shape([*_band(y - 60, 58, 14)], robe, 3)
    for k in range(9):
        t = np.radians(25 + k * 130 / 8)
        x, drop = _CX + 60 * np.cos(t), y + 34 + 46 * np.sin(t)
        canvas.shape(arc(x, drop, 5.5, 5.5, 0, 360), _WHITE, 2)


def _long_hair(canvas: Canvas, hair: Ink) -> None:
    y = _FACE_Y
    for side in (-1, 1):
        lock = [[_CX + side * 30, y - 62], [_CX + side * 68, y - 20], [_CX + side * 78, y + 44]]
        lock += [[_CX + side * 92, y + 92], [_CX + side * 56, y + 92], [_CX + side * 40, y + 40]]
        canvas.shape(lock, hair)


def _jack(canvas: Canvas, robe: Ink, hair: Ink) -> None:
    y = _FACE_Y
    canvas.shape(arc(_CX, y - 46, 60, 26, 180, 360), hair)
    cap = np.concatenate([arc(_CX + 6, y - 62, 86, 50, 180, 360), [[_CX + 70, y - 48]]])
    canvas.shape(np.concatenate([cap, [[_CX - 66, y - 48]]]), robe, 4)
    canvas.shape([*_band(y - 46, 70, 15)], _GOLD, 3)
    feather = np.concatenate(
        [arc(_CX + 44, y - 112, 62, 34, 210, 350), arc(_CX + 60, y - 102, 44, 14, 0, -150)]
    )
    canvas.shape(feather, _WHITE, 3)
    canvas.stroke(arc(_CX + 50, y - 105, 52, 22, 205, 345), 3, RED)


def _joker(canvas: Canvas, robe: Ink, hair: Ink) -> None:
    y = _FACE_Y
    horns: tuple[tuple[float, float, Ink], ...] = (
        (-112, -60, robe),
        (0, -146, _GOLD),
        (112, -60, _GREEN),
    )
    for x, top, ink in horns:
        root = x * 0.34
        horn = [[_CX + root - 32, y - 44], [_CX + x * 0.55 - 12, y - 108], [_CX + x, y + top]]
        horn += [[_CX + x * 0.55 + 12, y - 108], [_CX + root + 32, y - 44]]
        canvas.shape(horn, ink, 4)
        canvas.shape(arc(_CX + x, y + top, 12, 12, 0, 360), _GOLD, 3)
    canvas.shape([*_band(y - 42, 62, 18)], _WHITE, 3)
    canvas.stroke(arc(_CX, y + 14, 30, 24, 15, 165), 6, RED)


def _band(y: float, half: float, height: float) -> list[list[float]]:
    return [
        [_CX - half, y - height / 2],
        [_CX + half, y - height / 2],
        [_CX + half, y + height / 2],
        [_CX - half, y + height / 2],
    ]
