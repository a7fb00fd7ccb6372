"""Bent and twisted assets: closed, not folded, and the same for labels, physics and textures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from simgen.assets.box import Box, BoxParams
from simgen.assets.box_uv import box_uv
from simgen.assets.deforming import deformed, deformed_pieces
from simgen.assets.die import Die, DieParams
from simgen.assets.library import AssetLibrary
from simgen.assets.primitive import Primitive, PrimitiveParams
from simgen.plugin.gate import load_scene
from simgen.plugin.registry import Registry
from simgen.records.asset import Asset, Mesh
from simgen.records.deformation import Deformation
from simgen.records.marks import Keypoint
from simgen.records.serial import from_json, to_json
from simgen.records.world import AssetRef

BAR = Box().build(BoxParams(size_m=(0.2, 0.03, 0.02)), "box")
SOLIDS = {
    "bar": BAR,
    "die": Die().build(DieParams(), "die"),
    **{
        solid: Primitive().build(PrimitiveParams(solid=solid, size_m=(0.03, 0.05, 0.12)), "x")
        for solid in ("cylinder", "ball", "ring", "wedge", "cone")
    },
}


def solid_of(mesh: Mesh) -> trimesh.Trimesh:
    return trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)


def check_sound(asset: Asset) -> None:
    shape = solid_of(asset.mesh)
    assert shape.is_watertight
    assert shape.is_winding_consistent
    assert shape.volume > 0
    np.testing.assert_allclose(np.linalg.norm(asset.mesh.normals, axis=2), 1, atol=1e-5)
    facing = np.einsum("fcd,fd->fc", asset.mesh.normals, shape.face_normals)
    # Strong squeezes leave a few slivers; the surface as a whole is shaded as it lies.
    assert np.average(facing.mean(axis=1), weights=shape.area_faces) > 0.96


@pytest.mark.parametrize("name", SOLIDS)
@settings(max_examples=8, deadline=None)
@given(
    kind=st.sampled_from(["bend", "twist"]),
    axis=st.sampled_from(["longest", "x", "y", "z"]),
    angle=st.floats(-270, 270),
    toward=st.none() | st.floats(0, 360),
)
def test_what_was_closed_stays_closed(name, kind, axis, angle, toward):
    asset, done, _ = deformed(SOLIDS[name], [Deformation(kind, angle, axis, toward)])
    check_sound(asset)
    for step in done:
        assert step.axis in "xyz"
        assert step.toward_deg is not None
        assert abs(step.angle_deg) <= abs(angle)


def test_a_bar_becomes_an_arc():
    asset, (done,), _ = deformed(BAR, [Deformation("bend", 180.0, "x")])
    assert done == Deformation("bend", 180.0, "x", 90.0)  # 0.02 m along z is the thinner side
    rest, points = asset.mesh.rest_m.astype(float), asset.mesh.vertices_m.astype(float)
    radius = 0.2 / np.pi
    seen = np.hypot(points[:, 0], points[:, 2] - radius)
    np.testing.assert_allclose(seen, radius - rest[:, 2], atol=1e-6)
    np.testing.assert_allclose(points[:, 1], rest[:, 1], atol=1e-9)
    assert solid_of(asset.mesh).volume == pytest.approx(0.2 * 0.03 * 0.02, rel=3e-3)


def test_a_twist_turns_cross_sections():
    asset, _, _ = deformed(BAR, [Deformation("twist", 90.0)])
    ends = asset.mesh.vertices_m[np.abs(asset.mesh.vertices_m[:, 0] - 0.1) < 1e-6]
    corners = ends[np.argsort(-np.abs(ends[:, 1:]).sum(axis=1))][:4]
    c = np.sqrt(0.5)
    expected = {
        (round(c * y - c * z, 5), round(c * y + c * z, 5))
        for y in (-0.015, 0.015)
        for z in (-0.01, 0.01)
    }
    assert {(round(float(y), 5), round(float(z), 5)) for _, y, z in corners} == expected
    assert solid_of(asset.mesh).volume == pytest.approx(0.2 * 0.03 * 0.02, rel=1e-2)


def test_what_stands_keeps_its_foot_flat():
    can = SOLIDS["cylinder"]
    asset, _, _ = deformed(can, [Deformation("bend", 60.0, "z")])
    foot = asset.mesh.rest_m[:, 2] < -0.06 + 1e-6
    np.testing.assert_allclose(asset.mesh.vertices_m[foot], asset.mesh.rest_m[foot], atol=1e-7)


def test_no_bend_folds_a_stubby_thing():
    _, (done,), _ = deformed(SOLIDS["die"], [Deformation("bend", 170.0)])
    assert 80 < done.angle_deg < 100
    again = deformed(SOLIDS["die"], [done])
    assert again[1] == (done,)


def test_textures_keypoints_and_parts_stay_with_the_material():
    part = np.zeros(len(BAR.mesh.faces), np.int32)
    tip = Keypoint("tip", (0.1, 0.0, 0.0), 0.001)
    asset = replace(BAR, keypoints=(tip,), parts=("all",), part=part)
    bent, _, (warp,) = deformed(asset, [Deformation("bend", 90.0, "x")])
    radius = 0.2 / (np.pi / 2)
    c = np.sqrt(0.5)
    assert bent.keypoints[0].position_m == pytest.approx((radius * c, 0, radius * (1 - c)))
    assert bent.part.shape == (len(bent.mesh.faces),)
    uv = box_uv(bent.mesh)
    assert np.ptp(uv[:, :, 0]) == pytest.approx(0.2, abs=0.03)  # the length of the bar as it was
    np.testing.assert_allclose(warp.points(np.zeros(3)), np.zeros(3), atol=1e-12)


def test_pieces_cover_the_bent_mesh():
    pieces = [np.array([[x, y, z] for x in (a, a + 0.1) for y in (-0.015, 0.015)
                        for z in (-0.01, 0.01)]) for a in (-0.1, 0.0)]  # fmt: skip
    bent, _, warps = deformed(BAR, [Deformation("bend", 150.0), Deformation("twist", 40.0)])
    made = deformed_pieces(pieces, warps)
    assert len(made) > 6
    points = bent.mesh.vertices_m.astype(float)
    best = np.full(len(points), np.inf)
    for piece in made:
        planes = ConvexHull(piece).equations
        best = np.minimum(best, (points @ planes[:, :3].T + planes[:, 3]).max(axis=1))
    assert best.max() < 0.0012
    volume = sum(ConvexHull(piece).volume for piece in made)
    assert volume == pytest.approx(0.2 * 0.03 * 0.02, rel=0.06)


SCENE = """
simgen: 1
scene: {type: tabletop}
objects: {bars: {asset: box, category: bar, size_m: [0.2, 0.03, 0.02]}}
"""


@pytest.fixture
def library(tmp_path: Path) -> AssetLibrary:
    (tmp_path / "scene.yaml").write_text(SCENE)
    registry = Registry.installed()
    return AssetLibrary(load_scene(tmp_path / "scene.yaml", registry), registry, tmp_path)


def test_a_bent_reference_names_what_it_shows(library: AssetLibrary):
    params = library.scene.collections[0].params
    straight = library.ref("objects.bars", "box", params, "box")
    wish = replace(straight, shape=(Deformation("bend", 700.0),), digest="")
    bent = library.resolved(wish)
    assert bent.digest != straight.digest
    assert bent.shape[0].angle_deg == pytest.approx(300)
    back = from_json(AssetRef, to_json(bent))
    assert back == bent
    fresh = AssetLibrary(library.scene, library.registry, library._disk.folder)
    mesh, again = library.asset(bent).mesh, fresh.asset(back).mesh
    assert mesh.vertices_m.tobytes() == again.vertices_m.tobytes()
    assert np.ptp(library.hull_m(bent), axis=0).max() < 0.1
    assert len(library.pieces_m(bent)) > 10
    assert library.bounds_m(straight)[1, 0] == pytest.approx(0.1)
    assert "shape" not in to_json(straight).decode()


def test_no_bend_is_the_same_asset(library: AssetLibrary):
    params = library.scene.collections[0].params
    straight = library.ref("objects.bars", "box", params, "box")
    wish = replace(straight, shape=(Deformation("bend", 0.0), Deformation("twist", 0.0)), digest="")
    assert library.resolved(wish) == straight
