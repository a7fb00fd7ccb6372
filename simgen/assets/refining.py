"""Splitting long edges, so that a coarse mesh can follow a curve; what was closed stays closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_ROUNDS = 16
_MOST_FACES = 2_000_000
# By which of a face's edges (0-1, 1-2, 2-0) are split: its new faces. Corners are 0, 1, 2, the
# middles of the edges 3, 4, 5. Whether an edge is split depends on the edge alone, so that its
# two faces agree.
_SPLITS: dict[tuple[bool, bool, bool], tuple[tuple[int, int, int], ...]] = {
    (False, False, False): ((0, 1, 2),),
    (True, False, False): ((0, 3, 2), (3, 1, 2)),
    (False, True, False): ((0, 1, 4), (0, 4, 2)),
    (False, False, True): ((0, 1, 5), (5, 1, 2)),
    (True, True, False): ((3, 1, 4), (0, 3, 4), (0, 4, 2)),
    (False, True, True): ((4, 2, 5), (0, 1, 4), (0, 4, 5)),
    (True, False, True): ((0, 3, 5), (3, 1, 2), (3, 2, 5)),
    (True, True, True): ((0, 3, 5), (3, 1, 4), (4, 2, 5), (3, 4, 5)),
}


@dataclass(frozen=True)
class Refined:
    """A mesh with split faces.

    Args:
        vertices: float64[V, C], all columns are halved along edges.
        faces: int64[F, 3].
        corners: float64[F, 3, D], values per corner, halved too.
        parent: int64[F], the face that each came from.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    corners: NDArray[np.float64]
    parent: NDArray[np.int64]


def refined(mesh: Refined, axis: int, step: float) -> Refined:
    """Edges halved until none is longer than `step` in column `axis` of its vertices."""
    for _ in range(_MOST_ROUNDS):
        across = mesh.vertices[mesh.faces, axis]
        long = np.abs(np.roll(across, -1, axis=1) - across) > step * (1 + 1e-9)
        if not long.any() or len(mesh.faces) > _MOST_FACES:
            break
        mesh = _split(mesh, long)
    return mesh


def _split(mesh: Refined, long: NDArray[np.bool_]) -> Refined:
    ends = np.stack([mesh.faces, np.roll(mesh.faces, -1, axis=1)], axis=-1)  # [F, 3, 2]
    ordered = np.sort(ends[long], axis=-1)
    edges, number = np.unique(ordered, axis=0, return_inverse=True)
    middles = (mesh.vertices[edges[:, 0]] + mesh.vertices[edges[:, 1]]) / 2
    points = np.full((len(mesh.faces), 6), -1, np.int64)
    points[:, :3] = mesh.faces
    points[:, 3:][long] = len(mesh.vertices) + number.reshape(-1)
    values = np.concatenate(
        [mesh.corners, (mesh.corners + np.roll(mesh.corners, -1, axis=1)) / 2], axis=1
    )
    faces, corners, parent = [], [], []
    for pattern, triangles in _SPLITS.items():
        rows = np.flatnonzero((long == pattern).all(axis=1))
        for triangle in triangles:
            faces.append(points[rows][:, triangle])
            corners.append(values[rows][:, triangle])
            parent.append(mesh.parent[rows])
    order = np.argsort(np.concatenate(parent), kind="stable")
    return Refined(
        np.concatenate([mesh.vertices, middles]),
        np.concatenate(faces)[order],
        np.concatenate(corners)[order],
        np.concatenate(parent)[order],
    )
