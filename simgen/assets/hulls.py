"""Convex hulls and convex decompositions for physics and placement."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.errors import AssetError, Fault
from simgen.records.asset import Mesh

MAX_VERTICES = 512
_ON_HULL_M = 1e-7
_DIRECTIONS = np.array([d for d in itertools.product((-1.0, 0.0, 1.0), repeat=3) if any(d)])
_PIECE_VERTICES = 256
# Where dents are looked for; with 20,000 it took a third of the time of a world of new dice.
_MOST_FACES = 4_000
# Nearer than this is in touch: a tenth of what physics lets sink in.
_TOUCHING_M = 0.00005


def convex_hull(points: NDArray[np.float64], most: int = MAX_VERTICES) -> NDArray[np.float64]:
    """Vertices float64[N, 3] of the convex hull, at most `most` of them.

    Reduction starts from the extremes along 26 directions (the axes among them, so that bounds
    stay exact) and adds, again and again, the vertices that lie farthest outside the hull of
    those already taken, as in Quickhull (Barber et al. 1996). Flat sets (a plane, a line) come
    back as their extreme points.

    Args:
        points: float64[M, 3], in metres.
    """
    vertices = _hull_vertices(points)
    if len(vertices) <= most:
        return vertices
    chosen = np.unique((vertices @ _DIRECTIONS.T).argmax(axis=0))[:most]
    while len(chosen) < most:
        fresh = _farthest_outside(vertices, chosen)[: most - len(chosen)]
        if not len(fresh):
            break
        chosen = np.concatenate([chosen, fresh])
    kept: NDArray[np.float64] = vertices[np.sort(chosen)]
    return kept


def _farthest_outside(vertices: NDArray[np.float64], chosen: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of each facet of the chosen ones' hull the farthest vertex outside, farthest first."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        planes = ConvexHull(vertices[chosen]).equations
    except QhullError:  # the extremes lie in one plane
        rest = np.setdiff1d(np.arange(len(vertices)), chosen)
        return rest[:1]
    height = vertices @ planes[:, :3].T + planes[:, 3]
    height[chosen] = -np.inf
    tips, reach = height.argmax(axis=0), height.max(axis=0)
    order = np.argsort(-reach, kind="stable")
    order = order[reach[order] > _ON_HULL_M]
    _, first = np.unique(tips[order], return_index=True)
    return np.asarray(tips[order][np.sort(first)][: max(8, len(chosen) // 2)], np.intp)


def convex_pieces(mesh: Mesh) -> tuple[NDArray[np.float64], ...]:
    """Vertices of convex pieces that together cover the mesh (CoACD, Wei et al. 2022).

    No vertex of the mesh lies outside all pieces, none of the pieces reaches out of its hull:
    what rests on its pieces neither floats nor sinks in where it touches with its outside. Takes
    seconds a mesh, in a process of its own (`pieces_worker` says why).

    Raises:
        AssetError: the decomposition failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "mesh.npz", Path(folder) / "pieces.npz"
        vertices, faces = _welded(mesh)
        np.savez(source, vertices=vertices, faces=faces)
        command = [sys.executable, "-m", "simgen.assets.pieces_worker", str(source), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not target.is_file():
            last = (done.stderr.strip() or f"exit {done.returncode}").splitlines()[-1]
            what = f"convex decomposition failed: {last}"
            raise AssetError(Fault("coacd", what, "use collision: hull"))
        with np.load(target) as stored:
            parts = [stored[f"a{i}"] for i in range(len(stored.files))]
    return fitted_pieces([part for part in parts if len(part) >= 4], vertices)


def fitted_pieces(
    pieces: Sequence[NDArray[np.float64]], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Convex pieces shrunk into the hull of the points and grown until they hold all of them.

    Args:
        pieces: float64[N, 3] each.
        points: float64[M, 3], vertices of the mesh.
    """
    from scipy.spatial import ConvexHull

    limits = ConvexHull(convex_hull(points)).equations
    pieces = [_drawn_in(piece, limits) for piece in pieces]
    outside = _heights(pieces, points)
    nearest = outside.argmin(axis=0)
    lost = outside.min(axis=0) > _TOUCHING_M
    grown = []
    for n, piece in enumerate(pieces):
        own = points[lost & (nearest == n)]
        grown.append(convex_hull(np.concatenate([piece, own]), _PIECE_VERTICES))
    return tuple(piece for piece in grown if len(piece) >= 4)


def _heights(
    pieces: Sequence[NDArray[np.float64]], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far each point lies outside each piece, float64[P, M]; negative inside, inf if flat."""
    from scipy.spatial import ConvexHull, QhullError

    out = np.full((len(pieces), len(points)), np.inf)
    for n, piece in enumerate(pieces):
        try:
            planes = ConvexHull(piece).equations
        except (QhullError, ValueError):
            continue
        out[n] = (points @ planes[:, :3].T + planes[:, 3]).max(axis=1)
    return out


def _drawn_in(piece: NDArray[np.float64], planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The piece with what is beyond the planes moved towards its middle, up to them."""
    middle = piece.mean(axis=0)
    inner = -(planes[:, :3] @ middle + planes[:, 3])
    if inner.min() <= 0:  # its own middle is beyond: nothing to move towards
        return piece
    away = (piece - middle) @ planes[:, :3].T
    share = np.where(away > 0, inner / np.maximum(away, 1e-12), np.inf).min(axis=1)
    drawn: NDArray[np.float64] = middle + (piece - middle) * np.minimum(share, 1.0)[:, None]
    return drawn


def _welded(mesh: Mesh) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Vertices and faces with equal places made one: seams of UVs are no holes."""
    vertices, index = np.unique(mesh.vertices_m.astype(np.float64), axis=0, return_inverse=True)
    faces = index.reshape(-1)[mesh.faces]
    good = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    )
    return vertices, faces[good].astype(np.int32)


def deepest_dent(mesh: Mesh, hull: NDArray[np.float64]) -> float:
    """How deep the mesh's dents are, as a share of its bounding diagonal.

    From the middle of each face straight outwards to the hull; the deepest 2 % of the area do
    not count (slots and screw holes hold nothing). What is hollow inside has dents.

    Args:
        hull: vertices float64[N, 3] of the mesh's hull.
    """
    from scipy.spatial import ConvexHull, QhullError

    try:
        planes = ConvexHull(hull).equations
    except (QhullError, ValueError):  # flat: nothing is below it
        return 0.0
    faces = mesh.faces[:: max(1, len(mesh.faces) // _MOST_FACES)]
    corners = mesh.vertices_m.astype(np.float64)[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1)
    middles = corners.mean(axis=1)[area > 0]
    normals = (normals / np.maximum(area, 1e-300)[:, None])[area > 0]
    depth = np.empty(len(middles))
    for start in range(0, len(middles), 4096):
        block = slice(start, start + 4096)
        below = -(middles[block] @ planes[:, :3].T + planes[:, 3])
        slant = normals[block] @ planes[:, :3].T
        way = np.where(slant > 1e-9, np.maximum(below, 0.0) / np.maximum(slant, 1e-9), np.inf)
        depth[block] = way.min(axis=1)
    order = np.argsort(depth)
    share = np.cumsum(area[area > 0][order]) / area.sum()
    deep = float(depth[order][min(int(np.searchsorted(share, 0.98)), len(depth) - 1)])
    return deep / max(float(np.linalg.norm(np.ptp(hull, axis=0))), 1e-12)


def _hull_vertices(points: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial import ConvexHull, QhullError

    unique: NDArray[np.float64] = np.unique(points, axis=0)
    if len(unique) <= 4:
        return unique
    try:
        corners: NDArray[np.float64] = unique[np.sort(ConvexHull(unique).vertices)]
        return corners
    except QhullError:
        return _flat_vertices(unique)


def _flat_vertices(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Extreme points of a set that lies in a plane or on a line."""
    from scipy.spatial import ConvexHull, QhullError

    _, stretch, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    flat = points @ axes[:2].T
    if stretch[1] > 1e-9 * max(stretch[0], 1e-300):
        try:
            corners: NDArray[np.float64] = points[np.sort(ConvexHull(flat).vertices)]
            return corners
        except QhullError:
            pass
    return points[[int(flat[:, 0].argmin()), int(flat[:, 0].argmax())]]
