"""Shading normals: smooth over gentle edges, sharp over creases, never NaN."""

from __future__ import annotations

import numpy as np
import trimesh

from simgen.assets.box import Box, BoxParams
from simgen.assets.normals import crease_normals, unit_or


def test_a_ball_is_smooth() -> None:
    ball = trimesh.creation.icosphere(subdivisions=3)
    normals = crease_normals(np.asarray(ball.vertices), np.asarray(ball.faces))
    np.testing.assert_allclose(normals, ball.triangles, atol=0.01)


def test_a_box_is_sharp() -> None:
    box = trimesh.creation.box()
    normals = crease_normals(np.asarray(box.vertices), np.asarray(box.faces))
    np.testing.assert_allclose(normals, np.repeat(box.face_normals[:, None], 3, 1), atol=1e-12)


def test_a_crowded_pole_and_chunks(monkeypatch: object) -> None:
    cone = trimesh.creation.cone(radius=1, height=0.1, sections=900)
    v, f = np.asarray(cone.vertices), np.asarray(cone.faces)
    whole = crease_normals(v, f)
    assert np.abs(np.linalg.norm(whole, axis=2) - 1).max() < 1e-9
    tip = f == int(np.asarray(v)[:, 2].argmax())
    assert np.abs(whole[tip] - [0, 0, 1]).max() < 0.01
    from simgen.assets import normals as module

    before, module._PAIRS = module._PAIRS, 500
    try:
        np.testing.assert_array_equal(whole, crease_normals(v, f))
    finally:
        module._PAIRS = before


def test_unit_or() -> None:
    found = unit_or(np.array([[0, 0, 2.0], [0, 0, 0], [np.nan, 0, 0]]), np.array([1.0, 0, 0]))
    np.testing.assert_array_equal(found, [[0, 0, 1], [1, 0, 0], [1, 0, 0]])


def test_bevelled_box_is_closed_with_exact_normals() -> None:
    for bevel in (0.0, 0.004, 0.05):
        mesh = Box().build(BoxParams(size_m=(0.1, 0.2, 0.3), bevel_m=bevel), "box").mesh
        solid = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)
        assert solid.is_watertight
        np.testing.assert_allclose(
            mesh.bounds(), [[-0.05, -0.1, -0.15], [0.05, 0.1, 0.15]], atol=1e-7
        )
        assert (mesh.normals * solid.face_normals[:, None]).sum(axis=2).min() > 0.95
