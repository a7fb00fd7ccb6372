"""Containers are closed, hold what their cavity says, and their pieces are their walls."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from simgen.assets.container import Container, ContainerParams, cavity_of
from simgen.errors import AssetError
from simgen.records.asset import Asset


def built(**written: object) -> tuple[ContainerParams, Asset, trimesh.Trimesh]:
    params = ContainerParams.model_validate(written)
    asset = Container().build(params, "container")
    return params, asset, trimesh.Trimesh(asset.mesh.vertices_m, asset.mesh.faces)


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(["box", "tote", "crate"]),
    size=st.tuples(*[st.floats(0.05, 0.8)] * 3),
    wall=st.floats(0.002, 0.01),
    taper=st.none() | st.floats(0, 15),
    corner=st.none() | st.floats(0, 0.5),
    rim=st.none() | st.floats(0, 0.03),
    boards=st.integers(1, 6),
)
def test_any_container_is_closed_and_open_on_top(
    kind: str,
    size: tuple[float, float, float],
    wall: float,
    taper: float | None,
    corner: float | None,
    rim: float | None,
    boards: int,
) -> None:
    params, asset, mesh = built(
        kind=kind, size_m=size, wall_m=wall, taper_deg=taper, corner_m=corner, rim_m=rim,
        boards=boards,
    )  # fmt: skip
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume > 0
    room = cavity_of(params)
    low, high = mesh.bounds
    assert low[2] == pytest.approx(0.0, abs=0.0002)
    assert high[2] == pytest.approx(room.height_m, abs=0.0002)
    # A column of air stands on the floor wherever the cavity says, away from posts and corners.
    rays = np.array([[x * room.bottom_m[0], y * room.bottom_m[1], 2.0]
                     for x in (-0.2, 0, 0.2) for y in (-0.2, 0, 0.2)])  # fmt: skip
    down = np.tile([0.0, 0.0, -1.0], (len(rays), 1))
    hits = mesh.ray.intersects_location(rays, down, multiple_hits=False)[0]
    assert np.abs(hits[:, 2] - room.floor_m).max() < 0.0005
    normals = np.linalg.norm(asset.mesh.normals, axis=2)
    assert np.abs(normals - 1).max() < 1e-4
    assert sum(ConvexHull(p).volume for p in asset.pieces_m) == pytest.approx(mesh.volume, rel=0.35)


def test_the_kinds_have_what_is_usual() -> None:
    tote, box = cavity_of(built(kind="tote")[0]), cavity_of(built(kind="box")[0])
    assert tote.top_m > tote.bottom_m
    assert box.top_m == box.bottom_m == (0.36, 0.26)
    assert tote.corner_m > box.corner_m == 0


def test_walls_thicker_than_the_room_are_refused() -> None:
    with pytest.raises(AssetError, match="more than the room inside"):
        built(size_m=[0.1, 0.1, 0.02], wall_m=0.05)
