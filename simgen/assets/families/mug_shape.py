"""Geometry of mugs: a turned shell, a handle drawn along a curve and united with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, ink_of, measured
from simgen.assets.painting.glaze import glaze
from simgen.assets.shaping.convex import tube_pieces, turned_pieces, wall_cells
from simgen.assets.shaping.cut import solid
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch, joined
from simgen.assets.shaping.profile import rounded, shifted, smooth
from simgen.assets.shaping.sweep import tube
from simgen.records.asset import Asset, Surface

OUTSIDE, INSIDE, HANDLE, FOOT, CONTENT = range(5)


@dataclass(frozen=True)
class _Form:
    """One kind.

    Args:
        height, diameter: usual ones, m.
        line: the outside from the foot's edge to the rim, shares of height and rim radius.
        handle: where it leaves the wall, shares of the height; None for none.
    """

    height: float
    diameter: float
    line: tuple[tuple[float, float], ...]
    handle: tuple[float, float] | None


_FORMS = {
    "mug": _Form(0.095, 0.082, ((0, 0.88), (0.07, 1), (1, 1)), (0.20, 0.82)),
    "barrel": _Form(0.098, 0.080, ((0, 0.70), (0.06, 0.86), (0.35, 1.10), (0.75, 1.02), (1, 1)),
                    (0.24, 0.82)),
    "cup": _Form(0.062, 0.094, ((0, 0.46), (0.05, 0.50), (0.30, 0.80), (0.62, 0.93), (1, 1)),
                 (0.34, 0.88)),
    "espresso": _Form(0.058, 0.062, ((0, 0.60), (0.05, 0.66), (0.35, 0.90), (1, 1)), (0.28, 0.84)),
    "tumbler": _Form(0.110, 0.082, ((0, 0.70), (0.05, 0.76), (1, 1)), None),
    "bowl": _Form(0.062, 0.150, ((0, 0.42), (0.06, 0.45), (0.30, 0.76), (0.65, 0.94), (1, 1)),
                  None),
}  # fmt: skip


def mug_asset(params: Any, kind: str) -> Asset:
    """See `mug.Mug.build`."""
    form = _FORMS[kind]
    height = measured(params.height_m, form.height)
    radius = measured(params.diameter_m, form.diameter) / 2
    wall = measured(params.wall_m, min(0.1 * radius, 0.0042))
    reach = measured(params.handle_reach_m, 0.8 * radius)
    least = min(share for _, share in form.line) * radius
    check(
        "mug",
        (2 * radius, 2 * radius, height),
        (height < 0.25 * radius, "height_m is too small for its diameter",
         f"use at least {0.25 * radius:.3g}"),
        (wall > 0.4 * min(least, height), "wall_m is too thick",
         f"use at most {0.4 * min(least, height):.3g}"),
        (reach < 0.3 * radius, "handle_reach_m is too short", f"use at least {0.3 * radius:.3g}"),
    )  # fmt: skip
    outer = smooth([(share * radius, at * height) for at, share in form.line], 40)
    patch, inner = _shell(outer, height, wall)
    points = {
        "base": (0.0, 0.0, 0.03 * height),
        "rim_left": (-radius + wall / 2, 0.0, height),
        "rim_right": (radius - wall / 2, 0.0, height),
    }
    pieces = _pieces(outer, inner, height, wall)
    if params.handle and form.handle is not None:
        path, radii = _handle(outer, form.handle, height, reach, wall)
        # Where the handle's root would reach through the wall it is cut away.
        room = lathe([Band([*inner[::-1], (inner[0, 0], 2 * height), (0, 2 * height)], INSIDE)], 72)
        ear = solid(tube(path, radii, 20, HANDLE), keep=True) - solid(room, keep=True)
        body = solid(patch, keep=True) + ear
        patch = body.patch()
        at = (len(path) - 1 - len(path) // 6, len(path) // 2, len(path) // 6)
        names = ("handle_top", "handle_outer", "handle_bottom")
        points |= {n: _outer_side(path, radii, i) for n, i in zip(names, at, strict=True)}
        pieces += tube_pieces(path, radii.mean(axis=0), 5)
    if params.full:
        patch = joined(patch, _content(inner, height, wall))
    parts = {"body": ("outside", "inside", "foot"), "handle": ("handle",), "content": ("content",)}
    return assemble(patch, _surfaces(params, height, radius), parts, points, pieces)


def _shell(outer: Array, height: float, wall: float) -> tuple[Patch, Array]:
    """The turned body, and the line of its inside from the rim down to the axis."""
    foot_r = float(outer[0, 0])
    ring = min(0.12 * foot_r, wall)
    foot = rounded(
        [(0, 0.03 * height), (foot_r - 2.2 * ring, 0.03 * height), (foot_r - 1.8 * ring, 0),
         outer[0]], [0.3 * ring, 0.3 * ring], 4,
    )  # fmt: skip
    floor = 0.03 * height + 1.1 * wall
    wall_line = shifted(outer, wall)
    wall_line = wall_line[wall_line[:, 1] > floor + 0.5 * wall][::-1]
    rim = rounded(
        [outer[-1] - [0, wall], outer[-1], (outer[-1, 0] - wall, height),
         (wall_line[0, 0], height - wall)], [0.45 * wall, 0.45 * wall], 5,
    )  # fmt: skip
    side = outer[outer[:, 1] < height - wall - 1e-6]
    edge = float(np.interp(height - wall, outer[:, 1], outer[:, 0]))
    rim[0] = (edge, height - wall)
    low = wall_line[wall_line[:, 1] < height - wall - 1e-6]
    corner = (max(float(low[-1, 0]) - 0.1 * wall, 0.3 * foot_r), floor)
    bottom = rounded([low[-1], corner, (0, floor)], [min(2.5 * wall, 0.5 * foot_r)], 7)
    inner = np.concatenate([rim[-1:], low[:-1], bottom])
    top = int(np.argmax(rim[:, 1]))
    outside = np.concatenate([side, rim[: top + 1]])
    inside = np.concatenate([rim[top:], inner[1:]])
    bands = [Band(foot, FOOT, "disc"), Band(outside, OUTSIDE), Band(inside, INSIDE)]
    return lathe(bands, 72), inner


def _handle(
    outer: Array, ends: tuple[float, float], height: float, reach: float, wall: float
) -> tuple[Array, Array]:
    """An ear from low to high in the x-z plane, and its half widths."""
    low, high = ends[0] * height, ends[1] * height
    a, b = (float(np.interp(z, outer[:, 1], outer[:, 0])) for z in (low, high))
    out = max(a, b) + reach
    middle = (low + high) / 2
    knots = [
        (a - 0.6 * wall, low),
        (a + 0.45 * (out - a), low - 0.03 * height),
        (out - 0.06 * reach, middle - 0.22 * (high - low)),
        (out, middle + 0.10 * (high - low)),
        (b + 0.62 * (out - b), high + 0.015 * height),
        (b - 0.6 * wall, high - 0.01 * height),
    ]
    flat = _spline(knots, 49)
    path = np.column_stack([flat[:, 0], np.zeros(len(flat)), flat[:, 1]])
    t = np.linspace(-1, 1, len(path))
    swell = 1 + 0.35 * np.abs(t) ** 4
    thick = min(0.045 * height + 0.0012, 0.35 * reach)
    return path, np.stack([0.62 * thick * swell, 1.05 * thick * swell], axis=1)


def _spline(knots: list[tuple[float, float]], count: int) -> Array:
    from scipy.interpolate import CubicSpline

    p = np.array(knots)
    chord = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    return np.asarray(CubicSpline(chord, p)(np.linspace(0, chord[-1], count)), np.float64)


def _outer_side(path: Array, radii: Array, i: int) -> tuple[float, float, float]:
    """The point of the handle's outer side at a step of its path."""
    tangent = path[i + 1] - path[i - 1]
    normal = np.array([tangent[2], 0.0, -tangent[0]]) / np.linalg.norm(tangent)
    x, y, z = (float(v) for v in path[i] + normal * radii[i, 0])
    return (x, y, z)


