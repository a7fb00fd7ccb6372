"""Geometry of crates: boards nailed to posts, moulded boxes, pallets."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, measured
from simgen.assets.patterns import bake_pattern
from simgen.assets.shaping.blocks import block, corners_of
from simgen.assets.shaping.cut import Solid, extruded, solid
from simgen.assets.shaping.patch import Array, Patch, joined, turn_about
from simgen.records.asset import Asset, Image, Surface
from simgen.records.material import Rgb

BOARDS, POSTS, NAILS, LID = range(4)
_FIGURES = 12  # of wood; each takes as long to bake as ten crates to build
_USUAL = {"slatted": (0.50, 0.32, 0.26), "plastic": (0.60, 0.40, 0.24), "pallet": (1.2, 0.8, 0.144)}
_RIM = {"left_front": (-1, -1), "right_front": (1, -1), "right_back": (1, 1), "left_back": (-1, 1)}


@dataclass
class _Bench:
    """Boards as they are nailed together, and their convex pieces."""

    patches: list[Patch] = field(default_factory=list)
    pieces: list[Array] = field(default_factory=list)

    def board(
        self, size: tuple[float, float, float], at: tuple[float, float, float], slot: int
    ) -> None:
        edge = min(0.1 * min(size), 0.0015)
        self.patches.append(block(size, edge, (slot,) * 6).moved(offset=at))
        self.pieces.append(corners_of(size, at))


def crate_asset(params: Any, kind: str) -> Asset:
    """See `crate.Crate.build`."""
    given = params.size_m or _USUAL[kind]
    x, y, z = (float(v) for v in given)
    usual = {"slatted": 0.03, "plastic": 0.012, "pallet": 0.15}[kind] * min(x, y, z)
    board = measured(params.board_m, usual)
    check(
        "crate",
        (x, y, z),
        (8 * board > min(x, y) or 3 * board > z, "board_m is too thick for size_m",
         f"use at most {min(x / 8, y / 8, z / 3):.3g}"),
    )  # fmt: skip
    bench = _Bench()
    if kind == "plastic":
        patch = _plastic(params, x, y, z, board, bench)
    elif kind == "pallet":
        patch = _pallet(x, y, z, board, bench)
    else:
        patch = _slatted(params, x, y, z, board, bench)
    points = {name: (sx * x / 2, sy * y / 2, z) for name, (sx, sy) in _RIM.items()}
    points |= {f"{name}_low": (sx * x / 2, sy * y / 2, 0.0) for name, (sx, sy) in _RIM.items()}
    parts = {"body": ("boards", "posts", "nails"), "lid": ("lid",)}
    return assemble(patch, _surfaces(params, kind), parts, points, bench.pieces)


def _rows(count: int, gap: float, low: float, high: float) -> list[tuple[float, float]]:
    """Middle and width of boards that leave a share open between them."""
    span = high - low
    wide = span * (1 - gap) / count
    space = span * gap / max(count - 1, 1)
    return [(low + wide / 2 + i * (wide + space), wide) for i in range(count)]


def _slatted(params: Any, x: float, y: float, z: float, b: float, bench: _Bench) -> Patch:
    """Boards outside four posts, a floor of boards, nails where they meet."""
    proud = 0.25 * _nail_m(b)
    y -= 2 * proud  # the nails' heads reach out to the size that was asked for
    count, gap = int(params.slats), float(params.gap)
    lid = b if params.lid else 0.0
    top = z - lid
    post = min(3.2 * b, 0.12 * min(x, y))
    for sx, sy in _RIM.values():
        at = (sx * (x / 2 - b - post / 2), sy * (y / 2 - b - post / 2), b + (top - b) / 2)
        bench.board((post, post, top - b), at, POSTS)
    for middle, wide in _rows(count, gap, b if count > 1 else 0.5 * b, top):
        for s in (-1, 1):
            bench.board((x, b, wide), (0, s * (y / 2 - b / 2), middle), BOARDS)
            bench.board((b, y - 2 * b, wide), (s * (x / 2 - b / 2), 0, middle), BOARDS)
    floor = max(3, round(y / 0.075))
    for middle, wide in _rows(floor, 0.5 * gap, -y / 2 + b, y / 2 - b):
        bench.board((x - 2 * b, wide, b), (0, middle, b / 2), BOARDS)
    if params.lid:
        for middle, wide in _rows(floor, 0.5 * gap, -y / 2, y / 2):
            bench.board((x, wide, b), (0, middle, z - b / 2), LID)
    nails = [
        _nail(
            b,
            (sx * (x / 2 - b - post / 2 + dx * 0.25 * post), s * y / 2, middle + dz * 0.25 * wide),
            s,
        )
        for middle, wide in _rows(count, gap, b if count > 1 else 0.5 * b, top)
        for sx in (-1, 1)
        for s in (-1, 1)
        for dx, dz in ((-1, -1), (1, 1))
    ]
    return joined(*bench.patches, *nails)


def _nail_m(b: float) -> float:
    return min(0.28 * b, 0.0032)


def _nail(b: float, at: tuple[float, float, float], side: int) -> Patch:
    """A nail's head on the front or back."""
    from simgen.assets.shaping.lathe import Band, lathe

    radius = _nail_m(b)
    line = [(0, -0.4 * radius), (radius, -0.4 * radius), (radius, 0.1 * radius), (0, 0.25 * radius)]
    return lathe([Band(line, NAILS)], 10).moved(turn_about("x", 90 if side < 0 else -90), at)


