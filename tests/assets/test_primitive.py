"""Plain solids: closed, of the asked extents, with outward faces."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import trimesh

from simgen.assets.primitive import Primitive, PrimitiveParams, Solid
from simgen.errors import AssetError

VOLUMES = {
    "box": 1.0,
    "cylinder": np.pi / 4,
    "cone": np.pi / 12,
    "ball": np.pi / 6,
    "prism": 0.75,
    "wedge": 0.5,
    "pyramid": 1 / 3,
}


@pytest.mark.parametrize("solid", get_args(Solid))
def test_solids_are_closed_and_have_their_extents(solid: str) -> None:
    size = (0.03, 0.08, 0.05)
    mesh = Primitive().build(PrimitiveParams(solid=solid, size_m=size), "primitive").mesh
    shape = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)
    assert shape.is_watertight
    np.testing.assert_allclose(shape.extents, size, rtol=1e-5)
    np.testing.assert_allclose(shape.bounds.mean(axis=0), 0, atol=1e-8)
    if solid in VOLUMES:
        assert shape.volume == pytest.approx(VOLUMES[solid] * np.prod(size), rel=0.07)
    assert shape.volume > 0
    facing = np.einsum("fcd,fd->fc", mesh.normals, shape.face_normals)
    assert facing.min() > 0.7


def test_pieces_of_a_ring_fill_its_tube_and_leave_its_hole() -> None:
    params = PrimitiveParams(solid="ring", size_m=(0.1, 0.08, 0.03))
    asset = Primitive().build(params, "primitive")
    shape = trimesh.Trimesh(asset.mesh.vertices_m, asset.mesh.faces, process=False)
    hulls = [trimesh.convex.convex_hull(piece) for piece in asset.pieces_m]
    assert sum(hull.volume for hull in hulls) == pytest.approx(shape.volume, rel=0.08)
    assert not any(hull.contains([[0, 0, 0]])[0] for hull in hulls)


def test_absurd_sizes_are_refused() -> None:
    with pytest.raises(AssetError, match="can be used"):
        Primitive().build(PrimitiveParams(size_m=(1e7, 1, 1)), "primitive")
