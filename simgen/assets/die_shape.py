"""Geometry of a die: a rounded cube, its corners cut by a ball, pips cut out as ball caps."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.box_uv import project_box
from simgen.assets.normals import unit_or
from simgen.assets.solids import rounded_box
from simgen.records.asset import Mesh

_SEGMENTS, _RINGS = 28, 5
# Pip centres in units of the spacing; the diagonals of two and three run towards the corner
# that one, two and three share.
_LAYOUTS: tuple[tuple[tuple[int, int], ...], ...] = (
    ((0, 0),),
    ((-1, -1), (1, 1)),
    ((-1, -1), (0, 0), (1, 1)),
    ((-1, -1), (-1, 1), (1, -1), (1, 1)),
    ((-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0)),
    ((-1, -1), (-1, 1), (1, -1), (1, 1), (0, -1), (0, 1)),
)
_SPACING = 0.255
Faces = tuple[tuple[int, int], ...]


def die_mesh(
    size_m: float, faces: Faces, bevel: float, corner: float, radius: float, depth: float
) -> Mesh:
    """The die's mesh; slot 0 is the body, slot 1 the pips.

    Args:
        faces: (axis, sign) of the faces one ... six.
        bevel, corner, radius, depth: of edges, corner ball and pips, in units of the edge.
    """
    points, triangles, normals, slot = _unit_die(faces, bevel, corner, radius, depth)
    points = points * size_m
    return Mesh(
        points.astype(np.float32),
        triangles.astype(np.int32),
        normals.astype(np.float32),
        project_box(points[triangles]),
        slot.copy(),
    )


@lru_cache(maxsize=16)
def _unit_die(
    faces: Faces, bevel: float, corner: float, radius: float, depth: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int32]]:
    """Vertices, faces, corner normals and slots of a die of edge 1."""
    import manifold3d

    half = np.full(3, 0.5)
    body_points, body_faces, _ = rounded_box(half, bevel, steps=10)
    body = _solid(manifold3d, body_points, body_faces)
    ball = manifold3d.Manifold.sphere(corner, 96).as_original()
    ball_radius = (radius**2 + depth**2) / (2 * depth)  # of the ball whose cap is a pip
    pips: dict[int, int] = {}
    centres: list[tuple[Any, NDArray[np.float64]]] = []
    for axis, sign, u, v in _pip_places(faces):
        turn = _frame(axis, sign)
        cap = _cap(radius, depth, ball_radius) @ turn.T + turn @ np.array([u, v, 0.5])
        pip = _solid(manifold3d, cap, _cap_faces())
        pips[pip.original_id()] = len(centres)
        centres.append((pip, turn @ np.array([u, v, 0.5 + ball_radius - depth])))
    holes = manifold3d.Manifold.batch_boolean([pip for pip, _ in centres], manifold3d.OpType.Add)
    mesh = ((body ^ ball) - holes).to_mesh64()
    points = np.array(mesh.vert_properties, np.float64)[:, :3]
    triangles = np.array(mesh.tri_verts, np.int64)
    origin = _origins(mesh, len(triangles))
    corners = points[triangles]
    normals = _cube_normals(corners, bevel)
    from_ball = origin == ball.original_id()
    normals[from_ball] = unit_or(corners[from_ball], normals[from_ball])
    slot = np.zeros(len(triangles), np.int32)
    for number, index in pips.items():
        chosen = origin == number
        slot[chosen] = 1
        normals[chosen] = unit_or(centres[index][1] - corners[chosen], normals[chosen])
    return points, triangles, normals, slot


def _solid(manifold3d: Any, points: NDArray[np.float64], faces: NDArray[np.int64]) -> Any:
    mesh = manifold3d.Mesh64(points, faces.astype(np.uint64))
    return manifold3d.Manifold(mesh).as_original()


def _origins(mesh: Any, count: int) -> NDArray[np.int64]:
    """Per triangle, the id of the solid that its surface came from."""
    out = np.empty(count, np.int64)
    bounds = np.array(mesh.run_index, np.int64) // 3
    for start, end, number in zip(bounds[:-1], bounds[1:], mesh.run_original_id, strict=True):
        out[start:end] = int(number)
    return out


def _cube_normals(corners: NDArray[np.float64], bevel: float) -> NDArray[np.float64]:
    """Exact normals of the rounded cube: away from the inner cube of half edge 0.5 - bevel."""
    inner = 0.5 - max(bevel, 1e-6)
    away = corners - np.clip(corners, -inner, inner)
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    fallback = unit_or(flat, np.array([0.0, 0.0, 1.0]))
    if bevel <= 1e-6:
        return np.repeat(fallback[:, None], 3, axis=1)
    return unit_or(away, np.repeat(fallback[:, None], 3, axis=1))


def _pip_places(faces: Faces) -> list[tuple[int, int, float, float]]:
    """(axis, sign, u, v) of all 21 pips; u, v in the face's own frame."""
    out = []
    for (axis, sign), layout in zip(faces, _LAYOUTS, strict=True):
        out += [(axis, sign, u * _SPACING, v * _SPACING) for u, v in layout]
    return out


def _frame(axis: int, sign: int) -> NDArray[np.float64]:
    """Proper rotation that carries +z to the face's normal."""
    turn = np.zeros((3, 3))
    turn[(axis + 1) % 3, 0] = 1
    turn[(axis + 2) % 3, 1] = sign
    turn[axis, 2] = sign
    return turn


def _cap(radius: float, depth: float, ball_radius: float) -> NDArray[np.float64]:
    """Ball cap below z = 0 with a short cylinder above it, so that the cut is clean."""
    angles = np.linspace(0, 2 * np.pi, _SEGMENTS, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles), np.zeros(_SEGMENTS)], axis=1)
    widest = np.arcsin(min(radius / ball_radius, 1.0))
    rows = [np.array([[0.0, 0.0, -depth]])]
    for tilt in np.linspace(0, widest, _RINGS + 1)[1:]:
        height = ball_radius * (1 - np.cos(tilt)) - depth
        rows.append(circle * ball_radius * np.sin(tilt) + [0, 0, height])
    rows.append(circle * radius + [0, 0, depth])
    rows.append(np.array([[0.0, 0.0, depth]]))
    return np.concatenate(rows)


def _cap_faces() -> NDArray[np.int64]:
    n = _SEGMENTS
    ring = np.arange(n)
    after = (ring + 1) % n
    last = 1 + (_RINGS + 1) * n
    out = [np.stack([np.zeros(n, np.int64), 1 + after, 1 + ring], axis=1)]
    for row in range(_RINGS):
        low, high = 1 + row * n, 1 + (row + 1) * n
        out.append(np.stack([low + ring, low + after, high + after], axis=1))
        out.append(np.stack([low + ring, high + after, high + ring], axis=1))
    top = 1 + _RINGS * n
    out.append(np.stack([top + ring, top + after, np.full(n, last)], axis=1))
    return np.concatenate(out)
