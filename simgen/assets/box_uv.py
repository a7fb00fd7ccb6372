"""Box projection: UVs in metres for surfaces that no artist unwrapped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Mesh

# (axis of u, its sign, axis of v) for faces that look along -x, +x, -y, +y, -z, +z: seen from
# outside, z (or y, on top and below) points up and nothing is mirrored.
PLANES = ((1, -1, 2), (1, 1, 2), (0, 1, 2), (0, -1, 2), (0, -1, 1), (0, 1, 1))


def box_uv(mesh: Mesh, scale: float = 1.0) -> NDArray[np.float32]:
    """Coordinates in metres on the plane that each face looks at most, float32[F, 3, 2].

    Of a deformed mesh: that it looked at before.

    Args:
        scale: the object's uniform scale, so that a texture keeps its size in metres.
    """
    points = mesh.vertices_m if mesh.rest_m is None else mesh.rest_m
    return project_box(points.astype(np.float64)[mesh.faces], scale)


def project_box(points: NDArray[np.float64], scale: float = 1.0) -> NDArray[np.float32]:
    """As `box_uv`, for corners float64[F, 3, 3] in metres."""
    side = sides_of(points)
    out = np.empty((len(points), 3, 2), np.float32)
    for number, (u, sign, v) in enumerate(PLANES):
        chosen = side == number
        out[chosen, :, 0] = points[chosen][:, :, u] * (sign * scale)
        out[chosen, :, 1] = points[chosen][:, :, v] * scale
    return out


def sides_of(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which of `PLANES` each face looks at most, int64[F], for corners float64[F, 3, 3]."""
    across = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    # A tie (45 degree chamfers) goes to the later axis, decided on rounded numbers so that the
    # two triangles of a quad agree.
    size = np.abs(across)
    size = np.round(size / np.maximum(size.max(axis=1, keepdims=True), 1e-300), 6)
    axis = 2 - np.argmax(size[:, ::-1], axis=1)
    return np.asarray(2 * axis + (across[np.arange(len(axis)), axis] > 0), np.int64)
