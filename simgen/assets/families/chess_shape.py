"""Geometry of chess pieces: turned feet and stems, crowns that are cut, a carved knight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, measured
from simgen.assets.families.chess_knight import knight_head
from simgen.assets.families.chess_piece import PROPORTIONS
from simgen.assets.shaping.blocks import block
from simgen.assets.shaping.convex import bands
from simgen.assets.shaping.cut import Solid, cylinder, solid
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch, turn_about
from simgen.assets.shaping.profile import arc, rounded, smooth
from simgen.records.asset import Asset, Surface

BODY, FELT = 0, 1
_CREASE = 38.0

# Outlines above the foot: (r, z) in shares of the base's radius and of the height; rounded by the
# third number, a share of the base's radius.
Line = list[tuple[float, float, float]]
_FOOT: Line = [(1.0, 0.0, 0.02), (1.0, 0.035, 0.03), (0.93, 0.06, 0.03)]
_STEMS: dict[str, Line] = {
    "pawn": [(0.90, 0.13, 0.10), (0.62, 0.20, 0.15), (0.42, 0.36, 0.3), (0.34, 0.56, 0.10),
             (0.36, 0.595, 0.02), (0.60, 0.61, 0.03), (0.60, 0.645, 0.03), (0.36, 0.665, 0.02)],
    "rook": [(0.92, 0.14, 0.10), (0.70, 0.21, 0.15), (0.56, 0.36, 0.3), (0.52, 0.62, 0.1),
             (0.56, 0.67, 0.05), (0.72, 0.70, 0.04), (0.72, 0.76, 0.04)],
    "knight": [(0.92, 0.12, 0.10), (0.80, 0.17, 0.10), (0.82, 0.20, 0.03), (0.82, 0.235, 0.03),
               (0.60, 0.26, 0.03)],
    "bishop": [(0.90, 0.10, 0.10), (0.62, 0.16, 0.15), (0.38, 0.32, 0.3), (0.30, 0.52, 0.10),
               (0.33, 0.555, 0.02), (0.62, 0.565, 0.03), (0.62, 0.59, 0.03), (0.36, 0.605, 0.02),
               (0.46, 0.625, 0.02), (0.46, 0.64, 0.02), (0.34, 0.655, 0.02)],
    "queen": [(0.90, 0.09, 0.10), (0.62, 0.14, 0.15), (0.40, 0.30, 0.3), (0.30, 0.58, 0.10),
              (0.34, 0.605, 0.02), (0.62, 0.615, 0.03), (0.62, 0.64, 0.03), (0.38, 0.655, 0.02),
              (0.50, 0.67, 0.02), (0.50, 0.685, 0.02), (0.36, 0.70, 0.02)],
    "king": [(0.90, 0.085, 0.10), (0.64, 0.135, 0.15), (0.42, 0.28, 0.3), (0.31, 0.54, 0.10),
             (0.35, 0.565, 0.02), (0.62, 0.575, 0.03), (0.62, 0.60, 0.03), (0.40, 0.615, 0.02),
             (0.52, 0.63, 0.02), (0.52, 0.645, 0.02), (0.38, 0.66, 0.02)],
}  # fmt: skip
# Where a piece is cut for physics: foot, stem, collar, head; shares of the height.
_CUTS = {
    "pawn": (0.22, 0.58, 0.66),
    "rook": (0.22, 0.66),
    "knight": (0.25, 0.60),
    "bishop": (0.17, 0.55, 0.66),
    "queen": (0.15, 0.60, 0.70, 0.92),
    "king": (0.14, 0.56, 0.66, 0.88),
}
_COLLAR = {"pawn": 0.645, "rook": 0.70, "knight": 0.22, "bishop": 0.59, "queen": 0.64, "king": 0.60}


def chess_asset(params: Any, piece: str) -> Asset:
    """See `chess_piece.ChessPiece.build`."""
    tall, wide = PROPORTIONS[piece]
    height = measured(params.height_m, tall * float(params.king_m))
    base = measured(params.base_m, wide / tall * height)
    check(
        "chess_piece",
        (base, base, height),
        (not 0.15 < base / height < 1.2, "base_m does not fit the height",
         f"use {0.15 * height:.3g} to {1.2 * height:.3g}"),
    )  # fmt: skip
    scale = np.array([base / 2, height])
    n = int(params.facets)
    makers: dict[str, Callable[[Array, int], Solid]] = {
        "pawn": _pawn, "rook": _rook, "knight": _knight, "bishop": _bishop, "queen": _queen,
        "king": _king,
    }  # fmt: skip
    patch = makers[piece](scale, n).patch(_CREASE)
    collar = _COLLAR[piece] * height
    front = np.abs(patch.points[:, 2] - collar) < 0.02 * height
    reach = float(np.hypot(patch.points[front, 0], patch.points[front, 1]).max(initial=base / 4))
    top = patch.points[int(np.argmax(patch.points[:, 2]))]
    points = {"base": (0.0, 0.0, 0.0), "collar": (0.0, -reach, collar), "top": tuple(top)}
    pieces = bands(patch, [share * height for share in _CUTS[piece]])
    surfaces = {
        "body": Surface(
            base_color=tuple(params.color), roughness=float(params.roughness), uv_in_metres=True
        ),
        "felt": Surface(base_color=tuple(params.felt_color), roughness=0.95, uv_in_metres=True),
    }
    return assemble(patch, surfaces, {"body": ("body",), "felt": ("felt",)}, points, pieces)


def _turned(stem: Line, head: Array, scale: Array, n: int) -> Patch:
    """Foot, stem and a head's outline that ends on the axis, turned."""
    line = [*_FOOT, *stem]
    knots = np.array([(r, z) for r, z, _ in line]) * scale
    knots = np.concatenate([[(0.0, 0.0)], knots, head[:1]])
    radii = np.array([radius for _, _, radius in line]) * scale[0]
    side = rounded(knots, radii, 6)
    under = side[: int(np.argmax(side[:, 0] > 0.98 * scale[0])) + 1]
    return lathe(
        [Band(under, FELT, "disc"), Band([*side[len(under) - 1 :], *head[1:]], BODY)], n, _CREASE
    )


