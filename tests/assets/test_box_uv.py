"""Box projection: metres, never mirrored, upright on walls."""

from __future__ import annotations

import numpy as np
import trimesh

from simgen.assets.box import Box, BoxParams
from simgen.assets.box_uv import box_uv


def test_areas_are_metres_and_nothing_is_mirrored() -> None:
    mesh = Box().build(BoxParams(size_m=(0.1, 0.2, 0.4)), "box").mesh
    uv = box_uv(mesh, 1.0).astype(float)
    assert box_uv(mesh, 1.0).dtype == np.float32
    a, b = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    signed = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    solid = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)
    np.testing.assert_allclose(signed, solid.area_faces, rtol=1e-5)
    np.testing.assert_allclose(box_uv(mesh, 2.0), uv * 2, rtol=1e-6)


def test_v_is_up_on_walls() -> None:
    mesh = Box().build(BoxParams(), "box").mesh
    points = mesh.vertices_m[mesh.faces]
    wall = np.abs(mesh.normals[:, 0, 2]) < 0.5
    np.testing.assert_allclose(box_uv(mesh)[wall][:, :, 1], points[wall][:, :, 2])
