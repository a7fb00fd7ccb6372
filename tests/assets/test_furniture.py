"""Furniture is closed, its pieces are its parts, and what it says of its tops is true."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.assets.furniture import SLOTS, USUAL_M, Furniture, FurnitureParams
from simgen.assets.furniture_shapes import rests
from simgen.errors import AssetError


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(sorted(USUAL_M)),
    stretch=st.tuples(*[st.floats(0.7, 1.6)] * 3),
    levels=st.integers(1, 7),
    legs=st.sampled_from(["square", "round"]),
    back=st.booleans(),
    thickness=st.floats(0.012, 0.035),
)
def test_any_piece_is_closed_and_its_tops_are_free(
    kind: str,
    stretch: tuple[float, float, float],
    levels: int,
    legs: str,
    back: bool,
    thickness: float,
) -> None:
    size = [a * b for a, b in zip(USUAL_M[kind], stretch, strict=True)]
    params = FurnitureParams(
        kind=kind, size_m=size, levels=levels, legs=legs, back=back, thickness_m=thickness
    )
    asset = Furniture().build(params, "furniture")
    mesh = trimesh.Trimesh(asset.mesh.vertices_m, asset.mesh.faces)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert asset.slots == SLOTS[kind]
    for piece in asset.pieces_m:  # no piece reaches out of the mesh's bounds
        assert (piece >= mesh.bounds[0] - 0.0015).all()
        assert (piece <= mesh.bounds[1] + 0.0015).all()
    for rest in rests(params):
        grid = np.array([[x, y] for x in (-0.45, 0, 0.45) for y in (-0.45, 0, 0.45)])
        at = np.asarray(rest.middle_m)[:2] + grid * rest.size_m
        high = rest.middle_m[2] + min(rest.headroom_m, 3.0) - 0.002
        start = np.column_stack([at, np.full(len(at), high)])
        down = np.tile([0.0, 0.0, -1.0], (len(at), 1))
        hits = mesh.ray.intersects_location(start, down, multiple_hits=False)
        assert sorted(hits[1]) == list(range(len(at)))
        assert np.abs(hits[0][:, 2] - rest.middle_m[2]).max() < 0.0003


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(AssetError, match="cannot be made of boards"):
        Furniture().build(FurnitureParams(kind="chair", size_m=(0.05, 0.4, 0.8)), "furniture")
