"""Shapes of a room: walls with holes, frames, skirting, a door."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.assets.room_shell import SLOTS, wall_length_m
from simgen.assets.shaping.boards import Part, board, rod
from simgen.assets.shaping.cut import extruded
from simgen.assets.shaping.patch import Array, Patch, turn_about

_FLOOR, _WALLS, _CEILING, _TRIM, _DOOR, _METAL = range(len(SLOTS))
_SLAB_M = 0.1
_FRAME_M = 0.05
# The pattern on a wall starts at its middle; the wall's own frame is x along it, y outwards.
_UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])


def shell_parts(params: Any) -> tuple[list[Patch], tuple[Array, ...]]:
    """Surfaces and convex pieces of a room of drawn settings."""
    w, d, h = (float(v) for v in params.size_m)
    t = float(params.wall_m)
    wide, deep = w + 2 * t, d + 2 * t
    parts = [board((wide, deep, _SLAB_M), (0, 0, -_SLAB_M / 2), _FLOOR, 0.0)]
    if params.ceiling:
        parts.append(board((wide, deep, _SLAB_M), (0, 0, h + _SLAB_M / 2), _CEILING, 0.0))
    patches, pieces = [p for p, _ in parts], [c for _, c in parts]
    for wall in range(4):
        patch, piece = _wall(params, wall, t, h)
        made = [(patch, piece), *_skirting(params, wall)]
        for opening in params.openings:
            if opening.wall == wall:
                made += _door(opening, t) if opening.kind == "door" else _window(opening, t)
        turn = turn_about("z", 90.0 * wall)
        away = float(params.size_m[1 - wall % 2]) / 2
        for patch, piece in made:
            # Wall 0 stands at y = -depth / 2; the others are turned there.
            moved = patch.moved(offset=(0.0, -away, 0.0)).moved(turn)
            patches.append(moved.boxed())
            pieces.append((piece - np.array([0.0, away, 0.0])) @ turn.T)
    return patches, tuple(pieces)


def _wall(params: Any, wall: int, t: float, h: float) -> Part:
    """A wall along x whose inner side is y = 0; outside is -y."""
    import shapely

    # Walls 0 and 2 fill the corners of the house.
    half = wall_length_m(params, wall) / 2 + (t if wall % 2 == 0 else 0.0)
    outline = shapely.box(-half, 0.0, half, h)
    for opening in params.openings:
        if opening.wall == wall:
            sill = 0.0 if opening.kind == "door" else opening.sill_m
            left, right = (
                opening.along_m - opening.width_m / 2,
                opening.along_m + opening.width_m / 2,
            )
            low = sill if sill > 0 else -1.0
            outline = outline - shapely.box(left, low, right, sill + opening.height_m)
    solid = extruded(outline, t, _WALLS).patch(30.0).moved(_UPRIGHT)
    corners = np.array([[x, y, z] for x in (-half, half) for y in (-t, 0.0) for z in (0.0, h)])
    return solid, corners


def _skirting(params: Any, wall: int) -> list[Part]:
    height, length = float(params.skirting_m), wall_length_m(params, wall)
    if height <= 0:
        return []
    ends = [-length / 2]
    doors = [o for o in params.openings if o.wall == wall and o.kind == "door"]
    for door in sorted(doors, key=lambda o: o.along_m):
        reach = door.width_m / 2 + _FRAME_M
        ends += [door.along_m - reach, door.along_m + reach]
    ends.append(length / 2)
    out = []
    for left, right in zip(ends[::2], ends[1::2], strict=True):
        if right - left > 0.05:
            middle = ((left + right) / 2, 0.006, height / 2)
            out.append(board((right - left, 0.012, height), middle, _TRIM, 0.002))
    return out


def _window(opening: Any, t: float) -> list[Part]:
    """A frame in the hole, a mullion where it is wide, a sill that sticks out into the room."""
    w, h, x, z = opening.width_m, opening.height_m, opening.along_m, opening.sill_m
    y, thick = -0.6 * t, 0.06
    bars = [
        ((w, thick, _FRAME_M), (x, y, z + _FRAME_M / 2)),
        ((w, thick, _FRAME_M), (x, y, z + h - _FRAME_M / 2)),
        ((_FRAME_M, thick, h - 2 * _FRAME_M), (x - w / 2 + _FRAME_M / 2, y, z + h / 2)),
        ((_FRAME_M, thick, h - 2 * _FRAME_M), (x + w / 2 - _FRAME_M / 2, y, z + h / 2)),
        ((w + 0.08, 0.6 * t + 0.05, 0.025), (x, 0.025 - 0.3 * t, z - 0.0125 + 0.002)),
    ]
    count = int(w / 0.75)
    for n in range(1, count + 1):
        at = x - w / 2 + w * n / (count + 1)
        bars.append(((0.04, thick, h - 2 * _FRAME_M), (at, y, z + h / 2)))
    return [board(size, middle, _TRIM, 0.003) for size, middle in bars]


def _door(opening: Any, t: float) -> list[Part]:
    """A leaf that closes the hole, a frame around it, a handle."""
    w, h, x = opening.width_m, opening.height_m, opening.along_m
    leaf = board((w, 0.04, h), (x, -0.022, h / 2), _DOOR, 0.002)
    side, top = (_FRAME_M, 0.02, h + _FRAME_M), (w, 0.02, _FRAME_M)
    frame = [
        board(side, (x - w / 2 - _FRAME_M / 2, 0.01, (h + _FRAME_M) / 2), _TRIM, 0.002),
        board(side, (x + w / 2 + _FRAME_M / 2, 0.01, (h + _FRAME_M) / 2), _TRIM, 0.002),
        board(top, (x, 0.01, h + _FRAME_M / 2), _TRIM, 0.002),
    ]
    patch, corners = rod([(0.009, 0.0), (0.009, 0.12)], (0, 0, 0), _METAL, 16)
    flat = turn_about("y", 90.0)
    at = np.array([x + w / 2 - 0.17, 0.045, 1.02])
    handle = (patch.moved(flat, tuple(at)), corners @ flat.T + at)
    stem = board((0.014, 0.05, 0.014), (x + w / 2 - 0.06, 0.02, 1.02), _METAL, 0.002)
    return [leaf, *frame, handle, stem]
