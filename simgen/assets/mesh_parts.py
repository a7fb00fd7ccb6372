"""MeshPart: triangles of one material, as a file gives them; parts joined into one Mesh."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Surface


@dataclass(frozen=True)
class MeshPart:
    """Triangles with one material, in the file's unit and axes.

    Args:
        vertices: float64[V, 3].
        faces: int64[F, 3].
        normals: float64[F, 3, 3] per corner, or None if the file has none.
        uv: float64[F, 3, 2] per corner, v up, or None.
        slot: name of the material.
        surface: looks of the material.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    normals: NDArray[np.float64] | None
    uv: NDArray[np.float64] | None
    slot: str
    surface: Surface


@dataclass(frozen=True)
class Model:
    """A mesh file, joined: corners carry normals and UVs, positions are shared.

    Args:
        vertices: float64[V, 3], exactly equal positions once.
        faces: int64[F, 3].
        normals: float64[F, 3, 3]; NaN where the file has none.
        uv: float64[F, 3, 2]; NaN where the file has none.
        slot: int32[F].
        slots, surfaces: per material.
        notes: what was changed, for people.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    normals: NDArray[np.float64]
    uv: NDArray[np.float64]
    slot: NDArray[np.int32]
    slots: tuple[str, ...]
    surfaces: tuple[Surface, ...]
    files: tuple[tuple[str, str], ...] = field(default=())
    notes: tuple[str, ...] = ()


def join_parts(parts: list[MeshPart], files: tuple[tuple[str, str], ...] = ()) -> Model:
    """One model of all parts; parts with equal slot names share the first one's surface.

    Exactly equal positions become one vertex: UV seams split vertices in files, and hulls,
    watertightness and smooth normals need them whole.
    """
    offsets = np.cumsum([0] + [len(p.vertices) for p in parts])
    vertices = np.concatenate([p.vertices for p in parts])
    faces = np.concatenate([p.faces + o for p, o in zip(parts, offsets, strict=False)])
    normals = np.concatenate(
        [np.full((len(p.faces), 3, 3), np.nan) if p.normals is None else p.normals for p in parts]
    )
    uv = np.concatenate(
        [np.full((len(p.faces), 3, 2), np.nan) if p.uv is None else p.uv for p in parts]
    )
    slots = list(dict.fromkeys(p.slot for p in parts))
    slot = np.concatenate([np.full(len(p.faces), slots.index(p.slot), np.int32) for p in parts])
    surfaces = tuple(next(p.surface for p in parts if p.slot == name) for name in slots)
    vertices, faces = weld(vertices, faces)
    return Model(vertices, faces, normals, uv, slot, tuple(slots), surfaces, files)


def weld(
    vertices: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Used positions only, exactly equal ones once, in order of first use."""
    used = vertices[faces.reshape(-1)] + 0.0  # -0.0 and 0.0 are one position
    rows = np.ascontiguousarray(used).view(np.dtype((np.void, 24))).reshape(-1)
    _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return used[first[order]], rank[inverse].reshape(-1, 3).astype(np.int64)
