"""Words for numbers, plurals, lists and colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.records.colour import linear_to_srgb

_NUMBERS = ("no", "a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve")  # fmt: skip
# The basic colour terms of English (Berlin and Kay 1969) at typical sRGB values.
_COLORS = {
    "black": (20, 20, 20),
    "white": (240, 240, 240),
    "grey": (128, 128, 128),
    "red": (200, 30, 30),
    "green": (40, 150, 50),
    "yellow": (240, 220, 40),
    "blue": (40, 70, 200),
    "brown": (110, 65, 30),
    "purple": (120, 40, 150),
    "pink": (240, 140, 180),
    "orange": (240, 130, 20),
}


def spoken(name: str) -> str:
    """A category's name as words: `queen_of-hearts` is queen of hearts."""
    return " ".join(name.replace("_", " ").replace("-", " ").split()) or name


def plural(noun: str) -> str:
    """English plural of a noun; of `king of hearts` the first word takes it."""
    head, of, tail = noun.partition(" of ")
    *before, last = head.split(" ")
    if last.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join([*before, last]) + of + tail


def numbered(count: int, noun: str) -> str:
    """`a mug`, `two mugs`, `14 mugs`."""
    if count == 1:
        return with_article(noun)
    word = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{word} {plural(noun)}"


def with_article(noun: str) -> str:
    """`a mug`, `an apple`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def color_name(linear: Sequence[float]) -> str:
    """The basic colour term nearest to a linear sRGB colour, in CIELAB."""
    lab = _lab(linear_to_srgb(np.asarray(linear, np.float64)))
    far = {
        name: float(np.linalg.norm(lab - _lab(np.array(rgb) / 255)))
        for name, rgb in _COLORS.items()
    }
    return min(far, key=lambda name: far[name])


def _lab(
    srgb: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    import cv2

    pixel = np.asarray(srgb, np.float32).reshape(1, 1, 3)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB), np.float64).ravel()
