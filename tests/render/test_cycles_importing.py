"""`simgen assets import`: what Blender shows is what the library holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh
from cycles_rig import cycles, needs_bpy, views
from PIL import Image
from worlds import FakeLibrary, camera, thing, world_of

from simgen.assets.meshes import Meshes, MeshesParams
from simgen.assets.sidecar import read_sidecar
from simgen.assets.surfaces import surfaces_of
from simgen.errors import AssetError, MissingExtraError
from simgen.records.asset import Asset, Surface
from simgen.records.material import Material
from simgen.records.pose import Pose
from simgen.render.cycles import importing
from simgen.render.cycles.importing import ImportOptions, ImportResult, import_assets
from simgen.render.cycles.parity import parity
from simgen.spec.fields import Root

TETRAHEDRON = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)


def run(sources: list[Path], library: Path, **options: object) -> ImportResult:
    options = {"size_px": 64, "threads": 2} | options
    return import_assets(sources, library, ImportOptions(**options), lambda *what: None)


def load(library: Path, variant: str, **settings: object) -> Asset:
    settings = {"origin": "as_is"} | settings
    params = MeshesParams(path=Root(str(library), library, "objects.x.path"), **settings)
    return Meshes().build(params, variant)


def moved(points: np.ndarray, *by: float) -> np.ndarray:
    return points + np.array(by)


def same_points(asset: Asset, expected: np.ndarray) -> bool:
    """Whether the vertices are these points, in any order, to 10 micrometres."""
    have = asset.mesh.vertices_m.astype(float)
    gaps = np.linalg.norm(have[:, None] - expected[None], axis=2)
    return bool(gaps.min(axis=1).max() < 1e-5 and gaps.min(axis=0).max() < 1e-5)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    script = Path(__file__).parent / "import_sources.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def shapes(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("shapes")
    result = run([sources / "shapes.blend"], library)
    assert not result.faults
    assert {a.name for a in result.written} == {"Ball", "Row", "Mirrored", "Scattered", "Hairy"}
    return library


@pytest.fixture(scope="module")
def looks(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportResult]:
    library = tmp_path_factory.mktemp("looks")
    return library, run([sources / "looks.blend"], library, keep_original=True, size_px=256)


@needs_bpy
def test_modifiers_count_as_in_a_render(shapes: Path):
    ball = load(shapes, "Ball")
    assert len(ball.mesh.faces) == 6 * 4**2 * 2  # two levels, not the viewport's none
    # Row: 3 cubes of 0.2 every 0.3, and a child; the scene's unit is 0.1 m.
    row = load(shapes, "Row")
    corners = np.array(np.meshgrid(*[(-0.1, 0.1)] * 3)).reshape(3, 8).T
    cubes = np.concatenate([moved(corners, 0.3 * n, 0, 0) for n in range(3)])
    assert same_points(row, 0.1 * np.concatenate([cubes, moved(TETRAHEDRON, 0, 0, 1)]))


@needs_bpy
def test_instances_are_realised(shapes: Path):
    turn = trimesh.transformations.rotation_matrix(0.5, (0, 0, 1))[:3, :3]
    outer = TETRAHEDRON * (-1, 2, 1)
    inner = moved(TETRAHEDRON @ turn.T, 3, 0, 0) * (-1, 2, 1)  # sheared: no glTF node holds that
    mirrored = load(shapes, "Mirrored")
    assert same_points(mirrored, 0.1 * np.concatenate([outer, inner]))
    mesh = trimesh.Trimesh(mirrored.mesh.vertices_m, mirrored.mesh.faces)
    assert mesh.volume == pytest.approx(1e-3 * (2 + 2) / 6, rel=1e-4)  # faces look outwards
    assert len(load(shapes, "Scattered").mesh.faces) == 4 * 12
    assert len(load(shapes, "Hairy").mesh.faces) == 12 + 5 * 4


@needs_bpy
def test_a_relative_texture_stays_as_it_is(looks: tuple[Path, ImportResult]):
    library, result = looks
    asset = load(library, "Plain")
    image = asset.surfaces[0].base_color_image
    assert image.shape == (16, 16, 3)
    assert image[3, 3].tolist() == [255, 0, 0]
    assert image[3, 12].tolist() == [0, 0, 255]
    assert next(a for a in result.written if a.name == "Plain").baked == ()


@needs_bpy
def test_a_procedural_material_is_baked(looks: tuple[Path, ImportResult]):
    library, result = looks
    surface = load(library, "Procedural").surfaces[0]
    texels = surface.base_color_image.reshape(-1, 3)
    # Linear 0.9 and 0.1 are 243 and 89 in sRGB.
    red = (np.abs(texels.astype(int) - (243, 89, 89)) <= 1).all(axis=1).mean()
    blue = (np.abs(texels.astype(int) - (89, 89, 243)) <= 1).all(axis=1).mean()
    assert red > 0.2
    assert blue > 0.2
    assert surface.roughness_image is None
    baked = next(a for a in result.written if a.name == "Procedural").baked
    assert baked == ("Checked base_color",)


@needs_bpy
def test_faces_of_other_materials_stay_out_of_a_bake(looks: tuple[Path, ImportResult]):
    asset = load(looks[0], "Both")
    surfaces = dict(zip(asset.slots, asset.surfaces, strict=True))
    assert surfaces["Halves"].base_color_image.shape == (16, 16, 3)
    texels = surfaces["Checked"].base_color_image.reshape(-1, 3)
    assert (texels.max(axis=1) > 80).all()  # the bake covers the whole picture, nothing is black


@needs_bpy
def test_shaders_are_mixed_by_their_values(looks: tuple[Path, ImportResult]):
    surface = load(looks[0], "Mixed").surfaces[0]
    assert surface.base_color == pytest.approx((0.4, 0.4, 0.4), abs=1e-3)
    assert surface.metallic == pytest.approx(0.5)
    assert surface.roughness == pytest.approx(0.3, abs=1e-3)


@needs_bpy
def test_a_missing_texture_fails_its_asset_only(looks: tuple[Path, ImportResult]):
    library, result = looks
    assert {a.name for a in result.written} == {"Plain", "Procedural", "Mixed", "Both"}
    (fault,) = result.faults
    assert fault.where.endswith("looks.blend Lost")
    assert "gone.png" in fault.what
    assert "pack" in fault.cure
    assert not (library / "Lost").exists()


@needs_bpy
def test_nothing_in_a_blend_file_is_run(sources: Path, tmp_path: Path):
    result = run([sources / "hostile.blend"], tmp_path, keep_original=True)
    assert [a.name for a in result.written] == ["Bait"]
    assert not (sources / "executed").exists()
    assert any("evil.py" in note for note in result.notes)
    asset = load(tmp_path, "Bait")
    library = FakeLibrary()
    ref = library.put("bait", trimesh.creation.box())
    library.assets["bait"] = asset
    with cycles(library, samples=1) as session:  # the kept material comes from that file, too
        list(session.render(world_of([thing(1, ref, Pose())]), views(camera(eye=(2, 2, 2)))))
    assert not (sources / "executed").exists()


@needs_bpy
@pytest.mark.parametrize("name", ["thing.fbx", "thing.usdc", "thing.dae", "thing.obj"])
def test_other_formats(name: str, sources: Path, tmp_path: Path):
    result = run([sources / name], tmp_path, licence="CC0-1.0")
    assert not result.faults
    asset = load(tmp_path, "thing")
    assert same_points(asset, TETRAHEDRON)
    assert asset.licence == "CC0-1.0"
    assert asset.surfaces[0].base_color == pytest.approx((0.1, 0.2, 0.7), abs=2e-3)


@needs_bpy
def test_a_compressed_glb_is_decoded_by_importing_it(sources: Path, tmp_path: Path):
    if b"KHR_draco_mesh_compression" not in (sources / "draco.glb").read_bytes():
        pytest.skip("this bpy comes without the Draco library")
    params = MeshesParams(path=Root("draco", sources / "draco.glb", "objects.x.path"))
    with pytest.raises(AssetError, match=r"(?s)draco.*simgen assets import"):
        Meshes().build(params, "draco")
    result = run([sources / "draco.glb"], tmp_path)
    assert not result.faults
    assert len(load(tmp_path, "draco").mesh.faces) == 4


URDF = """<robot name="arm">
  <material name="red"><color rgba="1 0 0 1"/></material>
  <link name="base"><visual>
    <geometry><box size="0.2 0.4 0.1"/></geometry><material name="red"/>
  </visual></link>
  <link name="bare"/>
  <link name="hand"><visual>
    <origin xyz="0 0 0.5" rpy="0 0 1.5707963267948966"/>
    <geometry><mesh filename="package://arm_description/thing.stl" scale="0.1 0.1 0.1"/></geometry>
  </visual></link>
  <joint name="a" type="fixed"><parent link="base"/><child link="bare"/>
    <origin xyz="1 0 0" rpy="0 1.5707963267948966 0"/></joint>
  <joint name="b" type="revolute"><parent link="bare"/><child link="hand"/>
    <origin xyz="0 0 2"/></joint>
