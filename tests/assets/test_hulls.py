"""Hulls: inside the mesh's, few vertices, exact bounds, same every time; pieces cover it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import trimesh
from scipy.spatial import ConvexHull

from simgen.assets.hulls import MAX_VERTICES, convex_hull, convex_pieces, deepest_dent
from simgen.assets.solids import mesh_of


def test_large_hull_is_reduced() -> None:
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.05).vertices
    hull = convex_hull(np.asarray(ball))
    assert len(hull) <= MAX_VERTICES
    np.testing.assert_allclose(hull.min(axis=0), ball.min(axis=0))
    np.testing.assert_allclose(hull.max(axis=0), ball.max(axis=0))
    assert ConvexHull(hull).volume > 0.93 * ConvexHull(ball).volume
    assert hull.tobytes() == convex_hull(np.asarray(ball)).tobytes()


def test_small_hull_is_kept_whole() -> None:
    box = np.asarray(trimesh.creation.box((1, 2, 3)).vertices)
    inside = np.concatenate([box, box * 0.5, [[0, 0, 0]]])
    assert {tuple(p) for p in convex_hull(inside)} == {tuple(p) for p in box}


def test_flat_and_straight_sets() -> None:
    square = np.array([[0, 0, 0.3], [1, 0, 0.3], [1, 1, 0.3], [0, 1, 0.3], [0.5, 0.5, 0.3]])
    assert len(convex_hull(square)) == 4
    line = np.outer(np.arange(6.0), [1, 2, 3])
    assert len(convex_hull(line)) == 2


def test_pieces_of_an_open_box() -> None:
    """A cup's pieces leave its inside free; its hull does not."""
    outer = trimesh.creation.box((0.1, 0.1, 0.1))
    inner = trimesh.creation.box((0.08, 0.08, 0.1))
    inner.apply_translation((0, 0, 0.01))
    cup = outer.difference(inner)
    normals = np.repeat(cup.face_normals[:, None], 3, axis=1)
    mesh = mesh_of(np.asarray(cup.vertices), np.asarray(cup.faces), normals)
    pieces = convex_pieces(mesh)
    assert len(pieces) >= 5
    volume = sum(ConvexHull(p).volume for p in pieces)
    assert volume < 1.3 * cup.volume
    again = convex_pieces(mesh)
    assert [p.tobytes() for p in pieces] == [p.tobytes() for p in again]


def test_pieces_cover_the_mesh_and_stay_inside_its_hull() -> None:
    ring = trimesh.creation.torus(0.05, 0.015, major_sections=48, minor_sections=24)
    normals = np.repeat(ring.face_normals[:, None], 3, axis=1)
    points = np.asarray(ring.vertices)
    pieces = convex_pieces(mesh_of(points, np.asarray(ring.faces), normals))
    heights = []
    for piece in pieces:
        planes = ConvexHull(piece).equations
        heights.append((points @ planes[:, :3].T + planes[:, 3]).max(axis=1))
    assert np.min(heights, axis=0).max() < 0.0003
    planes = ConvexHull(points).equations
    out = np.concatenate(pieces) @ planes[:, :3].T + planes[:, 3]
    assert out.max() < 1e-6


def test_dents_are_told_from_flat_sides() -> None:
    def dent(solid: trimesh.Trimesh) -> float:
        normals = np.repeat(solid.face_normals[:, None], 3, axis=1)
        points = np.asarray(solid.vertices)
        return deepest_dent(mesh_of(points, np.asarray(solid.faces), normals), convex_hull(points))

    assert dent(trimesh.creation.box((0.1, 0.2, 0.3))) < 1e-6
    assert dent(trimesh.creation.icosphere(subdivisions=3)) < 0.002
    outer = trimesh.creation.box((0.1, 0.1, 0.1))
    inner = trimesh.creation.box((0.08, 0.08, 0.1))
    inner.apply_translation((0, 0, 0.01))
    assert dent(outer.difference(inner)) > 0.4
    assert dent(trimesh.creation.torus(0.05, 0.015)) > 0.2


def test_decomposition_leaves_this_process_able_to_load_open3d() -> None:
    """coacd must not be loaded here: open3d could not be imported after it."""
    code = (
        "import numpy as np, sys, trimesh\n"
        "from simgen.assets.hulls import convex_pieces\n"
        "from simgen.assets.solids import mesh_of\n"
        "b = trimesh.creation.box()\n"
        "n = np.repeat(b.face_normals[:, None], 3, axis=1)\n"
        "print(len(convex_pieces(mesh_of(np.asarray(b.vertices), np.asarray(b.faces), n))))\n"
        "assert 'coacd' not in sys.modules\n"
        "import open3d\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "1"
