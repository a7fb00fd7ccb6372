"""Procedural solids as meshes: shared steps of `box`, `die` and `card`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.assets.box_uv import project_box
from simgen.records.asset import Mesh


def mesh_of(
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    normals: NDArray[np.float64],
    slot: NDArray[np.int32] | None = None,
    uv: NDArray[np.float32] | None = None,
) -> Mesh:
    """A Mesh of float64 arrays in metres; without `uv`, box-projected, in metres.

    Args:
        normals: float64[F, 3, 3], unit, per corner.
    """
    return Mesh(
        vertices.astype(np.float32),
        faces.astype(np.int32),
        normals.astype(np.float32),
        project_box(vertices[faces]) if uv is None else uv,
        np.zeros(len(faces), np.int32) if slot is None else slot,
    )


def rounded_box(
    half: NDArray[np.float64], radius: float, steps: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Box with rounded edges: vertices [V, 3], faces [F, 3], corner normals [F, 3, 3].

    Each of the six sides is a grid that is bent onto the inner box plus a ball of `radius`,
    so that normals are exact.

    Args:
        half: half extents, float64[3].
        radius: of the edges; 0 gives a plain box.
        steps: facets per quarter turn.
    """
    if radius <= 0:
        ticks = np.array([-1.0, 1.0])
    else:
        bend = np.tan(np.linspace(0, np.pi / 4, steps // 2 + 1))
        ticks = np.concatenate([-1 - bend[::-1], 1 + bend])
    points: list[NDArray[np.float64]] = []
    normals: list[NDArray[np.float64]] = []
    quads: list[NDArray[np.int64]] = []
    size = len(ticks)
    index = np.arange(size * size).reshape(size, size)
    for axis in range(3):
        for sign in (-1.0, 1.0):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            a, b = np.meshgrid(ticks, ticks, indexing="ij")
            cell = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1)
            if sign < 0:
                cell = cell[..., ::-1]
            quads.append(cell.reshape(-1, 4) + len(points) * size * size)
            p, n = _bent(a, b, axis, u, v, sign, half, radius)
            points.append(p)
            normals.append(n)
    quad = np.concatenate(quads)
    faces = np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]])
    return _shared(np.concatenate(points), faces, np.concatenate(normals))


def _bent(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    axis: int,
    u: int,
    v: int,
    sign: float,
    half: NDArray[np.float64],
    radius: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Grid ticks beyond +-1 are tangents of the angle on the rounding."""
    inner = half - radius
    direction = np.zeros((*a.shape, 3))
    direction[..., axis] = sign
    centre = np.zeros((*a.shape, 3))
    centre[..., axis] = sign * inner[axis]
    for tick, k in ((a, u), (b, v)):
        direction[..., k] = np.sign(tick) * np.maximum(np.abs(tick) - 1, 0)
        centre[..., k] = np.clip(tick, -1, 1) * inner[k]
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    return (centre + radius * direction).reshape(-1, 3), direction.reshape(-1, 3)


def _shared(
    points: NDArray[np.float64], faces: NDArray[np.int64], normals: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Points of neighbouring sides made one (they agree to rounding), so that it is closed."""
    reach = float(np.abs(points).max())
    rounded = np.round(points / reach, 9) + 0.0
    _, first, inverse = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    joined = inverse.reshape(-1)[faces]
    own = normals[faces]
    sides = [joined[:, i] != joined[:, (i + 1) % 3] for i in range(3)]
    good = sides[0] & sides[1] & sides[2]
    return points[first], joined[good].astype(np.int64), own[good]
