"""The library: references that survive a move, and refuse what has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from simgen.assets.box import BoxParams
from simgen.assets.cache import ByteCache, DiskCache
from simgen.assets.library import AssetLibrary
from simgen.errors import AssetError
from simgen.plugin.files import file_ref
from simgen.plugin.gate import load_scene
from simgen.plugin.registry import Registry
from simgen.records.material import Material, Texture
from simgen.records.pose import Pose
from simgen.records.serial import from_json, to_json
from simgen.records.world import AssetRef, Environment, WorldObject
from simgen.spec.fields import Root

OWN = Path(__file__).parents[2] / "scenes" / "meshes"
SCENE = """
simgen: 1
scene: {type: tabletop}
objects:
  parts: {asset: meshes, path: meshes/, fit: {height_m: 0.08}}
"""


@pytest.fixture
def library(tmp_path: Path) -> AssetLibrary:
    return _library(tmp_path / "here")


def _library(folder: Path) -> AssetLibrary:
    shutil.copytree(OWN, folder / "meshes")
    (folder / "scene.yaml").write_text(SCENE)
    registry = Registry.installed()
    return AssetLibrary(load_scene(folder / "scene.yaml", registry), registry, folder / "cache")


def _ref(library: AssetLibrary, variant: str = "bracket") -> AssetRef:
    params = library.scene.collections[0].params
    return library.ref("objects.parts", "meshes", params, variant)


def test_reference_holds_no_path_and_builds_again(library: AssetLibrary, tmp_path: Path) -> None:
    ref = _ref(library)
    assert "path" not in ref.params
    assert str(tmp_path) not in to_json(ref).decode()
    elsewhere = _library(tmp_path / "there")
    again = elsewhere.asset(from_json(AssetRef, to_json(ref)))
    assert again.mesh.vertices_m.tobytes() == library.asset(ref).mesh.vertices_m.tobytes()
    np.testing.assert_allclose(library.bounds_m(ref)[:, 2], [0, 0.08], atol=1e-7)


def test_a_changed_file_is_refused(library: AssetLibrary, tmp_path: Path) -> None:
    ref = _ref(library)
    path = tmp_path / "here" / "meshes" / "bracket" / "bracket.stl"
    path.write_bytes(path.read_bytes()[:-1] + b"\1")  # attribute bytes: the shape is the same
    fresh = AssetLibrary(library.scene, library.registry, tmp_path / "cache")
    with pytest.raises(AssetError, match="no longer what it was"):
        fresh.asset(ref)


def test_unknown_collection_is_refused(library: AssetLibrary) -> None:
    ref = _ref(library)
    lost = AssetRef(ref.plugin, "objects.gone", ref.variant, ref.params, ref.digest)
    with pytest.raises(AssetError, match="no such collection"):
        library.asset(lost)


def test_supports_need_no_collection(library: AssetLibrary) -> None:
    ref = library.ref("scene.table", "box", BoxParams(size_m=(1.0, 2.0, 0.04)), "box")
    np.testing.assert_allclose(library.bounds_m(ref)[1], [0.5, 1.0, 0.02])
    assert len(library.hull_m(ref)) == 8
    other = library.ref("scene.table", "box", BoxParams(size_m=(1.0, 2.0, 0.05)), "box")
    assert other.digest != ref.digest


def test_pieces_are_kept_on_disk(library: AssetLibrary, tmp_path: Path) -> None:
    apart = [trimesh.creation.box((0.1, 0.1, 0.1)) for _ in range(2)]
    apart[1].apply_translation((0.3, 0, 0))
    folder = tmp_path / "here" / "meshes" / "pair"
    folder.mkdir()
    trimesh.util.concatenate(apart).export(folder / "pair.stl")
    ref = _ref(library, "pair")
    pieces = library.pieces_m(ref)
    assert len(pieces) == 2
    kept = list((tmp_path / "here" / "cache").rglob("*.npz"))
    assert len(kept) == 1
    fresh = AssetLibrary(library.scene, library.registry, tmp_path / "here" / "cache")
    assert [p.tobytes() for p in fresh.pieces_m(ref)] == [p.tobytes() for p in pieces]
    kept[0].write_bytes(b"damaged")
    third = AssetLibrary(library.scene, library.registry, tmp_path / "here" / "cache")
    assert [p.tobytes() for p in third.pieces_m(ref)] == [p.tobytes() for p in pieces]


def test_materials_replace_slots(library: AssetLibrary) -> None:
    ref = _ref(library, "mug")
    one = Material(base_color=(1.0, 0.0, 0.0), texture=Texture("wood", {"seed": 3}, tile_m=0.4))
    every = Material(roughness=0.9)

    def surfaces(materials: dict[str, Material]) -> dict[str, object]:
        thing = WorldObject(1, "parts", 0, "object", ref, Pose(), 1.0, "mug", {}, {}, materials)
        return dict(zip(library.asset(ref).slots, library.surfaces(thing), strict=True))

    own = surfaces({})
    assert own["glaze"].base_color_image is not None
    mixed = surfaces({"handle": one, "*": every})
    assert mixed["handle"].tile_m == 0.4
    assert mixed["handle"].uv_in_metres
    assert mixed["handle"].base_color_image.shape == (512, 512, 3)
    assert mixed["glaze"].base_color_image is None
    assert mixed["glaze"].roughness == 0.9


def test_texture_files_are_checked(library: AssetLibrary, tmp_path: Path) -> None:
    path = tmp_path / "t.png"
    Image.new("RGB", (3, 2), (9, 8, 7)).save(path)
    root = Root("t.png", path, "objects.parts.material.texture.path")
    library.scene.roots[root.name] = root
    texture = Texture("file", {}, file_ref(root, ""))
    assert library.texture(texture).tolist() == [[[9, 8, 7]] * 3] * 2
    Image.new("RGB", (3, 2), (1, 1, 1)).save(path)
    with pytest.raises(AssetError, match="changed"):
        AssetLibrary(library.scene, library.registry).texture(texture)
    path.write_bytes(b"no image")
    with pytest.raises(AssetError, match="cannot be read as an image"):
        library.texture(Texture("file", {}, file_ref(root, "")))
    with pytest.raises(AssetError, match="unknown pattern"):
        library.texture(Texture("plaid"))


def test_image_bombs_are_refused(library: AssetLibrary, tmp_path: Path) -> None:
    from simgen.assets.images import decode_image

    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    with pytest.raises(AssetError, match="9000 x 9000"):
        decode_image((tmp_path / "bomb.png").read_bytes(), "bomb.png")


def test_environment(library: AssetLibrary) -> None:
    sky = Environment("sky", params={"turbidity": 2.5})
    assert library.environment(sky) is library.environment(sky)


def test_memory_is_bounded() -> None:
    cache: ByteCache[bytes] = ByteCache(100)
    made = []

    def get(key: str, size: int) -> bytes:
        def make() -> bytes:
            made.append(key)
            return b"x" * size

        return cache.get(key, make, len)

    for key in ("a", "b", "a", "c", "a", "b"):
        get(key, 40)
    assert made == ["a", "b", "c", "b"]  # a was used last when c pushed b out
    assert cache.held_bytes <= 100
    get("huge", 500)
    assert cache.held_bytes == 500  # kept, though alone


def test_a_disk_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found = DiskCache(tmp_path / "file").get("ab", lambda: (np.ones((2, 3)),))
    assert found[0].shape == (2, 3)


def test_a_picture_that_is_not_square_keeps_its_shape() -> None:
    from simgen.assets.surfaces import surface_of

    wide = Material(texture=Texture("file", {}, None, 0.3))
    surface = surface_of(wide, lambda _: np.zeros((20, 80, 3), np.uint8))
    assert (surface.tile_m, surface.tile_aspect) == (0.3, 0.25)
    assert surface_of(Material(), lambda _: np.zeros((1, 1, 3), np.uint8)).tile_aspect == 1


def test_notes_of_what_was_built(library: AssetLibrary, tmp_path: Path) -> None:
    _ref(library)
    assert library.notes == ()
    params = BoxParams.model_validate({"size_m": [2e3, 1, 1]})
    with pytest.raises(AssetError, match="2000 x 1 x 1 m large"):
        library.ref("scene.wall", "box", params, "box")
    again = _library(tmp_path / "there")
    flat = tmp_path / "there" / "meshes" / "flat.obj"
    flat.write_text("v 0 0 0\nv 1 0 0\nv 0 1 1\nf 1 2 3\nf 1 1 2\n")
    again.ref("objects.parts", "meshes", again.scene.collections[0].params, "flat")
    assert again.notes == ("objects.parts flat: removed 1 zero-area faces of 2",)