def _ball(radius: float, scale: Array, start_deg: float = -62) -> Array:
    """A ball whose top is the top of the piece: from its neck to the axis."""
    centre = (0.0, scale[1] - radius)
    return arc(centre, (radius, radius), start_deg, 90, 16)


def _pawn(scale: Array, n: int) -> Solid:
    return solid(_turned(_STEMS["pawn"], _ball(0.50 * scale[0], scale), scale, n))


def _rook(scale: Array, n: int) -> Solid:
    """A tower with six merlons around a well."""
    r, h = scale
    crown = np.array([(0.80, 0.80), (0.80, 1.0), (0.56, 1.0), (0.56, 0.86), (0.0, 0.86)]) * scale
    body = solid(_turned(_STEMS["rook"], rounded(crown, 0.02 * r, 3), scale, n))
    for k in range(3):
        slit = solid(block((3 * r, 0.20 * r, 0.30 * h), 0.0))
        body -= slit.moved((0, 0, 1.06 * h), turn_about("z", 60 * k))
    return body


def _bishop(scale: Array, n: int) -> Solid:
    """A mitre with its slanting cut and a ball on top."""
    r, h = scale
    mitre = (
        np.array([(0.34, 0.655), (0.52, 0.74), (0.47, 0.82), (0.28, 0.90), (0.10, 0.94)]) * scale
    )
    head = np.concatenate([smooth(mitre, 18), _ball(0.14 * r, scale, -45)[1:]])
    body = solid(_turned(_STEMS["bishop"], head, scale, n))
    slit = solid(block((0.9 * r, 1.4 * r, 0.07 * r), 0.0))
    return body - slit.moved((0.42 * r, 0, 0.845 * h), turn_about("y", -58))


def _coronet(scale: Array, low: float, high: float, wide: float) -> Array:
    """A crown that opens upwards, its rim and the hollow inside."""
    return (
        np.array(
            [
                (0.36, low),
                (0.42, (low + high) / 2),
                (wide, high),
                (0.86 * wide, high),
                (0.70 * wide, high - 0.02),
            ]
        )
        * scale
    )


def _queen(scale: Array, n: int) -> Solid:
    """A crown of nine points, a dome and a ball."""
    r, h = scale
    crown = _coronet(scale, 0.70, 0.90, 0.62)
    dome = arc((0.0, 0.885 * h), (0.42 * r, 0.055 * h), 0, 70, 8)
    head = np.concatenate([rounded(crown, 0.01 * r, 3), dome, _ball(0.15 * r, scale, -40)[1:]])
    body = solid(_turned(_STEMS["queen"], head, scale, n))
    notch = cylinder(0.13 * r, 2 * r, 16, BODY)
    for k in range(9):
        spin = turn_about("z", 40 * k)
        frame = spin @ turn_about("y", 90)
        body -= notch.moved(spin @ np.array([0.5 * r, 0, 0.918 * h]), frame)
    return body


def _king(scale: Array, n: int) -> Solid:
    """A crown with a dome and a cross."""
    r, h = scale
    crown = _coronet(scale, 0.66, 0.84, 0.58)
    dome = arc((0.0, 0.83 * h), (0.44 * r, 0.055 * h), 0, 82, 9)
    head = np.concatenate([rounded(crown, 0.01 * r, 3), dome, [(0.0, 0.885 * h)]])
    body = solid(_turned(_STEMS["king"], head, scale, n))
    tall, arm, thick = 0.125 * h, 0.50 * r, 0.13 * r
    upright = solid(block((1.1 * thick, thick, tall), 0.15 * thick)).moved((0, 0, h - tall / 2))
    across = solid(block((arm, thick, 1.1 * thick), 0.15 * thick)).moved((0, 0, h - 0.38 * tall))
    return body + upright + across


def _knight(scale: Array, n: int) -> Solid:
    """A turned foot that carries a carved head."""
    r, h = scale
    lid = np.array([(0.60, 0.26), (0.0, 0.27)]) * scale
    foot = solid(_turned(_STEMS["knight"], lid, scale, n))
    return foot + knight_head(r, 0.245 * h, h, BODY)
