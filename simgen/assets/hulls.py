"""Convex hulls and convex decompositions for physics and placement."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.errors import AssetError, Fault
from simgen.records.asset import Mesh

MAX_VERTICES = 256


def convex_hull(points: NDArray[np.float64], most: int = MAX_VERTICES) -> NDArray[np.float64]:
    """Vertices float64[N, 3] of the convex hull, at most `most` of them.

    Reduction keeps the six axis extremes (so that bounds stay exact), then takes the hull
    vertex that is farthest from those already taken, again and again (Gonzalez 1985,
    Clustering to minimize the maximum intercluster distance). Flat sets (a plane, a line) come
    back as their extreme points.

    Args:
        points: float64[M, 3], in metres.
    """
    vertices = _hull_vertices(points)
    if len(vertices) <= most:
        return vertices
    chosen = sorted({int(i) for i in [*vertices.argmin(axis=0), *vertices.argmax(axis=0)]})
    distance = np.full(len(vertices), np.inf)
    for i in chosen:
        distance = np.minimum(distance, np.linalg.norm(vertices - vertices[i], axis=1))
    while len(chosen) < most:
        farthest = int(np.argmax(distance))
        chosen.append(farthest)
        away = np.linalg.norm(vertices - vertices[farthest], axis=1)
        distance = np.minimum(distance, away)
    return vertices[sorted(chosen)]


def convex_pieces(mesh: Mesh) -> tuple[NDArray[np.float64], ...]:
    """Vertices of convex pieces that together cover the mesh (CoACD, Wei et al. 2022).

    Takes about ten seconds a mesh, in a process of its own (`pieces_worker` says why).

    Raises:
        AssetError: the decomposition failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "mesh.npz", Path(folder) / "pieces.npz"
        np.savez(source, vertices=mesh.vertices_m.astype(np.float64), faces=mesh.faces)
        command = [sys.executable, "-m", "simgen.assets.pieces_worker", str(source), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not target.is_file():
            last = (done.stderr.strip() or f"exit {done.returncode}").splitlines()[-1]
            what = f"convex decomposition failed: {last}"
            raise AssetError(Fault("coacd", what, "use collision: hull"))
        with np.load(target) as stored:
            parts = [stored[f"a{i}"] for i in range(len(stored.files))]
    pieces = tuple(convex_hull(part, 64) for part in parts)
    return tuple(piece for piece in pieces if len(piece) >= 4)


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
