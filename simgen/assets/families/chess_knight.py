"""The knight's head: a silhouette that swells to both sides, with mane, eye, nostril and ears."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.shaping.blocks import block
from simgen.assets.shaping.cut import Solid, cylinder, solid
from simgen.assets.shaping.patch import Array, Patch, turn_about
from simgen.assets.shaping.profile import rounded
from simgen.assets.shaping.sweep import tube

# Seen from the side, looking to the left, foot at z = 0: x and z in shares of the head's height.
_OUTLINE = (
    (-0.34, 0.00), (-0.30, 0.10), (-0.16, 0.24), (-0.12, 0.36), (-0.20, 0.43), (-0.34, 0.41),
    (-0.42, 0.35), (-0.53, 0.345), (-0.60, 0.40), (-0.595, 0.48), (-0.53, 0.56), (-0.40, 0.70),
    (-0.33, 0.80),
    (-0.24, 0.87), (-0.17, 0.90), (-0.15, 1.00), (-0.08, 0.945), (-0.02, 0.90), (0.10, 0.84),
    (0.24, 0.70), (0.33, 0.52), (0.37, 0.32), (0.36, 0.12), (0.34, 0.00),
)  # fmt: skip
_SPACING = 0.022


def knight_head(radius: float, low: float, high: float, slot: int) -> Solid:
    """The head between two heights, looking towards -y.

    Args:
        radius: of the piece's base.
    """
    size = high - low
    points, faces = _swollen()
    reach = float(np.abs(points[:, 0]).max())
    fit = min(1.0, 1.05 * radius / (reach * size))
    scale = np.array([size * fit, 1.15 * radius, size])
    patch = Patch(
        points * scale,
        faces,
        np.zeros((len(faces), 3, 3)),
        np.zeros((len(faces), 3, 2)),
        np.full(len(faces), slot, np.int32),
    )
    spin = turn_about("z", 90)  # x to y: what looked towards -x looks towards -y
    head = solid(patch.creased(50).moved(spin, (0, 0, low)))
    eye = cylinder(0.035 * size, 4 * radius, 20, slot)
    for side in (-1, 1):
        frame = turn_about("y", 90 * side)
        at = np.array([side * 0.272 * radius, -0.27 * scale[0], low + 0.74 * size])
        head -= eye.moved(at, frame)
        ball = tube(_dot(0.03 * size), _dot_size(0.03 * size), 14, slot)
        head += solid(ball).moved(at)
        nostril = cylinder(0.018 * size, 4 * radius, 12, slot)
        head -= nostril.moved((side * 0.20 * radius, -0.50 * scale[0], low + 0.49 * size), frame)
    parting = solid(block((0.10 * radius, 2 * radius, 0.2 * size), 0.0))  # between the ears
    return head - parting.moved((0, -0.1 * scale[0], low + 1.03 * size))


def _dot(r: float) -> Array:
    t = np.radians(np.linspace(-88, 88, 9))
    return np.column_stack([r * np.sin(t), 0 * t, 0 * t])


def _dot_size(r: float) -> Array:
    t = np.radians(np.linspace(-88, 88, 9))
    return np.column_stack([r * np.cos(t), r * np.cos(t)])


@lru_cache(maxsize=1)
def _swollen() -> tuple[Array, NDArray[np.int64]]:
    """Points and faces of the head, mirrored in y = 0; thickness grows away from the edge."""
    import shapely
    from scipy.spatial import Delaunay

    ring = rounded([*_OUTLINE, _OUTLINE[0]], 0.045, 4)[:-1]
    shape = shapely.Polygon(ring)
    rim = np.array(shapely.segmentize(shape.exterior, _SPACING).coords)[:-1]
    inside = _grid(shape)
    flat = np.concatenate([rim, inside])
    cells = Delaunay(flat).simplices
    middle = shapely.points(flat[cells].mean(axis=1))
    # A cell of three points of the rim has no thickness: both of its sides would be one.
    cells = cells[shapely.contains(shape, middle) & (cells >= len(rim)).any(axis=1)]
    a, b, c = (flat[cells[:, k]] for k in range(3))
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    cells = np.where((turn > 0)[:, None], cells, cells[:, ::-1])
    away = shapely.distance(shapely.points(flat), shape.exterior)
    half = _thickness(flat, away)
    half[: len(rim)] = 0
    front = np.column_stack([flat[:, 0], -half, flat[:, 1]])
    back = np.column_stack([flat[len(rim) :, 0], half[len(rim) :], flat[len(rim) :, 1]])
    # The rim is shared; inner points of the far side have numbers of their own.
    other = np.concatenate([np.arange(len(rim)), np.arange(len(inside)) + len(flat)])
    faces = np.concatenate([cells, other[cells][:, ::-1]])
    return np.concatenate([front, back]), faces.astype(np.int64)


def _grid(shape: Any) -> Array:
    """A hexagonal grid of points inside, a little off the edge."""
    import shapely

    low_x, low_z, high_x, high_z = shape.bounds
    rows = np.arange(low_z, high_z, _SPACING * 0.866)
    points = np.array(
        [(x + 0.5 * _SPACING * (i % 2), z) for i, z in enumerate(rows)
         for x in np.arange(low_x, high_x, _SPACING)]
    )  # fmt: skip
    inner = shape.buffer(-0.5 * _SPACING)
    return np.asarray(points[shapely.contains(inner, shapely.points(points))], np.float64)


def _thickness(flat: Array, away: Array) -> Array:
    """Half thickness: round edges, a thin muzzle, a broad neck, locks in the mane."""
    x, z = flat[:, 0], flat[:, 1]
    most = np.interp(z, [0.0, 0.15, 0.45, 0.75, 1.0], [0.50, 0.46, 0.36, 0.29, 0.10])
    muzzle = np.clip((-0.18 - x) / 0.35, 0, 1) * (z > 0.3)
    most = most * (1 - 0.32 * muzzle)
    edge = np.clip(away / 0.13, 0, 1)
    out = most * np.sqrt(1 - (1 - edge) ** 2)
    mane = np.clip((x - (0.02 + 0.10 * np.sin(3 * z))) / 0.05, 0, 1) * np.clip(away / 0.02, 0, 1)
    locks = np.abs(np.sin(17 * (z + 0.55 * x)))
    return np.asarray(out * (1 - 0.13 * mane * (1 - locks)), np.float64)
