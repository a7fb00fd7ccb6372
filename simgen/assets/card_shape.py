"""Geometry of a card: a thin sheet with rounded corners."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.assets.solids import mesh_of
from simgen.errors import AssetError, Fault
from simgen.records.asset import Mesh

_STEPS = 8


@lru_cache(maxsize=8)
def card_mesh(size_m: tuple[float, float, float], corner_m: float) -> Mesh:
    """Sheet centred on the origin; slots 0 front (+z), 1 back, 2 edge.

    The back's UVs are mirrored against the front's, so that both read the right way round for
    whoever looks at them with +y up.

    Raises:
        AssetError: the corner radius is half the width or more.
    """
    width, height, thickness = size_m
    if corner_m >= min(width, height) / 2:
        what = f"corner_m = {corner_m:g} is half the card's width or more"
        raise AssetError(Fault("card", what, "make it smaller"))
    rim = _outline(width, height, corner_m)
    n = len(rim)
    half = thickness / 2
    top = np.column_stack([rim, np.full(n, half)])
    bottom = np.column_stack([rim, np.full(n, -half)])
    vertices = np.concatenate([top, bottom, [[0, 0, half], [0, 0, -half]]])
    i = np.arange(n)
    j = (i + 1) % n
    front = np.column_stack([i, j, np.full(n, 2 * n)])
    back = np.column_stack([n + j, n + i, np.full(n, 2 * n + 1)])
    edge = np.concatenate([np.column_stack([i, n + i, n + j]), np.column_stack([i, n + j, j])])
    faces = np.concatenate([front, back, edge]).astype(np.int64)
    slot = np.repeat(np.array([0, 1, 2], np.int32), [n, n, 2 * n])
    corners = vertices[faces]
    u = corners[:, :, 0] / width
    u[slot == 1] *= -1
    uv = np.stack([u + 0.5, corners[:, :, 1] / height + 0.5], axis=2).astype(np.float32)
    return mesh_of(vertices, faces, _normals(corners, slot, width, height, corner_m), slot, uv)


def _outline(width: float, height: float, corner: float) -> NDArray[np.float64]:
    """Counter-clockwise, float64[N, 2]."""
    out = []
    for quarter, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        angles = np.linspace(0, np.pi / 2, _STEPS + 1) + quarter * np.pi / 2
        middle = np.array([sx * (width / 2 - corner), sy * (height / 2 - corner)])
        out.append(middle + corner * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return np.concatenate(out)


def _normals(
    corners: NDArray[np.float64],
    slot: NDArray[np.int32],
    width: float,
    height: float,
    corner: float,
) -> NDArray[np.float64]:
    out = np.zeros_like(corners)
    out[slot == 0] = (0, 0, 1)
    out[slot == 1] = (0, 0, -1)
    rim = corners[slot == 2][:, :, :2]
    inner = np.array([width / 2 - corner, height / 2 - corner])
    away = rim - np.clip(rim, -inner, inner)
    out[slot == 2, :, :2] = away / np.linalg.norm(away, axis=2, keepdims=True)
    return out
