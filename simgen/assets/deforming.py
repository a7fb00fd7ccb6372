"""Assets bent and twisted: mesh, keypoints and convex pieces by the same map."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgen.assets.hulls import convex_hull
from simgen.assets.refining import Refined, refined
from simgen.assets.warps import Warp, bounded
from simgen.records.asset import Asset, Mesh
from simgen.records.deformation import Deformation

Floats = NDArray[np.float64]
_FACET_DEG, _ACROSS_DEG = 5.0, 10.0  # turn along an edge of a deformed mesh
_PIECE_DEG = 15.0  # and of its convex pieces


def deformed(
    asset: Asset, wishes: Sequence[Deformation]
) -> tuple[Asset, tuple[Deformation, ...], tuple[Warp, ...]]:
    """The asset after all deformations, in order; what was done in concrete numbers; the maps.

    Textures in metres stick to the material (`Mesh.rest_m`), other UVs stay as they are. Convex
    pieces of the source are dropped: see `deformed_pieces`.
    """
    done, warps = [], []
    for wish in wishes:
        found = bounded(wish, asset.mesh.vertices_m.astype(np.float64))
        if found is None:
            continue
        done.append(found[0])
        warps.append(found[1])
        asset = _after(asset, found[1])
    return asset, tuple(done), tuple(warps)


def _after(asset: Asset, warp: Warp) -> Asset:
    mesh, parent = _finer(asset.mesh, warp)
    points = mesh.vertices_m.astype(np.float64)
    mesh = replace(
        mesh,
        vertices_m=warp.points(points).astype(np.float32),
        normals=warp.normals(points[mesh.faces], mesh.normals.astype(np.float64)).astype(
            np.float32
        ),
    )
    keypoints = tuple(
        replace(k, position_m=_vector(warp.points(np.array(k.position_m)))) for k in asset.keypoints
    )
    part = None if asset.part is None else asset.part[parent]
    return replace(asset, mesh=mesh, keypoints=keypoints, part=part, pieces_m=())


def _finer(mesh: Mesh, warp: Warp) -> tuple[Mesh, NDArray[np.int64]]:
    """The mesh with cross-sections where the curve needs them, and each face's old number."""
    points = mesh.vertices_m.astype(np.float64)
    rest = points if mesh.rest_m is None else mesh.rest_m.astype(np.float64)
    columns = np.concatenate([points, rest, warp.local(points)], axis=1)
    values = mesh.normals.astype(np.float64)
    if mesh.uv is not None:
        values = np.concatenate([values, mesh.uv.astype(np.float64)], axis=2)
    start = Refined(columns, mesh.faces.astype(np.int64), values, np.arange(len(mesh.faces)))
    per_degree = warp.length_m / abs(math.degrees(warp.angle_rad))
    # Flat sides turn along the axis, and a little across it; no side of a bend turns aside.
    fine = refined(start, 6, _FACET_DEG * per_degree)
    for column in (7, 8) if warp.kind == "twist" else (7,):
        fine = refined(fine, column, _ACROSS_DEG * per_degree)
    normals = fine.corners[..., :3]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-300)
    out = Mesh(
        fine.vertices[:, :3].astype(np.float32),
        fine.faces.astype(np.int32),
        normals.astype(np.float32),
        None if mesh.uv is None else fine.corners[..., 3:].astype(np.float32),
        mesh.slot[fine.parent],
        fine.vertices[:, 3:6].astype(np.float32),
    )
    return out, fine.parent


def deformed_pieces(pieces: Sequence[Floats], warps: Sequence[Warp]) -> tuple[Floats, ...]:
    """Convex pieces of the deformed asset: slices of the straight ones, each bent and hulled."""
    out = list(pieces)
    for warp in warps:
        out = [
            convex_hull(warp.points(slab), 64)
            for piece in out
            for slab in _slabs(piece, warp)
            if len(slab) >= 4
        ]
    return tuple(piece for piece in out if len(piece) >= 4)


def _slabs(piece: Floats, warp: Warp) -> list[Floats]:
    """Points whose hulls are a convex piece cut across the axis."""
    from scipy.spatial import ConvexHull, QhullError

    s = warp.local(piece)[:, 0]
    width = warp.length_m / max(1, math.ceil(abs(math.degrees(warp.angle_rad)) / _PIECE_DEG))
    cuts = np.arange(math.floor(s.min() / width) + 1, math.ceil(s.max() / width)) * width
    if cuts.size == 0:
        return [piece]
    try:
        triangles = ConvexHull(piece).simplices
    except QhullError:  # flat
        return [piece]
    edges = np.unique(np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)), axis=0)
    a, b = edges.T
    rims = []
    for cut in cuts:
        crossing = (s[a] < cut) != (s[b] < cut)
        i, j = a[crossing], b[crossing]
        share = (cut - s[i]) / (s[j] - s[i])
        rims.append(piece[i] + share[:, None] * (piece[j] - piece[i]))
    ends = [-np.inf, *cuts, np.inf]
    out = []
    for n, (low, high) in enumerate(itertools.pairwise(ends)):
        own = [piece[(s >= low) & (s <= high)], *rims[max(n - 1, 0) : n + 1]]
        out.append(np.concatenate(own))
    return out


def _vector(point: Floats) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in point)
    return (x, y, z)
