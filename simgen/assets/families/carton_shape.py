"""Geometry of cartons: a block, or walls with flaps that stand open."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.assets.box import CORNERS
from simgen.assets.families.assembly import assemble, check, ink_of, measured
from simgen.assets.painting.packs import pack_art
from simgen.assets.shaping.blocks import SIDES, block, corners_of
from simgen.assets.shaping.cut import solid
from simgen.assets.shaping.patch import Array, Patch, joined, turn_about
from simgen.records.asset import Asset, Surface

_SLOTS = (*SIDES, "inside")
_INSIDE, _TOP = 6, 5
_USUAL = {  # size and thickness, m; goods
    "cereal": ((0.19, 0.065, 0.28), 0.0008, "cereal"),
    "tea": ((0.13, 0.07, 0.075), 0.0008, "tea"),
    "flat": ((0.30, 0.21, 0.055), 0.0018, "game"),
    "shipping": ((0.32, 0.24, 0.20), 0.004, "shipping"),
}


def carton_asset(params: Any, kind: str) -> Asset:
    """See `carton.Carton.build`."""
    usual, thin, _ = _USUAL[kind]
    x, y, z = (float(v) for v in (params.size_m or usual))
    wall = measured(params.wall_m, thin)
    check(
        "carton",
        (x, y, z),
        (wall > 0.1 * min(x, y, z), "wall_m is too thick for size_m",
         f"use at most {0.1 * min(x, y, z):.3g}"),
    )  # fmt: skip
    pieces: list[Array] = []
    if params.open:
        patch, pieces = _opened((x, y, z), wall, float(params.flap_deg))
    else:
        edge = min(0.6 * wall, 0.02 * min(x, y, z))
        patch = block((x, y, z), edge, range(6)).moved(offset=(0, 0, z / 2))
        pieces = [corners_of((x, y, z), (0, 0, z / 2))]
    points = {name: (i * x / 2, j * y / 2, z * (k + 1) / 2) for name, (i, j, k) in CORNERS.items()}
    flaps = ("top",) if params.open else ()
    body = tuple(name for name in _SLOTS if name not in flaps)
    return assemble(
        patch, _surfaces(params, kind, (x, y, z)), {"body": body, "flaps": flaps}, points, pieces
    )


def _opened(
    size: tuple[float, float, float], wall: float, turned: float
) -> tuple[Patch, list[Array]]:
    """Walls and floor, and four flaps about their upper edges; pieces of all."""
    x, y, z = size
    outer = block(size, 0.0, range(6)).moved(offset=(0, 0, z / 2))
    room = block((x - 2 * wall, y - 2 * wall, z), 0.0, (_INSIDE,) * 6)
    hollow = solid(room.moved(offset=(0, 0, z / 2 + wall)), keep=True)
    body = (solid(outer, keep=True) - hollow).patch()
    patches = [body]
    pieces = [corners_of((x, y, wall), (0, 0, wall / 2))]
    deep = min(0.5 * y, 0.9 * x)
    for angle, wide, away in ((0, x, y), (180, x, y), (90, y, x), (270, y, x)):
        spin = turn_about("z", angle)
        centre = spin @ np.array([0, -away / 2 + wall / 2, z / 2])
        pieces.append(corners_of((wide, wall, z), centre, spin))
        # A flap lies over the opening, then turns up and outwards about the wall's edge.
        long = deep if angle in (0, 180) else min(deep, 0.5 * x)
        slots = (_INSIDE, _INSIDE, _INSIDE, _INSIDE, _INSIDE, _TOP)
        flap = block((wide - 2 * wall, long, 0.9 * wall), 0.0, slots)
        hinge = np.array([0.0, -away / 2 + wall / 2, z])
        tilt = turn_about("x", turned)
        frame = spin @ tilt
        at = spin @ (hinge + tilt @ np.array([0.0, long / 2, 0.0]))
        patches.append(flap.moved(frame, tuple(at)))
        pieces.append(corners_of((wide - 2 * wall, long, wall), at, frame))
    return joined(*patches), pieces


def _surfaces(params: Any, kind: str, size: tuple[float, float, float]) -> dict[str, Surface]:
    x, y, z = size
    goods = _USUAL[kind][2]
    ground = None if params.color is None else ink_of(tuple(params.color))
    fronts = tuple(_pixels(a, b) for a, b in ((x, z), (y, z), (x, y)))
    front, side, top = pack_art(fronts, goods, int(params.seed), ground)
    rough = measured(params.roughness, 0.85 if kind == "shipping" else 0.35)
    white = (1.0, 1.0, 1.0)
    faces = {"left": side, "right": side, "front": front, "back": front, "bottom": top, "top": top}
    if kind == "flat":  # the large face lies on top
        front, side, top = pack_art((_pixels(x, y), _pixels(y, z), _pixels(x, z)), goods,
                                    int(params.seed), ground)  # fmt: skip
        faces |= {"top": front, "bottom": front, "front": top, "back": top}
    inner = (0.42, 0.29, 0.17) if kind == "shipping" else (0.50, 0.47, 0.42)
    return {
        name: Surface(base_color=white, base_color_image=faces[name], roughness=rough)
        for name in SIDES
    } | {"inside": Surface(base_color=inner, roughness=0.9)}


def _pixels(wide: float, tall: float) -> tuple[int, int]:
    scale = 420 / max(wide, tall)
    return max(round(wide * scale), 24), max(round(tall * scale), 24)
