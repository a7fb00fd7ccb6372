"""The forms that bottles come in: proportions, caps, labels and usual colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simgen.assets.shaping.profile import Array, rounded, smooth
from simgen.records.material import Rgb

Cap = Literal["foil", "crown", "screw", "flip", "lid"]
_GREEN, _OLIVE, _BROWN, _CLEAR = (
    (0.10, 0.26, 0.08), (0.16, 0.18, 0.05), (0.28, 0.10, 0.02), (0.86, 0.92, 0.92),
)  # fmt: skip
_WHITE, _RED, _BLACK = (0.80, 0.80, 0.78), (0.55, 0.03, 0.03), (0.02, 0.02, 0.022)
_BLUE, _GOLD, _YELLOW = (0.03, 0.14, 0.50), (0.72, 0.50, 0.18), (0.75, 0.42, 0.02)


@dataclass(frozen=True)
class Form:
    """One kind of bottle; lengths are metres, heights shares of the height up to the mouth.

    Args:
        height, diameter, mouth: with cap, of the body, of the outer mouth.
        shoulder, neck: where the body ends and the neck begins.
        bend: 0 a cone between them, 1 round shoulders.
        label: lowest and highest share of the label.
        waist: outline between base and shoulder as (share of the height, share of the radius).
        cap: kind of cap, and its height.
        goods: what the label speaks of.
        colors, caps: usual colours, linear.
        clearness: 0 opaque, 1 clear.
        wall: thickness of an open one.
    """

    height: float
    diameter: float
    mouth: float
    shoulder: float
    neck: float
    bend: float
    label: tuple[float, float]
    cap: tuple[Cap, float]
    goods: str
    colors: tuple[Rgb, ...]
    caps: tuple[Rgb, ...]
    clearness: float
    wall: float = 0.003
    waist: tuple[tuple[float, float], ...] = ()


FORMS: dict[str, Form] = {
    "wine": Form(0.300, 0.0745, 0.0285, 0.60, 0.735, 1.0, (0.12, 0.50), ("foil", 0.055), "wine",
                 (_GREEN, _OLIVE, _GREEN), (_RED, _BLACK, _GOLD, _BLUE), 0.55),
    "burgundy": Form(0.298, 0.0815, 0.0290, 0.42, 0.80, 0.35, (0.10, 0.38), ("foil", 0.05), "wine",
                     (_OLIVE, _GREEN, _BROWN), (_GOLD, _RED, _BLACK), 0.55),
    "beer": Form(0.230, 0.0610, 0.0262, 0.56, 0.76, 0.75, (0.14, 0.50), ("crown", 0.006), "beer",
                 (_BROWN, _BROWN, _GREEN), (_GOLD, _RED, _WHITE, _BLUE), 0.7),
    "water": Form(0.222, 0.0640, 0.0275, 0.70, 0.91, 0.9, (0.36, 0.60), ("screw", 0.014), "water",
                  (_CLEAR, (0.72, 0.88, 0.95)), (_BLUE, _WHITE, (0.1, 0.5, 0.7)), 1.0, 0.001,
                  ((0.10, 1), (0.13, 0.95), (0.16, 1), (0.20, 1), (0.23, 0.95), (0.26, 1),
                   (0.32, 1), (0.33, 0.965), (0.63, 0.965), (0.64, 1))),
    "soda": Form(0.230, 0.0660, 0.0275, 0.70, 0.91, 0.6, (0.42, 0.66), ("screw", 0.014), "drink",
                 ((0.05, 0.015, 0.005), (0.75, 0.30, 0.03), (0.30, 0.55, 0.10), _CLEAR),
                 (_RED, _YELLOW, (0.06, 0.35, 0.08), _BLACK), 0.8, 0.001,
                 ((0.10, 1), (0.24, 0.86), (0.34, 0.93), (0.41, 0.97), (0.66, 0.97), (0.69, 1))),
    "milk": Form(0.236, 0.0860, 0.0390, 0.62, 0.86, 0.7, (0.14, 0.56), ("screw", 0.017), "dairy",
                 (_WHITE, (0.86, 0.85, 0.80)), (_BLUE, _RED, (0.05, 0.4, 0.1)), 0.0, 0.0015),
    "sauce": Form(0.190, 0.0640, 0.0300, 0.66, 0.86, 0.8, (0.16, 0.58), ("flip", 0.026), "sauce",
                  (_RED, _YELLOW, (0.12, 0.03, 0.01)), (_WHITE, _RED, _BLACK), 0.0, 0.0015,
                  ((0.12, 1), (0.40, 0.94))),
    "jar": Form(0.108, 0.0740, 0.0660, 0.70, 0.79, 1.0, (0.14, 0.62), ("lid", 0.0145), "spread",
                ((0.80, 0.36, 0.03), (0.30, 0.01, 0.015), (0.46, 0.24, 0.08), (0.22, 0.30, 0.06)),
                (_GOLD, _WHITE, _RED, (0.05, 0.25, 0.10)), 0.45),
}  # fmt: skip


def outline(form: Form, height: float, radius: float) -> Array:
    """Outer line (r, z) from the edge of the base up to the outer mouth.

    Args:
        height: of the mouth, m.
        radius: of the body, m; the mouth scales with it.
    """
    mouth = form.mouth / form.diameter * radius
    low, high = form.shoulder * height, form.neck * height
    heel = min(0.09 * radius, 0.05 * height)
    body = [(0.82 * radius, 0.0), (radius, 0.0)]
    side = [(share * radius, at * height) for at, share in form.waist]
    reach = high - low
    # The shoulder: a cone, or a quarter of an ellipse and a hollow curve into the neck.
    round_ = [(radius, low), (radius - 0.13 * (radius - mouth), low + 0.36 * reach),
              (radius - 0.52 * (radius - mouth), low + 0.68 * reach),
              (mouth + 0.13 * (radius - mouth), low + 0.87 * reach), (mouth, high)]  # fmt: skip
    straight = [(radius + (mouth - radius) * t, low + reach * t) for t in (0, 0.25, 0.5, 0.75, 1)]
    shoulder = smooth(
        [(form.bend * a + (1 - form.bend) * c, form.bend * b + (1 - form.bend) * d)
         for (a, b), (c, d) in zip(round_, straight, strict=True)], 19,
    )  # fmt: skip
    base = rounded([*body, side[0] if side else (radius, 0.3 * low)], heel, 6)[:-1]
    waist = smooth([base[-1], *side, (radius, low)], 8 * len(side) + 2)[1:-1]
    return _joined(base, waist if side else [], shoulder, [(mouth, height)])


def _joined(*lines: ArrayLike) -> Array:
    return np.concatenate([np.asarray(line, np.float64).reshape(-1, 2) for line in lines])