def _content(inner: Array, height: float, wall: float) -> Patch:
    """A drink up to a little below the rim, as a body that reaches just into the wall."""
    level = height - max(2.0 * wall, 0.12 * height)
    line = inner[inner[:, 1] < level][::-1]
    edge = (float(np.interp(level, inner[::-1, 1], inner[::-1, 0])), level)
    lines = np.array([*line, edge])
    lines[:, 0] += 0.15 * wall
    lines[:, 1] -= np.where(lines[:, 1] < level, 0.15 * wall, 0)
    lines[0, 0] = 0.0
    return lathe([Band([*lines, (0, level)], CONTENT, "disc")], 72)


def _pieces(outer: Array, inner: Array, height: float, wall: float) -> tuple[Array, ...]:
    floor = 0.03 * height + 1.1 * wall
    rising = inner[::-1]
    rising = rising[rising[:, 1] > floor + 1e-6]
    rising[0, 1] = floor
    cells = wall_cells(outer, rising, [floor, floor + 0.4 * (height - floor), height])
    foot = [p for p in outer if p[1] < floor] + [
        (np.interp(floor, outer[:, 1], outer[:, 0]), floor)
    ]
    disc = np.array([(0, 0), *foot, (0, floor)])
    return turned_pieces([disc, *cells])


def _surfaces(params: Any, height: float, radius: float) -> dict[str, Surface]:
    rough = float(params.roughness)
    one, two = tuple(params.color), tuple(params.second_color)
    image = None
    if params.design != "plain":
        aspect = height / (2 * np.pi * radius)
        image = glaze(params.design, ink_of(one), ink_of(two), aspect, int(params.seed))
    dipped = params.design == "dipped"
    return {
        "outside": Surface(
            base_color=one if image is None else (1.0, 1.0, 1.0),
            base_color_image=image,
            roughness=rough,
        ),
        "inside": Surface(base_color=tuple(params.inside_color), roughness=rough),
        "handle": Surface(base_color=two if dipped else one, roughness=rough),
        "foot": Surface(base_color=(0.55, 0.46, 0.36), roughness=0.8),
        "content": Surface(base_color=tuple(params.content_color), roughness=0.05),
    }
