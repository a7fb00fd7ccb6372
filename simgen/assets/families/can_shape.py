"""Geometry of cans: pressed walls, seams, lids with their tabs, the mouth of an open one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, ink_of, measured
from simgen.assets.families.can import SIZES
from simgen.assets.painting.labels import wrap_label
from simgen.assets.shaping.convex import bands, turned_pieces, wall_cells
from simgen.assets.shaping.cut import Solid, cylinder, extruded, solid
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch, joined, turn_about
from simgen.assets.shaping.profile import arc, rounded
from simgen.records.asset import Asset, Surface

_LABEL, _LID, _BASE, _TAB, _INSIDE = range(5)
_USUAL_M = 0.066  # diameter that seams and dents are drawn for


def can_asset(params: Any, kind: str) -> Asset:
    """See `can.Can.build`."""
    height = measured(params.height_m, SIZES[kind][0])
    radius = measured(params.diameter_m, SIZES[kind][1]) / 2
    least = 0.045 if kind in ("drink", "slim") else 0.018
    unit = 2 * radius / _USUAL_M
    check(
        "can",
        (2 * radius, 2 * radius, height),
        (height < least * unit, "height_m is too small for its diameter",
         f"use at least {least * unit:.3g}"),
    )  # fmt: skip
    if kind in ("drink", "slim"):
        patch = _drink(height, radius, unit, bool(params.open))
    else:
        patch = _food(height, radius, unit, bool(params.open))
    hollow = bool(params.open) and kind not in ("drink", "slim")
    points = {"base": (0.0, 0.0, _floor_m(kind, unit)), "front": (0.0, -radius, height / 2)}
    if not hollow:
        points = {"lid": (0.0, 0.0, _lid_m(kind, height, unit)), **points}
    return assemble(
        patch,
        _surfaces(params, kind, height, radius),
        {"body": ("label", "base", "inside"), "lid": ("lid", "tab")},
        points,
        _pieces(height, radius, unit) if hollow else bands(patch, ()),
    )


def _floor_m(kind: str, unit: float) -> float:
    return (0.0095 if kind in ("drink", "slim") else 0.002) * unit


def _lid_m(kind: str, height: float, unit: float) -> float:
    return height - (0.0045 if kind in ("drink", "slim") else 0.0035) * unit


def _drink(height: float, radius: float, unit: float, opened: bool) -> Patch:
    neck = 0.8 * radius
    dome = arc((0, 0.0015 * unit), (0.64 * radius, 0.008 * unit), 90, 8, 8)
    foot = rounded(
        [dome[-1], (0.70 * radius, 0), (0.76 * radius, 0), (radius, 0.011 * unit)],
        [0.001 * unit, 0.0015 * unit],
    )
    shoulder = height - 0.0175 * unit
    wall = rounded(
        [
            foot[-1],
            (radius, shoulder),
            (neck, height - 0.004 * unit),
            (neck, height - 0.003 * unit),
        ],
        [0.012 * unit, 0.002 * unit],
    )
    seam = rounded(
        [
            wall[-1],
            (neck + 0.0009 * unit, height - 0.0028 * unit),
            (neck + 0.0009 * unit, height),
            (neck - 0.0011 * unit, height),
            (neck - 0.0028 * unit, height - 0.0065 * unit),
            (neck - 0.0045 * unit, height - 0.0065 * unit),
            (neck - 0.0048 * unit, height - 0.0045 * unit),
            (0, height - 0.0045 * unit),
        ],
        [0.0003 * unit, 0.0006 * unit, 0.0006 * unit, 0.0008 * unit, 0.0004 * unit, 0.0005 * unit],
    )
    edge = int(np.argmax(seam[:, 1]))
    body = lathe(
        [
            Band(dome, _BASE, "disc"),
            Band(foot, _BASE),
            Band(wall, _LABEL),
            Band(seam[: edge + 1], _LID),
            Band(seam[edge:], _LID, "disc"),
        ],
        72,
    )
    top = height - 0.0045 * unit
    tab = _tab(unit).moved((0, 0, top + 0.0002 * unit))
    if not opened:
        return joined(body, tab.patch(40.0))
    mouth = extruded(_oval(0.0105 * unit, 0.0078 * unit), 0.03 * unit, _INSIDE)
    cut = solid(body, keep=True) - mouth.moved((0, 0.0125 * unit, top - 0.018 * unit))
    return joined(cut.patch(), tab.patch(40.0))


def _oval(across: float, along: float) -> Any:
    from shapely import Polygon

    return Polygon(arc((0, 0), (across, along), 0, 360, 40)[:-1])


def _tab(unit: float) -> Solid:
    """The lever on top of a drink can, riveted in the middle, its ring towards -y."""
    from shapely import LineString, Point

    plate = LineString([(0, -0.0125 * unit), (0, 0.0035 * unit)]).buffer(0.0072 * unit, 12)
    ring = LineString([(0, -0.0145 * unit), (0, -0.0105 * unit)]).buffer(0.0042 * unit, 12)
    lever = extruded(plate.difference(ring), 0.0012 * unit, _TAB)
    lever -= extruded(Point(0, 0).buffer(0.0042 * unit, 12), 0.001 * unit, _TAB).moved(
        (0, 0, 0.0009 * unit)
    )
    lever += cylinder(0.0026 * unit, 0.0019 * unit, 24, _TAB).moved((0, 0, -0.0003 * unit))
    return lever.moved((0, 0, 0), turn_about("x", -2.0))


def _ribs(low: Array, high: Array, count: int, depth: float) -> Array:
    """A wall from one point to the other with shallow rings pressed into its middle."""
    t = np.linspace(0, 1, 12 * count + 1)
    fade = np.clip(8 * t * (1 - t), 0, 1)
    line = low + (high - low) * t[:, None]
    line[:, 0] -= depth * fade * (0.5 - 0.5 * np.cos(2 * np.pi * count * t))
    return line


def _food(height: float, radius: float, unit: float, opened: bool) -> Patch:
    rim, wall = 0.0022 * unit, radius - 0.0014 * unit
    low, high = 0.0042 * unit, height - 0.0042 * unit
    ring = [(radius, 0.0), (radius, rim), (wall, low)]
    base = rounded(
        [(0, 0.002 * unit), (0.62 * radius, 0.002 * unit), (0.66 * radius, 0.0032 * unit),
         (radius - 0.0032 * unit, 0.0032 * unit), (radius - 0.0024 * unit, 0), *ring],
        0.0006 * unit,
    )  # fmt: skip
    count = max(2, round((high - low) / (0.011 * unit)))
    side = _ribs(np.array([wall, low]), np.array([wall, high]), count, 0.0006 * unit)
    lip = [(wall, high), (radius, height - rim), (radius, height), (radius - 0.0024 * unit, height)]
    bands = [Band(base, _BASE, "disc"), Band(side, _LABEL)]
    if opened:
        tin = 0.0007 * unit
        inner = side[::-1] - [tin, 0]
        edge = rounded([*lip, (wall - tin, height - 0.004 * unit)], 0.0006 * unit)
        floor = rounded([inner[-1], (wall - tin, 0.0035 * unit), (0, 0.0035 * unit)], 0.0005 * unit)
        inside = np.concatenate([edge[-1:], inner, floor[1:]])
        return lathe([*bands, Band(edge, _LID), Band(inside, _INSIDE)], 72)
    sunk = height - 0.0035 * unit
    heights = ((0.86, 0), (0.82, 1), (0.78, 0), (0.66, 0), (0.62, -1), (0.3, -1), (0.26, 0))
    beads = [(r * radius, sunk + d * 0.0008 * unit) for r, d in heights]
    lid = [(radius - 0.0034 * unit, sunk), *beads, (0, sunk)]
    edge = rounded([*lip, *lid], 0.0006 * unit)
    body = lathe([*bands, Band(edge, _LID, "disc")], 72)
    tab = _tab(1.15 * unit).moved((0, -0.3 * radius, sunk + 0.0004 * unit), turn_about("z", 180))
    return joined(body, tab.patch(40.0))


def _pieces(height: float, radius: float, unit: float) -> tuple[Array, ...]:
    wall = np.array([[radius, 0.0], [radius, height]])
    floor = 0.0035 * unit
    cells = wall_cells(wall, wall - [0.002 * unit, 0], [floor, height])
    disc = np.array([[0, 0.002 * unit], [radius, 0], [radius, floor], [0, floor]])
    return turned_pieces([disc, *cells])


def _surfaces(params: Any, kind: str, height: float, radius: float) -> dict[str, Surface]:
    ground = None if params.label_color is None else ink_of(tuple(params.label_color))
    goods = "drink" if kind in ("drink", "slim") else "food"
    rows = int(np.clip(round(1024 * height / (2 * np.pi * radius)), 96, 1024))
    image = wrap_label(1024, rows, goods, int(params.seed), ground)
    metal = Surface(
        base_color=tuple(params.metal_color), metallic=1.0, roughness=float(params.metal_roughness)
    )
    white = (1.0, 1.0, 1.0)
    return {
        "label": Surface(
            base_color=white, base_color_image=image, roughness=float(params.label_roughness)
        ),
        "lid": metal,
        "base": metal,
        "tab": replace(metal, uv_in_metres=True),
        "inside": Surface(base_color=(0.25, 0.25, 0.26), metallic=0.6, roughness=0.5),
    }
