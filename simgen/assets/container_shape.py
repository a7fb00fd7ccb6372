"""Shapes of containers: a moulded shell through rings, or boards on posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simgen.assets.shaping.boards import board
from simgen.assets.shaping.loft import lofted, rounded_rectangle
from simgen.assets.shaping.patch import Array, Patch, joined

if TYPE_CHECKING:
    from simgen.assets.container import Cavity

_STEPS = 6  # facets of a rounded corner
_BEAD_M = 0.003


def container_shape(params: Any, room: Cavity, rim_m: float) -> tuple[Patch, tuple[Array, ...]]:
    """Surface and convex pieces, standing on z = 0.

    Args:
        params: drawn `ContainerParams`.
    """
    wall = float(params.wall_m)
    if params.kind == "crate":
        return _crate(room, wall, int(params.boards), float(params.board_gap))
    return _shell(room, wall, rim_m, bead=params.kind == "tote")


def _shell(room: Cavity, wall: float, rim: float, bead: bool) -> tuple[Patch, tuple[Array, ...]]:
    """Up the outside, over the rim, down the inside."""
    edge = min(wall / 3, 0.0015)  # a small rounding, so that edges catch light

    def ring(z: float, out: float) -> Array:
        """An outline at a height, `out` metres outside the inner wall there."""
        share = (z - room.floor_m) / (room.height_m - room.floor_m)
        wide, deep = (
            b + share * (t - b) + 2 * out for b, t in zip(room.bottom_m, room.top_m, strict=True)
        )
        line = rounded_rectangle(wide, deep, max(room.corner_m + out, 0.0), _STEPS)
        return np.column_stack([line, np.full(len(line), z)])

    top, low = room.height_m, room.floor_m
    rings = [ring(0.0, wall - edge), ring(edge, wall)]
    if bead:  # a bead around the outside stiffens a tote
        z = low + 0.62 * (top - low)
        rings += [ring(z - 2 * _BEAD_M, wall), ring(z - _BEAD_M, wall + _BEAD_M)]
        rings += [ring(z + _BEAD_M, wall + _BEAD_M), ring(z + 2 * _BEAD_M, wall)]
    if rim > 0:
        lip = max(wall, 0.3 * rim)
        rings += [ring(top - lip, wall), ring(top - lip, wall + rim)]
        rings += [ring(top - edge, wall + rim), ring(top, wall + rim - edge)]
    else:
        rings += [ring(top - edge, wall), ring(top, wall - edge)]
    rings += [ring(top, edge), ring(top - edge, 0.0)]
    # Physics does not know of it: so small that nothing seems to stick in it.
    fillet = min(0.002, 0.1 * (top - low), 0.2 * min(room.bottom_m)) if bead else 0.0
    if fillet > 0:
        rings += [ring(low + fillet, 0.0), ring(low + 0.3 * fillet, -0.3 * fillet)]
    rings.append(ring(low, -fillet))
    patch = lofted(np.array(rings))
    walls = _wall_pieces(ring(0.0, wall), ring(top, wall), ring(top, 0), ring(low, 0))
    pieces = [np.concatenate([ring(0.0, wall), ring(low, wall)]), *walls]
    if rim > 0:
        lip = max(wall, 0.3 * rim)
        outer = ring(top, wall + rim), ring(top - lip, wall + rim)
        pieces += _wall_pieces(outer[1], outer[0], ring(top, 0), ring(top - lip, 0))
    return patch, tuple(pieces)


def _wall_pieces(a: Array, b: Array, c: Array, d: Array) -> list[Array]:
    """Prisms between neighbouring points of four rings that bound a wall: below and above
    outside, above and below inside."""
    out = []
    for k in range(len(a)):
        corners = [line[[k, (k + 1) % len(line)]] for line in (a, b, c, d)]
        prism = np.unique(np.round(np.concatenate(corners), 9), axis=0)
        if len(prism) >= 6 and np.ptp(a[[k, (k + 1) % len(a)]], axis=0).max() > 1e-6:
            out.append(prism)
    return out


def _crate(room: Cavity, wall: float, boards: int, gap: float) -> tuple[Patch, tuple[Array, ...]]:
    """Boards outside four corner posts, floor boards below."""
    (wide, deep), low, top = room.bottom_m, room.floor_m, room.height_m
    post = min(2.2 * wall + 0.008, 0.25 * min(wide, deep))
    made: list[tuple[Sequence[float], Sequence[float]]] = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = sx * (wide - post) / 2, sy * (deep - post) / 2
            made.append(((post, post, top - low), (x, y, (low + top) / 2)))
    tall = (top - low) / (boards + gap * (boards - 1) / max(1 - gap, 0.1))
    pitch = (top - low - tall) / max(boards - 1, 1)
    for n in range(boards):
        z = low + tall / 2 + n * pitch
        for s in (-1, 1):
            made.append(((wide + 2 * wall, wall, tall), (0, s * (deep + wall) / 2, z)))
            made.append(((wall, deep, tall), (s * (wide + wall) / 2, 0, z)))
    planks = max(3, round(deep / max(tall, 0.03)))
    strip = (deep + 2 * wall) / planks
    for n in range(planks):
        y = -(deep + 2 * wall) / 2 + strip * (n + 0.5)
        made.append(((wide + 2 * wall, 0.96 * strip, low), (0, y, low / 2)))
    solids = [board(size, middle) for size, middle in made]
    return joined(*(patch for patch, _ in solids)), tuple(corners for _, corners in solids)
