"""The forms of fruit: outlines, lobes, stems, and how their skin shines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Form:
    """One kind of round fruit; the outline in shares of half the width and of the height.

    Args:
        width: usual one, m.
        tall: height over width.
        outline: (r, z) from the lower pole to the upper.
        lobes: number, and their depth at the bottom, the middle and the top.
        groove: depth of one furrow from pole to pole.
        top: what is on it: a stem, a star of leaves, a button, or nothing.
        roughness: of the skin.
        bumps: depth of large bumps, share of the width.
    """

    width: float
    tall: float
    outline: Line
    lobes: tuple[int, float, float, float] = (0, 0.0, 0.0, 0.0)
    groove: float = 0.0
    top: Literal["stem", "leaves", "button", "none"] = "none"
    roughness: float = 0.3
    bumps: float = 0.0


_APPLE: Line = (
    (0, 0.11), (0.16, 0.055), (0.38, 0.0), (0.70, 0.075), (0.93, 0.30), (1.0, 0.54), (0.95, 0.76),
    (0.76, 0.945), (0.50, 1.0), (0.27, 0.965), (0.12, 0.87), (0, 0.80),
)  # fmt: skip
_BALL: Line = (
    (0, 0.0), (0.26, 0.018), (0.52, 0.075), (0.80, 0.215), (0.96, 0.385), (1.0, 0.52),
    (0.955, 0.66), (0.80, 0.81), (0.52, 0.945), (0.26, 0.99), (0.10, 0.985), (0, 0.97),
)  # fmt: skip
_CITRUS: Line = (
    (0, 0.0), (0.10, 0.005), (0.16, 0.045), (0.30, 0.10), (0.66, 0.21), (0.93, 0.37), (1.0, 0.52),
    (0.92, 0.68), (0.62, 0.82), (0.34, 0.895), (0.20, 0.945), (0.13, 0.99), (0, 1.0),
)  # fmt: skip
_STONE: Line = (
    (0, 0.01), (0.30, 0.02), (0.62, 0.115), (0.90, 0.31), (1.0, 0.53), (0.94, 0.74), (0.74, 0.91),
    (0.46, 0.995), (0.22, 0.97), (0.08, 0.90), (0, 0.87),
)  # fmt: skip

FORMS: dict[str, Form] = {
    "apple": Form(0.076, 0.90, _APPLE, (5, 0.05, 0.012, 0.035), top="stem", roughness=0.25),
    "green_apple": Form(0.080, 0.88, _APPLE, (5, 0.06, 0.015, 0.04), top="stem", roughness=0.22),
    "pear": Form(0.070, 1.42, (
        (0, 0.05), (0.18, 0.012), (0.42, 0.0), (0.78, 0.075), (0.99, 0.24), (0.96, 0.40),
        (0.74, 0.565), (0.53, 0.70), (0.44, 0.82), (0.36, 0.94), (0.20, 0.995), (0.07, 0.985),
        (0, 0.97)), (5, 0.03, 0.01, 0.02), top="stem", roughness=0.4),
    "orange": Form(0.078, 0.96, _BALL, (8, 0.0, 0.0, 0.012), top="button", roughness=0.38),
    "lemon": Form(0.060, 1.38, _CITRUS, (6, 0.01, 0.008, 0.01), top="button", roughness=0.35),
    "lime": Form(0.050, 1.14, _CITRUS, (6, 0.01, 0.006, 0.01), top="button", roughness=0.3),
    "peach": Form(0.072, 0.96, _STONE, (2, 0.0, 0.012, 0.0), 0.055, "none", 0.8),
    "plum": Form(0.046, 1.12, _STONE, (2, 0.0, 0.01, 0.0), 0.035, "stem", 0.42),
    "kiwi": Form(0.050, 1.30, (
        (0, 0.015), (0.12, 0.0), (0.45, 0.04), (0.80, 0.17), (0.98, 0.38), (1.0, 0.52),
        (0.97, 0.64), (0.78, 0.85), (0.42, 0.965), (0.14, 1.0), (0, 0.985)),
        (2, 0.0, 0.05, 0.0), top="button", roughness=0.85),
    "tomato": Form(0.072, 0.78, (
        (0, 0.035), (0.14, 0.01), (0.40, 0.0), (0.78, 0.13), (0.98, 0.38), (1.0, 0.52),
        (0.93, 0.72), (0.70, 0.91), (0.44, 0.985), (0.24, 0.97), (0.10, 0.92), (0, 0.90)),
        (6, 0.02, 0.02, 0.06), top="leaves", roughness=0.15),
    "strawberry": Form(0.032, 1.25, (
        (0, 0.0), (0.12, 0.02), (0.30, 0.12), (0.58, 0.36), (0.86, 0.62), (1.0, 0.80),
        (0.92, 0.93), (0.66, 0.99), (0.34, 0.985), (0, 0.95)),
        (3, 0.02, 0.05, 0.04), top="leaves", roughness=0.28, bumps=0.012),
    "avocado": Form(0.068, 1.44, (
        (0, 0.02), (0.22, 0.005), (0.50, 0.03), (0.84, 0.13), (1.0, 0.30), (0.97, 0.44),
        (0.80, 0.60), (0.62, 0.75), (0.50, 0.87), (0.34, 0.97), (0.12, 1.0), (0, 0.995)),
        (2, 0.0, 0.02, 0.0), top="button", roughness=0.55, bumps=0.010),
    "mango": Form(0.082, 1.34, (
        (0, 0.0), (0.24, 0.012), (0.58, 0.085), (0.88, 0.25), (1.0, 0.44), (0.97, 0.60),
        (0.82, 0.78), (0.56, 0.92), (0.28, 0.99), (0, 1.0)),
        (2, 0.0, 0.09, 0.04), top="button", roughness=0.35),
    "watermelon": Form(0.230, 1.12, (
        (0, 0.005), (0.28, 0.02), (0.60, 0.10), (0.88, 0.27), (1.0, 0.50), (0.88, 0.73),
        (0.60, 0.90), (0.28, 0.98), (0.08, 0.99), (0, 0.985)), top="stem", roughness=0.35),
}  # fmt: skip
