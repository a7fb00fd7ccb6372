"""Meshes of plain solids, stretched to given extents."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.assets.mesh_checks import face_vectors
from simgen.assets.normals import crease_normals
from simgen.assets.solids import mesh_of, rounded_box
from simgen.records.asset import Mesh

Floats = NDArray[np.float64]
Solid = tuple[Floats, NDArray[np.int64]]
_AROUND, _ARC = 48, 12


def primitive_mesh(kind: str, size_m: tuple[float, float, float]) -> Mesh:
    """Closed mesh of these extents, centred.

    Raises:
        KeyError: an unknown kind.
    """
    points, faces = _unit(kind)
    points = points * np.array(size_m)
    return mesh_of(points, faces, crease_normals(points, faces, 35.0))


def ring_pieces(size_m: tuple[float, float, float]) -> tuple[Floats, ...]:
    """Convex pieces of a ring: the hulls of its sectors, so that physics need not find them."""
    points, _ = _unit("ring")
    tube = points.reshape(-1, _AROUND, 3)
    width = _AROUND // 16
    ends = [np.arange(n, n + width + 1) % _AROUND for n in range(0, _AROUND, width)]
    return tuple(tube[::2, end[[0, -1]]].reshape(-1, 3) * np.array(size_m) for end in ends)


@lru_cache(maxsize=16)
def _unit(kind: str) -> Solid:
    """Points within [-0.5, 0.5]^3 and faces, read-only."""
    points, faces = _SOLIDS[kind]()
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) / (high - low)
    # A ring's and a lathe's faces may come out inside out; the volume's sign tells.
    if float((points[faces].mean(axis=1) * face_vectors(points, faces)).sum()) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
    points.flags.writeable = faces.flags.writeable = False
    return points, faces


def _turned(profile: list[tuple[float, float]], around: int = _AROUND) -> Solid:
    """A profile (radius, height) from axis to axis, turned about z."""
    angle = (np.arange(around) + 0.5) * 2 * np.pi / around  # four sides lie along x and y
    rings = [
        np.stack([r * np.cos(angle), r * np.sin(angle), np.full(around, z)], axis=1)
        for r, z in profile[1:-1]
    ]
    ends = np.array([[0.0, 0.0, profile[0][1]], [0.0, 0.0, profile[-1][1]]])
    points = np.concatenate([*rings, ends])
    here = np.arange(around)
    there = (here + 1) % around
    faces = []
    for ring in range(len(rings) - 1):
        a, b = ring * around, (ring + 1) * around
        faces.append(np.stack([a + here, a + there, b + there], axis=1))
        faces.append(np.stack([a + here, b + there, b + here], axis=1))
    first, last = len(rings) * around, len(rings) * around + 1
    top = (len(rings) - 1) * around
    faces.append(np.stack([np.full(around, first), there, here], axis=1))
    faces.append(np.stack([np.full(around, last), top + here, top + there], axis=1))
    return points, np.concatenate(faces)


def _arc(centre: float, start: float, end: float) -> list[tuple[float, float]]:
    """Quarter circles of radius 0.5 about a point of the axis, angles from its foot."""
    angles = np.linspace(start, end, _ARC + 1)
    return [(0.5 * float(np.sin(a)), centre - 0.5 * float(np.cos(a))) for a in angles]


def _box() -> Solid:
    points, faces, _ = rounded_box(np.full(3, 0.5), 0.0, 2)
    return points, faces


def _capsule() -> Solid:
    below, above = _arc(-0.5, 0, np.pi / 2), _arc(0.5, np.pi / 2, np.pi)
    return _turned([(0.0, -1.0), *below[1:], *above[:-1], (0.0, 1.0)])


def _ring() -> Solid:
    across, along = np.meshgrid(np.arange(24), np.arange(_AROUND), indexing="ij")
    a, b = across * 2 * np.pi / 24, along * 2 * np.pi / _AROUND
    radius = 0.36 + 0.14 * np.cos(a)
    points = np.stack([radius * np.cos(b), radius * np.sin(b), 0.14 * np.sin(a)], axis=-1)
    index = np.arange(24 * _AROUND).reshape(24, _AROUND)
    right, up = np.roll(index, -1, axis=1), np.roll(index, -1, axis=0)
    far = np.roll(right, -1, axis=0)
    faces = [np.stack([index, right, far], axis=-1), np.stack([index, far, up], axis=-1)]
    return points.reshape(-1, 3), np.concatenate([f.reshape(-1, 3) for f in faces])


def _wedge() -> Solid:
    """A box cut along a diagonal."""
    points = np.array([[x, y, z] for x in (0, 1) for y, z in ((0, 0), (1, 0), (0, 1))], float)
    faces = [[0, 1, 2], [3, 5, 4], [0, 3, 4], [0, 4, 1], [0, 2, 5], [0, 5, 3], [1, 4, 5], [1, 5, 2]]
    return points, np.array(faces, np.int64)


_SOLIDS: dict[str, Callable[[], Solid]] = {
    "box": _box,
    "cylinder": lambda: _turned([(0, -0.5), (0.5, -0.5), (0.5, 0.5), (0, 0.5)]),
    "cone": lambda: _turned([(0, -0.5), (0.5, -0.5), (0.02, 0.5), (0, 0.5)]),
    "ball": lambda: _turned([*_arc(0, 0, np.pi / 2), *_arc(0, np.pi / 2, np.pi)[1:]]),
    "capsule": _capsule,
    "ring": _ring,
    "prism": lambda: _turned([(0, -0.5), (0.5, -0.5), (0.5, 0.5), (0, 0.5)], 6),
    "wedge": _wedge,
    "pyramid": lambda: _turned([(0, -0.5), (0.5, -0.5), (0.02, 0.5), (0, 0.5)], 4),
}
