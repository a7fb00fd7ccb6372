"""Each format gives back the geometry, looks and orientation that were put in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from simgen.records.asset import Asset


def _solid() -> trimesh.Trimesh:
    mesh = trimesh.creation.icosphere(subdivisions=2, radius=0.0437)
    mesh.apply_scale([1.0, 0.7, 1.3])
    mesh.apply_translation([0.011, -0.02, 0.1])
    return mesh


def _farthest(asset: Asset, mesh: trimesh.Trimesh) -> float:
    """Largest distance between matching triangles' corners, whatever their order."""
    a = np.sort(asset.mesh.vertices_m[asset.mesh.faces].reshape(-1, 9).round(5), axis=0)
    b = np.sort(mesh.triangles.reshape(-1, 9).round(5), axis=0)
    rows = asset.mesh.vertices_m[asset.mesh.faces].reshape(-1, 9).astype(np.float64)
    wanted = mesh.triangles.reshape(-1, 9)
    assert a.shape == b.shape
    near = [np.abs(wanted - row).max(axis=1).min() for row in rows]
    return float(max(near))


@pytest.mark.parametrize("suffix", ["obj", "ply", "stl", "glb", "gltf"])
def test_geometry_comes_back(tmp_path: Path, suffix: str, load: Callable[..., Asset]) -> None:
    mesh = _solid()
    path = tmp_path / f"thing.{suffix}"
    if suffix == "gltf":
        for name, data in mesh.export(file_type="gltf").items():
            (tmp_path / ("thing.gltf" if name == "model.gltf" else name)).write_bytes(data)
    else:
        mesh.export(path)
    asset = load(path, up="z")
    assert _farthest(asset, mesh) < 1e-6
    assert len(asset.mesh.vertices_m) == len(mesh.vertices)  # welded, STL included
    assert np.abs(np.linalg.norm(asset.mesh.normals, axis=2) - 1).max() < 1e-5
    corners = asset.mesh.vertices_m[asset.mesh.faces].astype(float)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((asset.mesh.normals * across[:, None]).sum(axis=2) > 0).all()


def _texel_at(asset: Asset, position: tuple[float, float, float]) -> list[int]:
    """Colour that the texture shows near one corner of the square, a little inwards."""
    mesh, image = asset.mesh, asset.surfaces[0].base_color_image
    assert image is not None
    assert mesh.uv is not None
    points = mesh.vertices_m[mesh.faces].reshape(-1, 3)
    uv = mesh.uv.reshape(-1, 2)[np.abs(points - position).sum(axis=1).argmin()]
    u, v = uv + (0.5 - uv) * 0.1
    height, width = image.shape[:2]
    return image[int((1 - v) * height), int(u * width)].tolist()


def _assert_upright(asset: Asset) -> None:
    assert _texel_at(asset, (0, 0, 1)) == [255, 0, 0]
    for elsewhere in ((0, 0, 0), (1, 0, 0), (1, 0, 1)):
        assert _texel_at(asset, elsewhere) == [255, 255, 255]


def test_obj_texture_is_the_right_way_up(plane_obj: Path, load: Callable[..., Asset]) -> None:
    asset = load(plane_obj)
    assert asset.slots == ("paint",)
    assert asset.surfaces[0].base_color == (1.0, 1.0, 1.0)  # the map stands alone
    assert [name for name, _ in asset.files] == ["corner.png", "plane.mtl", "plane.obj"]
    _assert_upright(asset)


def _plane_glb(path: Path, image: Image.Image) -> None:
    """The same square, y up as glTF has it: our z is the file's y."""
    material = trimesh.visual.material.PBRMaterial(
        name="paint", baseColorTexture=image, metallicFactor=0.25, roughnessFactor=0.75
    )
    trimesh.Trimesh(
        [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]],
        [[0, 1, 2], [0, 2, 3]],
        visual=trimesh.visual.TextureVisuals(
            uv=[[0, 0], [1, 0], [1, 1], [0, 1]], material=material
        ),
        process=False,
    ).export(path)


def test_glb_texture_is_the_right_way_up(
    tmp_path: Path, corner_image: Image.Image, load: Callable[..., Asset]
) -> None:
    _plane_glb(tmp_path / "plane.glb", corner_image)
    asset = load(tmp_path / "plane.glb")
    assert asset.slots == ("paint",)
    assert (asset.surfaces[0].metallic, asset.surfaces[0].roughness) == (0.25, 0.75)
    _assert_upright(asset)
    corners = asset.mesh.vertices_m[asset.mesh.faces[0]]
    across = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    np.testing.assert_allclose(across / np.linalg.norm(across), (0, -1, 0), atol=1e-6)


def test_ply_vertex_colours_are_kept(tmp_path: Path, load: Callable[..., Asset]) -> None:
    colors = np.array([[250, 10, 20, 255], [10, 240, 30, 255], [5, 15, 230, 255]], np.uint8)
    mesh = trimesh.Trimesh(np.eye(3), [[0, 1, 2]], vertex_colors=colors, process=False)
    mesh.export(tmp_path / "three.ply")
    asset = load(tmp_path / "three.ply")
    image, uv = asset.surfaces[0].base_color_image, asset.mesh.uv
    assert image is not None
    assert uv is not None
    height, width = image.shape[:2]
    for corner in range(3):
        vertex = int(asset.mesh.vertices_m[asset.mesh.faces[0, corner]].argmax())
        x, y = uv[0, corner, 0] * width - 0.5, (1 - uv[0, corner, 1]) * height - 0.5
        assert abs(x - round(x)) < 1e-4  # on a texel centre: no neighbour bleeds in
        assert image[round(y), round(x)].tolist() == colors[vertex, :3].tolist()


def test_box_uvs_fill_in_where_a_file_has_none(tmp_path: Path, load: Callable[..., Asset]) -> None:
    trimesh.creation.box((0.2, 0.4, 0.6)).export(tmp_path / "brick.stl")
    asset = load(tmp_path / "brick.stl")
    uv = asset.mesh.uv
    assert uv is not None
    assert all(s.uv_in_metres for s in asset.surfaces)
    spans = {tuple(np.ptp(face.astype(float), axis=0).round(4).tolist()) for face in uv}
    assert spans == {(0.2, 0.6), (0.4, 0.6), (0.2, 0.4)}


def test_mtl_numbers(tmp_path: Path, load: Callable[..., Asset]) -> None:
    (tmp_path / "m.mtl").write_text(
        "newmtl tin can\nKd 0.1 0.2 0.3\nPr 0.4\nPm 0.9\nd 0.25\nKe 2 0 0\n"
    )
    (tmp_path / "m.obj").write_text(
        "mtllib m.mtl\nusemtl tin can\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
    )
    surface = load(tmp_path / "m.obj").surfaces[0]
    assert surface.base_color == (0.1, 0.2, 0.3)
    assert (surface.roughness, surface.metallic, surface.alpha) == (0.4, 0.9, 0.25)
    assert surface.emission == (2.0, 0.0, 0.0)