def _pallet(x: float, y: float, z: float, b: float, bench: _Bench) -> Patch:
    """Top boards on stringers on blocks on three runners, as the European pool pallet."""
    deck = b
    for middle, wide in _rows(5, 0.18, -y / 2, y / 2):
        bench.board((x, wide, deck), (0, middle, z - deck / 2), BOARDS)
    for middle in (-1, 0, 1):
        at = middle * (x / 2 - 0.06 * x)
        bench.board((0.12 * x, y, deck), (at, 0, z - 1.5 * deck), BOARDS)
        for row in (-1, 0, 1):
            across = row * (y / 2 - 0.07 * y)
            high = z - 3 * deck
            bench.board((0.12 * x, 0.13 * y, high), (at, across, deck + high / 2), POSTS)
    for row in (-1, 0, 1):
        bench.board((x, 0.13 * y, deck), (0, row * (y / 2 - 0.07 * y), deck / 2), BOARDS)
    return joined(*bench.patches)


def _plastic(params: Any, x: float, y: float, z: float, b: float, bench: _Bench) -> Patch:
    """A moulded box with a rim, rows of openings and two handles."""
    lid = 2.5 * b if params.lid else 0.0
    top = z - lid
    rim, foot = 1.6 * b, 0.9 * b
    outer = _plate(x - 2 * foot, y - 2 * foot, 0.05 * y, top)
    body = outer + _plate(x, y, 0.06 * y, rim).moved((0, 0, top - rim))
    body += _plate(x - 2 * foot + 1.2 * b, y - 2 * foot + 1.2 * b, 0.055 * y, b).moved(
        (0, 0, 0.55 * top)
    )
    inside = _plate(x - 2 * foot - 2 * b, y - 2 * foot - 2 * b, 0.035 * y, top).moved(
        (0, 0, 1.2 * b)
    )
    body -= inside
    for hole in _openings(params, x, y, top, b):
        body -= hole
    patches = [body.patch(30.0)]
    if params.lid:
        cover = _plate(x, y, 0.06 * y, 0.6 * lid) + _plate(x - 6 * b, y - 6 * b, 0.05 * y, lid)
        patches.append(cover.moved((0, 0, top)).patch(30.0).recoloured(LID))
        bench.pieces.append(corners_of((x, y, lid), (0, 0, top + lid / 2)))
    bench.pieces.append(corners_of((x - 2 * foot, y - 2 * foot, 1.2 * b), (0, 0, 0.6 * b)))
    for s in (-1, 1):
        bench.pieces.append(
            corners_of((x - 2 * foot, b, top), (0, s * (y / 2 - foot - b / 2), top / 2))
        )
        bench.pieces.append(
            corners_of((b, y - 2 * foot, top), (s * (x / 2 - foot - b / 2), 0, top / 2))
        )
    return joined(*patches)


def _plate(x: float, y: float, corner: float, height: float) -> Solid:
    from shapely.geometry import box

    inner = box(-x / 2 + corner, -y / 2 + corner, x / 2 - corner, y / 2 - corner)
    return extruded(inner.buffer(corner, 8), height, BOARDS)


def _openings(params: Any, x: float, y: float, top: float, b: float) -> list[Solid]:
    """Slots through the long and the short walls, and through the floor; handles above."""
    rows, gap = int(params.slats), float(params.gap)
    low, high = 3.5 * b, 0.52 * top
    out = []
    for wide, deep, turn in ((x, y, 0.0), (y, x, 90.0)):
        columns = max(3, round(wide / (0.055 + 2 * b)))
        open_x, open_z = (
            wide * 0.86 / columns * (0.35 + 0.5 * gap),
            (high - low) / rows * (0.4 + 0.5 * gap),
        )
        for i in range(columns):
            for j in range(rows):
                at = (
                    wide * 0.86 * ((i + 0.5) / columns - 0.5),
                    low + (high - low) * (j + 0.5) / rows,
                )
                out.append(_through(open_x, open_z, at, 2 * deep, turn))
    for s in (-1, 1):
        hand = solid(block((4 * b, 0.3 * y, 0.12 * top), 0.03 * top)).moved(
            (s * x / 2, 0, 0.78 * top)
        )
        out.append(hand)
    return out


def _through(wide: float, tall: float, at: tuple[float, float], deep: float, turn: float) -> Solid:
    bar = solid(block((wide, deep, tall), 0.0))
    frame = turn_about("z", turn)
    return bar.moved(frame @ np.array([at[0], 0.0, at[1]]), frame)


@lru_cache(maxsize=2 * _FIGURES)
def _grain(color: Rgb, figure: int) -> Image:
    dark = [0.52 * float(v) for v in color]
    recipe = {"colors": [list(color), dark], "contrast": 0.85, "seed": figure}
    return bake_pattern("wood", recipe)


def _surfaces(params: Any, kind: str) -> dict[str, Surface]:
    if kind == "plastic":
        body = Surface(base_color=tuple(params.plastic_color), roughness=0.42, uv_in_metres=True)
        return {"boards": body, "posts": body, "nails": body, "lid": body}
    grain = _grain(tuple(params.color), int(params.seed) % _FIGURES)
    wood = Surface(
        base_color=(1.0, 1.0, 1.0),
        base_color_image=grain,
        roughness=float(params.roughness),
        uv_in_metres=True,
        tile_m=0.45,
    )
    steel = Surface(base_color=(0.25, 0.24, 0.23), metallic=0.9, roughness=0.5)
    return {"boards": wood, "posts": wood, "nails": steel, "lid": wood}
