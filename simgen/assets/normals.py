"""Shading normals per corner: smooth across gentle edges, sharp across creases."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simgen.assets.mesh_checks import face_vectors

# Corner pairs per chunk: bounds memory at about 200 MB, whatever the mesh.
_PAIRS = 2_000_000
# A vertex with more corners (the pole of a fan) would cost its square in pairs.
_MANY = 512


def crease_normals(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], crease_deg: float = 40.0
) -> NDArray[np.float64]:
    """Unit normals float64[F, 3, 3] from the faces around each corner's vertex.

    A corner averages the faces at its vertex whose normals lie within `crease_deg` of its own
    face's, weighted by their angle at the vertex (Thuermer and Wuethrich 1998, Computing
    vertex normals from polygonal facets, JGT 3(1)).

    Args:
        vertices: float64[V, 3], shared positions welded.
        faces: int64[F, 3], none of zero area.
    """
    flat = face_vectors(vertices, faces)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    corners = faces.reshape(-1)
    weighted = np.repeat(flat, 3, axis=0) * corner_angles(vertices, faces).reshape(-1, 1)
    order = np.argsort(corners, kind="stable")
    degree = np.bincount(corners, minlength=len(vertices))
    start = np.concatenate([[0], np.cumsum(degree)[:-1]])
    cosine = math.cos(math.radians(crease_deg))
    sums = np.zeros((len(corners), 3))
    busy = degree[corners] > _MANY
    sums[busy] = _crowded(corners, weighted, flat, busy, cosine)
    calm = np.flatnonzero(~busy)
    bounds = np.concatenate([[0], np.cumsum(degree[corners[calm]])])
    at = 0
    while at < len(calm):
        end = int(np.searchsorted(bounds, bounds[at] + _PAIRS, side="right")) - 1
        part = calm[at : max(end, at + 1)]
        sums[part] = _pairwise(part, corners, order, start, degree, weighted, flat, cosine)
        at += len(part)
    return unit_or(sums, np.repeat(flat, 3, axis=0)).reshape(-1, 3, 3)


def corner_angles(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """Angles float64[F, 3] in radians at the corners of each face."""
    points = vertices[faces]
    out = np.empty(faces.shape)
    for i in range(3):
        a = points[:, (i + 1) % 3] - points[:, i]
        b = points[:, (i + 2) % 3] - points[:, i]
        out[:, i] = np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(axis=1))
    return out


def unit_or(vectors: NDArray[np.float64], instead: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors [..., 3] at unit length; where one is zero or not finite, `instead`."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    good = np.isfinite(length) & (length > 1e-12)
    out: NDArray[np.float64] = np.where(good, vectors / np.where(good, length, 1.0), instead)
    return out


def _pairwise(
    part: NDArray[np.int64],
    corners: NDArray[np.int64],
    order: NDArray[np.int64],
    start: NDArray[np.int64],
    degree: NDArray[np.int64],
    weighted: NDArray[np.float64],
    flat: NDArray[np.float64],
    cosine: float,
) -> NDArray[np.float64]:
    count = degree[corners[part]]
    left = np.repeat(np.arange(len(part)), count)
    within = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    right = order[np.repeat(start[corners[part]], count) + within]
    near = (flat[part[left] // 3] * flat[right // 3]).sum(axis=1) >= cosine
    left, right = left[near], right[near]
    return np.stack(
        [np.bincount(left, weighted[right, i], minlength=len(part)) for i in range(3)], axis=1
    )


def _crowded(
    corners: NDArray[np.int64],
    weighted: NDArray[np.float64],
    flat: NDArray[np.float64],
    busy: NDArray[np.bool_],
    cosine: float,
) -> NDArray[np.float64]:
    """Where many faces meet: the mean of all, if it lies within the crease angle."""
    size = int(corners.max()) + 1
    total = np.stack([np.bincount(corners, weighted[:, i], minlength=size) for i in range(3)], 1)
    own = flat[np.flatnonzero(busy) // 3]
    mean = unit_or(total[corners[busy]], own)
    near = (mean * own).sum(axis=1, keepdims=True) >= cosine
    return np.where(near, mean, own)
