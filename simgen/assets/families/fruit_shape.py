"""Geometry of fruit: turned outlines made uneven, stems, leaves; bananas along a bend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, measured
from simgen.assets.families.fruit_forms import FORMS, Form
from simgen.assets.painting.skins import paint_skin
from simgen.assets.shaping.convex import bands
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch, joined, turn_about
from simgen.assets.shaping.sweep import swept, tube
from simgen.records.asset import Asset, Surface

SKIN, STEM, LEAF = range(3)
_ROUND = 72
_PARTS = {"flesh": ("skin",), "stem": ("stem", "leaf")}


def fruit_asset(params: Any, kind: str) -> Asset:
    """See `fruit.Fruit.build`."""
    # The shape's own seed, not a draw: the same numbers are the same fruit everywhere.
    rng = np.random.Generator(np.random.PCG64(int(params.seed)))
    if kind == "banana":
        return _banana(params, rng)
    form = FORMS[kind]
    width = measured(params.size_m, form.width)
    height = width * form.tall * float(params.slenderness)
    check("fruit", (width, width, height))
    flesh = _flesh(form, width, height, float(params.irregularity), rng)
    low, high = (float(z) for z in _poles(flesh))
    top = _top(form, flesh, high, width, height, rng) if params.stem else None
    patch = flesh if top is None else joined(flesh, top)
    points = {"bottom": (*_axis(flesh, 0), low), "top": (*_axis(flesh, -1), high)}
    rough = measured(params.roughness, form.roughness)
    # Necks are not convex: pears and avocados are cut where they begin.
    pieces = bands(flesh, [0.5 * height] if kind in ("pear", "avocado") else ())
    pieces += () if top is None else bands(top, ())
    return assemble(patch, _surfaces(params, kind, rough), _PARTS, points, pieces)


def _flesh(
    form: Form, width: float, height: float, irregular: float, rng: np.random.Generator
) -> Patch:
    """The turned outline with lobes, a furrow, a lean and bumps; as wide as asked along x or y."""
    from scipy.interpolate import CubicSpline

    knots = np.array(form.outline)
    chord = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    line = CubicSpline(chord, knots)(np.linspace(0, chord[-1], 57))
    line[[0, -1], 0] = 0
    line[1:-1, 0] = np.maximum(line[1:-1, 0], 1e-3)
    patch = lathe([Band(line, SKIN)], _ROUND)
    points = patch.points.copy()
    angle = np.arctan2(points[:, 1], points[:, 0])
    z = points[:, 2]
    factor = _lobed(form, angle, z, irregular, rng)
    points[:, :2] *= factor[:, None]
    if form.bumps:
        points *= 1 + form.bumps * _bumps(points, rng)[:, None]
    lean = irregular * rng.uniform(-0.10, 0.10, 2)
    points[:, :2] += lean * ((z - 0.5) ** 2)[:, None]
    z = points[:, 2] * (
        1 + irregular * 0.06 * np.cos(angle - rng.uniform(0, 6)) * np.hypot(*points[:, :2].T)
    )
    points[:, 2] = z
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.array([max(np.ptp(points[:, 0]), np.ptp(points[:, 1]))] * 2 + [high[2] - low[2]])
    points[:, 2] -= low[2]
    points *= np.array([width, width, height]) / size
    points[:, 2] -= points[:, 2].min()
    return replace(patch, points=points).creased(80.0)


def _lobed(form: Form, angle: Array, z: Array, irregular: float, rng: np.random.Generator) -> Array:
    count, low, middle, high = form.lobes
    depth = np.interp(np.clip(z, 0, 1), [0.0, 0.5, 1.0], [low, middle, high])
    out = 1 + depth * np.cos(count * angle + rng.uniform(0, 6))
    for wave in (1, 2, 3):
        out = out + irregular * 0.028 / wave * np.cos(wave * angle + rng.uniform(0, 6) + 1.3 * z)
    if form.groove:
        away = np.abs((angle - rng.uniform(-3, 3) + np.pi) % (2 * np.pi) - np.pi)
        out = out - form.groove * np.exp(-((away / 0.16) ** 2)) * np.clip(6 * z * (1.1 - z), 0, 1)
    return np.asarray(out, np.float64)


def _bumps(points: Array, rng: np.random.Generator) -> Array:
    """A sum of waves in random directions, about -1 .. 1."""
    waves = rng.normal(size=(24, 3)) * 14
    phases = rng.uniform(0, 2 * np.pi, 24)
    return np.asarray(np.cos(points @ waves.T + phases).sum(axis=1) / 7, np.float64)


def _poles(flesh: Patch) -> tuple[float, float]:
    return flesh.points[0, 2], flesh.points[-1, 2]


def _axis(flesh: Patch, end: int) -> tuple[float, float]:
    return float(flesh.points[end, 0]), float(flesh.points[end, 1])


def _top(
    form: Form, flesh: Patch, high: float, width: float, height: float, rng: np.random.Generator
) -> Patch | None:
    """What grows on top, as bodies of its own that reach into the flesh."""
    if form.top == "none":
        return None
    foot = np.array([*_axis(flesh, -1), high])
    if form.top == "button":
        line = [(0, -0.03), (0.055, -0.03), (0.055, 0.0), (0.033, 0.012), (0, 0.008)]
        return lathe([Band(np.array(line) * width, STEM)], 20).moved(
            offset=(foot[0], foot[1], foot[2])
        )
    if form.top == "stem":
        return _stem(foot, width, 0.30 if form.tall > 1.3 else 0.26, rng)
    return joined(*_leaves(foot, width, height, form, rng))


def _stem(foot: Array, width: float, length: float, rng: np.random.Generator) -> Patch:
    t = np.linspace(0, 1, 9)
    lean, turn = rng.uniform(0.05, 0.3), rng.uniform(0, 6)
    side = lean * t**2 * length
    path = foot + width * np.stack(
        [side * np.cos(turn), side * np.sin(turn), length * (t - 0.12)], axis=1
    )
    thick = 0.021 * width * (1 - 0.35 * t + 0.9 * np.clip(t - 0.85, 0, 1) / 0.15 * 0.6)
    return tube(path, np.stack([thick, thick], axis=1), 12, STEM, up=(0.3, 1, 0))


def _leaves(
    foot: Array, width: float, height: float, form: Form, rng: np.random.Generator
) -> list[Patch]:
    """A star of pointed leaves that follow the shoulder, and a short stem."""
    flat = form.tall < 1
    many, reach = (6, 0.32 * width) if flat else (10, 0.50 * width)
    shoulder = np.array(form.outline)[::-1]
    shoulder = shoulder[: int(np.argmax(shoulder[:, 0])) + 1]
    out = [_stem(foot - [0, 0, 0.01 * width], width, 0.16, rng)]
    t = np.linspace(0, 1, 9)
    for i in range(many):
        angle = 2 * np.pi * (i + rng.uniform(-0.2, 0.2)) / many
        length = reach * rng.uniform(0.8, 1.05)
        under = np.interp(2 * length * t / width, shoulder[:, 0], shoulder[:, 1]) * height - foot[2]
        lift = width * (0.03 + rng.uniform(0.0, 0.09) * t**2)
        path = np.stack([length * t, 0 * t, np.maximum(under, -0.2 * width) + lift], axis=1)
        half = 0.2 * length * np.sin(np.pi * np.clip(t * 0.86 + 0.14, 0, 1)) ** 0.8
        sides = np.stack([half + 1e-4 * width, np.full(len(t), 0.008 * width)], axis=1)
        leaf = tube(path, sides, 10, LEAF, up=(0, 0, 1))
        out.append(leaf.moved(turn_about("z", np.degrees(angle)), tuple(foot)))
    return out


def _banana(params: Any, rng: np.random.Generator) -> Asset:
    """A five-sided section along a bend, lying on its side; a stem and a black tip."""
    length = measured(params.size_m, 0.19)
    thick = 0.5 * 0.185 * length / float(params.slenderness)
    check("fruit", (length, 2 * thick, 2 * thick))
    bend = np.radians(62 + 30 * float(params.irregularity) * rng.uniform(-1, 1))
    t = np.linspace(0, 1, 57)
    spread = bend * (t - 0.5)
    radius = length / bend
    path = radius * np.stack([np.sin(spread), 1 - np.cos(spread), 0 * t], axis=1)
    knots = ([0, 0.012, 0.04, 0.12, 0.30, 0.60, 0.80, 0.875, 0.91, 0.985, 1],
             [0.10, 0.16, 0.22, 0.62, 0.95, 1.0, 0.78, 0.42, 0.27, 0.23, 0.26])  # fmt: skip
    from scipy.interpolate import PchipInterpolator

    size = thick * PchipInterpolator(*knots)(t)
    k = np.arange(50) * 2 * np.pi / 50
    five = 1 + 0.045 * np.cos(5 * k) + 0.02 * np.cos(k + rng.uniform(0, 6))
    section = np.stack([np.cos(k), np.sin(k)], axis=1) * five[:, None]
    body = swept(path, size[:, None, None] * section, SKIN, (0, 0, 1)).creased(50.0)
    points = body.points.copy()
    middle = int(np.argmin(points[:, 1]))
    offset = np.array([0.0, 0.0, points[:, 2].min()])
    low = {"bottom": path[0], "middle": points[middle], "top": path[-1]}
    marks = {name: tuple(at - offset) for name, at in low.items()}
    rough = measured(params.roughness, 0.45)
    body = replace(body, points=points - offset)
    cuts = [float(path[i, 0]) for i in (7, 18, 28, 38, 46)]
    pieces = bands(body, cuts, axis=0)
    return assemble(body, _surfaces(params, "banana", rough), _PARTS, marks, pieces)


def _surfaces(params: Any, kind: str, rough: float) -> dict[str, Surface]:
    image, pores = paint_skin(kind, float(params.ripeness), int(params.seed))
    skin = Surface(
        base_color=(1.0, 1.0, 1.0), base_color_image=image, roughness=rough, normal_image=pores
    )
    green = kind in ("tomato", "strawberry")
    stem = (0.10, 0.16, 0.04) if green or kind == "watermelon" else (0.11, 0.065, 0.03)
    if kind == "orange":
        stem = (0.14, 0.17, 0.05)
    return {
        "skin": skin,
        "stem": Surface(base_color=stem, roughness=0.8),
        "leaf": Surface(base_color=(0.06, 0.17, 0.03), roughness=0.55),
    }