</robot>"""


@needs_bpy
def test_urdf_links(sources: Path, tmp_path: Path):
    (sources / "arm.urdf").write_text(URDF)
    result = run([sources / "arm.urdf"], tmp_path, assembled=True, category="robot")
    assert not result.faults
    assert [a.file for a in result.written] == [f"robot/{n}.glb" for n in ("base", "hand", "arm")]
    base = load(tmp_path, "robot/base")
    assert base.mesh.bounds() == pytest.approx(np.array([[-1, -2, -0.5], [1, 2, 0.5]]) / 10)
    assert base.surfaces[0].base_color == pytest.approx((1, 0, 0))
    turned = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])
    hand = moved(TETRAHEDRON / 10 @ turned.T, 0, 0, 0.5)
    assert same_points(load(tmp_path, "robot/hand"), hand)
    # A quarter turn about y takes z to x; then one along x.
    about_y = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0.0]])
    far = moved(moved(hand, 0, 0, 2) @ about_y.T, 1, 0, 0)
    arm = load(tmp_path, "robot/arm").mesh.vertices_m
    assert np.abs(arm[:, None] - far[None]).max(axis=2).min(axis=0).max() < 1e-5


def bop_folder(folder: Path) -> Path:
    """One model with a texture (BOP's spelling, binary), one with vertex colours (text)."""
    models = folder / "models"
    models.mkdir(parents=True)
    Image.fromarray(np.full((8, 8, 3), (10, 200, 13), np.uint8)).save(models / "obj_000001.png")
    head = (
        "ply\nformat {}\ncomment TextureFile obj_000001.png\nelement vertex 4\nproperty float x\n"
        "property float y\nproperty float z\n{}element face 4\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    faces = [(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)]
    uv = "property float texture_u\nproperty float texture_v\n"
    data = np.zeros((4, 5), "<f4")
    data[:, :3], data[:, 3:] = TETRAHEDRON * 13, 0.5  # 13 is a carriage return in some bytes
    rows = b"".join(b"\x03" + np.array(face, "<i4").tobytes() for face in faces)
    text = head.format("binary_little_endian 1.0", uv).encode()
    (models / "obj_000001.ply").write_bytes(text + data.tobytes() + rows)
    colors = "".join(f"property uchar {name}\n" for name in ("red", "green", "blue"))
    text = head.format("ascii 1.0", colors).replace("comment TextureFile obj_000001.png\n", "")
    for corner in TETRAHEDRON * 20:
        text += " ".join(f"{v:g}" for v in corner) + " 250 100 0\n"
    text += "".join("3 {} {} {}\n".format(*face) for face in faces)
    (models / "obj_000002.ply").write_text(text)
    info = {
        "1": {"diameter": 18.0},
        "2": {"symmetries_discrete": [[1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]]},
    }
    (models / "models_info.json").write_text(json.dumps(info))
    (folder / "LICENSE.txt").write_text("MIT License")
    return folder


@needs_bpy
def test_bop_models(tmp_path: Path):
    result = run([bop_folder(tmp_path / "bop")], tmp_path / "library")
    assert not result.faults
    library = tmp_path / "library"
    first, second = load(library, "obj_000001"), load(library, "obj_000002")
    assert same_points(first, TETRAHEDRON * 0.013)
    assert same_points(second, TETRAHEDRON * 0.020)
    assert first.surfaces[0].base_color_image[4, 4].tolist() == [10, 200, 13]
    colors = second.surfaces[0].base_color_image.reshape(-1, 3).astype(int)
    assert (np.abs(colors - (250, 100, 0)).max(axis=1) <= 1).mean() > 0.9
    assert first.licence == "MIT"
    facts = read_sidecar(library / "obj_000002" / "obj_000002.glb").facts["bop"]
    assert facts["obj_id"] == 2
    assert facts["symmetries_discrete"][0][3] == pytest.approx(0.005)
    assert read_sidecar(library / "obj_000001" / "obj_000001.glb").facts["bop"][
        "diameter_m"
    ] == pytest.approx(0.018)


@needs_bpy
def test_importing_again_does_nothing_or_the_same_and_harms_nobody(sources: Path, tmp_path: Path):
    source = tmp_path / "thing.stl"
    source.write_bytes((sources / "thing.stl").read_bytes())
    library = tmp_path / "library"
    first = run([source], library)
    again = run([source], library)
    assert again.written == []
    assert again.skipped == first.written
    data = (library / "thing" / "thing.glb").read_bytes()
    forced = run([source], library, force=True)
    assert forced.written == first.written
    assert (library / "thing" / "thing.glb").read_bytes() == data
    (tmp_path / "broken.blend").write_bytes(b"BLENDER-v405" + bytes(100))
    others = run([tmp_path / "broken.blend", sources / "thing.obj"], library)
    assert others.written == []
    broken, clash = others.faults
    assert broken.where.endswith("broken.blend")
    assert "comes from another thing.stl" in clash.what
    assert "--force" in clash.cure
    assert (library / "thing" / "thing.glb").read_bytes() == data
    (library / "thing" / "thing.glb").write_bytes(b"damaged")
    assert run([source], library).skipped == []
    assert (library / "thing" / "thing.glb").read_bytes() == data
    names = {p.name for p in library.rglob("*") if p.is_file()}
    records = {p.name for p in (library / ".imports").iterdir()}
    assert names == {"thing.glb", "thing.asset.yaml", "ledger.json"} | records


def test_sources_are_checked_before_anything_is_done(tmp_path: Path):
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "a.xacro").write_text("")
    names = [tmp_path / name for name in ("a.txt", "a.xacro", "gone.blend", "")]
    with pytest.raises(AssetError) as error:
        run(names, tmp_path / "library")
    assert len(error.value.faults) == 4
    assert not (tmp_path / "library").exists()


def test_without_bpy_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.obj").write_text("")
    monkeypatch.setattr(importing.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"simgen\[cycles\]"):
        run([tmp_path / "a.obj"], tmp_path / "library")


@needs_bpy
def test_both_engines_agree_on_imported_assets(looks: tuple[Path, ImportResult], shapes: Path):
    library = FakeLibrary()
    things = []
    wanted = [(shapes, n) for n in ("Ball", "Row", "Mirrored", "Hairy")]
    wanted += [(looks[0], n) for n in ("Procedural", "Mixed")]
    for number, (folder, name) in enumerate(wanted):
        ref = library.put(name, trimesh.creation.box())
        library.assets[name] = load(folder, name, origin="base", fit={"longest_m": 0.2})
        things.append(thing(number + 1, ref, Pose((0.3 * (number % 3), 0.3 * (number // 3), 0))))
    view = camera(eye=(0.6, -0.7, 0.7), target=(0.3, 0.1, 0.05), width=240, height=180)
    with cycles(library, samples=1) as session:
        (shot,) = session.shots(world_of(things), views(view))
    found = parity(shot)
    assert len(found.objects) == 6
    assert found.missing == ()
    assert all(o.iou >= (0.98 if o.pixels > 400 else 0.90) for o in found.objects)
    assert found.depth_mm < 0.5
    assert found.normals_deg < 1.0


def color_in_front(library: FakeLibrary, asset: Asset, surfaces: tuple[Surface, ...]) -> np.ndarray:
    """What Cycles shows of an asset seen along +y, linear float32[H, W, 3]."""
    ref = library.put("it", trimesh.creation.box())
    library.assets["it"] = Asset(asset.mesh, asset.slots, surfaces)
    view = camera(eye=(0.1, -0.4, 0.5), target=(0, 0, 0.1), width=96, height=96)
    with cycles(library, samples=64) as session:
        (shot,) = session.shots(world_of([thing(1, ref, Pose())]), views(view))
    return shot.passes.color[..., :3]


@needs_bpy
def test_the_original_material_is_used_by_cycles_and_can_be_overridden(
    looks: tuple[Path, ImportResult],
):
    folder = looks[0]
    # Another size and origin than in the source: the pattern must stay where it was.
    asset = load(folder, "Procedural", origin="base", fit={"longest_m": 0.2})
    (kept,) = asset.surfaces
    assert kept.original is not None
    assert ("Procedural.blend", kept.original.sha256) in asset.files
    baked = Surface(**{**vars(kept), "original": None})
    library = FakeLibrary()
    seen = color_in_front(library, asset, (kept,))
    expected = color_in_front(library, asset, (baked,))
    assert not np.array_equal(seen, expected)  # the coat is not in the bake
    assert np.abs(seen - expected).mean() < 0.03
    red = seen[..., 0] > seen[..., 2]
    assert (red == (expected[..., 0] > expected[..., 2])).mean() > 0.97
    (other,) = surfaces_of(asset, {"*": Material()}, library.texture)
    assert other.original is None  # a world's material wins
    sidecar = folder / "Procedural" / "Procedural.asset.yaml"
    text = sidecar.read_text()
    try:
        sidecar.write_text(text.replace("cycles_original: true", "cycles_original: false"))
        plain = load(folder, "Procedural")
    finally:
        sidecar.write_text(text)
    assert plain.surfaces[0].original is None
    assert len(plain.files) == 1


@needs_bpy
def test_files_that_are_all_called_textured_are_named_after_their_folders(tmp_path: Path) -> None:
    for name in ("mug", "spoon"):
        (tmp_path / name).mkdir()
        trimesh.creation.box((0.1, 0.1, 0.1)).export(tmp_path / name / "textured.stl")
    files = [tmp_path / name / "textured.stl" for name in ("mug", "spoon")]
    result = run(files, tmp_path / "library", licence="MIT")
    assert not result.faults
    assert [asset.file for asset in result.written] == ["mug/mug.glb", "spoon/spoon.glb"]
