"""Finishes: tints as matrices, charts that know where they are, layers where they belong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from simgen.assets.deforming import deformed
from simgen.assets.finishing.charts import Charts, unfolded
from simgen.assets.finishing.realising import tinted, worn
from simgen.assets.finishing.tinting import tint_matrix
from simgen.assets.library import AssetLibrary
from simgen.assets.primitive import Primitive, PrimitiveParams
from simgen.errors import AssetError
from simgen.plugin.files import file_ref
from simgen.plugin.gate import load_scene
from simgen.plugin.registry import Registry
from simgen.records.asset import Mesh, Surface, Wear
from simgen.records.deformation import Deformation
from simgen.records.finish import Finish
from simgen.records.pose import Pose
from simgen.records.serial import from_json, to_json
from simgen.records.world import WorldObject
from simgen.spec.fields import Root

GREY = [0.5, 0.5, 0.5]
NEUTRAL = {"hue_deg": 0.0, "saturation": 1.0, "value": 1.0, "roughness": 1.0, "metallic": 0.0}


def mesh_of(solid: str, size: tuple[float, float, float] = (0.1, 0.08, 0.12)) -> Mesh:
    return Primitive().build(PrimitiveParams(solid=solid, size_m=size), "x").mesh


@pytest.fixture(scope="module")
def box() -> Charts:
    return unfolded(mesh_of("box"), 1.0, 60_000)


def wear_of(charts: Charts, *steps: Finish, pose: Pose | None = None) -> Wear:
    return worn(steps, pose or Pose(), charts, lambda ref: np.zeros((4, 4, 3), np.uint8))


def step(kind: str, seed: int = 1, **params) -> Finish:
    return Finish(kind, params, seed)


@settings(max_examples=30, deadline=None)
@given(hue=st.floats(-180, 180), saturation=st.floats(0, 2), value=st.floats(0, 2))
def test_tints_keep_grey_grey_and_scale_luminance(hue, saturation, value):
    matrix = tint_matrix(hue, saturation, value)
    np.testing.assert_allclose(matrix @ np.full(3, 0.4), np.full(3, 0.4 * value), atol=1e-9)
    color = np.array([0.7, 0.2, 0.1])
    luminance = np.array([0.2126, 0.7152, 0.0722])
    assert luminance @ matrix @ color == pytest.approx(value * luminance @ color, abs=2e-3)


def test_a_neutral_tint_is_no_tint():
    np.testing.assert_allclose(tint_matrix(0, 1, 1), np.eye(3), atol=1e-12)
    third = tint_matrix(120, 1, 1) @ np.array([1.0, 0.0, 0.0])
    assert third.argmax() == 1  # red turns green
    (surface,) = tinted((Surface(roughness=0.8),), [Finish("tint", NEUTRAL | {"roughness": 2.0})])
    assert surface.roughness == 1.0
    (metal,) = tinted((Surface(metallic=0.9),), [Finish("tint", NEUTRAL | {"metallic": -0.4})])
    assert metal.metallic == pytest.approx(0.5)
    mapped = Surface(metallic_image=np.zeros((2, 2), np.uint8))
    assert tinted((mapped,), [Finish("tint", NEUTRAL | {"metallic": 0.5})])[0].metallic == 0


@pytest.mark.parametrize("solid", ["box", "cylinder", "ball", "wedge", "ring"])
def test_every_face_lies_in_its_chart_where_it_is(solid):
    mesh = mesh_of(solid)
    mesh = deformed(
        replace(Primitive().build(PrimitiveParams(), "x"), mesh=mesh),
        [Deformation("bend", 30.0)],
    )[0].mesh
    charts = unfolded(mesh, 1.5, 60_000)
    assert charts.uv.min() >= 0
    assert charts.uv.max() <= 1
    middle, uv = mesh.rest_m[mesh.faces].mean(axis=1) * 1.5, charts.uv.mean(axis=1)
    rows = ((1 - uv[:, 1]) * charts.shape[0]).astype(int)
    columns = (uv[:, 0] * charts.shape[1]).astype(int)
    assert (charts.side[rows, columns] >= 0).all()
    apart = np.linalg.norm(charts.place_m[rows, columns] - middle, axis=1)
    outside = solid != "ring"  # the inner side of a ring is hidden behind the outer one
    close = 0.004 if solid != "ring" else 0.12
    assert np.quantile(apart, 0.97 if outside else 1.0) < close


def test_normals_and_corners_are_known(box):
    for chart in box.charts:
        axis, sign = chart.number // 2, 1 if chart.number % 2 else -1
        inner = box.normal[chart.window][12:-12, 12:-12, axis] * sign
        assert inner.min() > 0.99
    ring = unfolded(mesh_of("ring", (0.1, 0.1, 0.02)), 1.0, 30_000)
    assert ring.open[ring.solid].min() < 0.8 < ring.open[ring.solid].max()


@pytest.mark.parametrize("kind", ["dust", "dirt", "scratches"])
def test_more_covers_more(box, kind):
    shares = [
        wear_of(box, step(kind, amount=amount, color=GREY)).cover[..., 1].mean() / 255
        for amount in (0.1, 0.4, 0.9)
    ]
    assert shares[0] < shares[1] < shares[2]
    assert shares[0] < 0.1
    assert shares[2] > 0.02


def test_dust_lies_on_what_looks_up_in_the_world(box):
    dusty = step("dust", amount=0.8, color=GREY)
    upright = wear_of(box, dusty)
    upside_down = wear_of(box, dusty, pose=Pose((0, 0, 0), (0.0, 1.0, 0.0, 0.0)))
    top, bottom = (box.charts[n].window for n in (5, 4))
    assert upright.cover[top][..., 0].mean() > 40
    assert upright.cover[bottom][..., 0].mean() == 0
    assert upside_down.cover[bottom][..., 0].mean() > 40
    assert upside_down.cover[top][..., 0].mean() == 0


def test_fingerprints_dull_and_scratches_leave_metal(box):
    prints = wear_of(box, step("fingerprints", count=9))
    assert prints.cover[..., 1].max() > 150
    assert prints.cover[..., 0].max() < 40
    scratched = wear_of(box, step("scratches", amount=0.8, color=GREY))
    assert scratched.cover[..., 2].max() == 0
    assert scratched.cover[..., 1].max() > 150


def test_a_window_beside_a_side_is_empty(box):
    """The next finger of a group may print past a small side's edge (it once read far texels)."""
    chart = box.charts[0]
    for at in ((-1000.0, 5.0), (chart.width + 1000.0, 5.0), (5.0, -1000.0), (5.0, 1e5)):
        window, right, down = chart.around(at, 0.002)
        assert box.solid[window].shape == right.shape == down.shape
        assert right.size == 0


def test_a_sticker_is_as_large_as_it_says(box):
    numbers = {"size_m": 0.04, "turn_deg": 10.0, "roughness": 0.4}
    for seed in range(6):
        wear = wear_of(box, step("sticker", seed, **numbers))
        area = (wear.cover[..., 0] / 255).sum() * box.charts[0].texel_m ** 2
        assert 0.0005 < area < 0.0017
        inside = wear.cover[..., 2] > 250
        assert (np.abs(wear.roughness[inside] / 255 - 0.4) < 0.01).all()


def test_layers_lie_in_their_order(box):
    red, green = [0.8, 0.0, 0.0], [0.0, 0.8, 0.0]
    numbers = {"amount": 1.0}
    one = wear_of(
        box, step("dirt", 1, color=red, **numbers), step("dirt", 1, color=green, **numbers)
    )
    full = one.cover[..., 0] > 200
    assert full.any()
    assert (one.color[full][:, 1] > one.color[full][:, 0]).all()


def test_the_same_recipe_is_the_same_picture(box):
    steps = [step("dirt", 4, amount=0.5, color=GREY), step("scratches", 5, amount=0.5, color=GREY)]
    one, two = wear_of(box, *steps), wear_of(box, *steps)
    assert one.color.tobytes() == two.color.tobytes()
    assert one.cover.tobytes() == two.cover.tobytes()
    other = wear_of(box, replace(steps[0], seed=9), steps[1])
    assert other.cover.tobytes() != one.cover.tobytes()
    with pytest.raises(AssetError, match="unknown kind"):
        wear_of(box, Finish("rust"))  # type: ignore[arg-type]


SCENE = """
simgen: 1
scene: {type: tabletop}
objects: {boxes: {asset: box, category: box, size_m: [0.1, 0.08, 0.06]}}
"""


@pytest.fixture
def library(tmp_path: Path) -> AssetLibrary:
    (tmp_path / "scene.yaml").write_text(SCENE)
    registry = Registry.installed()
    return AssetLibrary(load_scene(tmp_path / "scene.yaml", registry), registry, tmp_path)


def thing_of(library: AssetLibrary, *steps: Finish) -> WorldObject:
    params = library.scene.collections[0].params
    ref = library.ref("objects.boxes", "box", params, "box")
    fields = ("boxes", 0, "object", ref, Pose(), 1.0, "box", {}, {}, {}, None)
    return WorldObject(1, *fields, tuple(steps) or None)


def test_finishes_survive_the_round_trip_and_old_records_stay(library):
    plain, both = thing_of(library), thing_of(library, Finish("tint", NEUTRAL), step("dust"))
    assert b"finish" not in to_json(plain)
    assert from_json(WorldObject, to_json(both)) == both
    assert from_json(WorldObject, to_json(plain)) == plain
    assert library.surfaces(plain)[0].wear is None


def test_everybody_gets_the_same_arrays(library):
    thing = thing_of(library, step("dirt", amount=0.5, color=GREY))
    assert library.surfaces(thing)[0].wear is library.surfaces(thing)[0].wear
    turned = replace(thing, pose=Pose.from_yaw((0, 0, 0), 1.0))
    assert library.surfaces(turned)[0].wear is not library.surfaces(thing)[0].wear


def test_pictures_may_be_stickers_with_transparency(library, tmp_path):
    picture = np.zeros((32, 64, 4), np.uint8)
    picture[:, :32] = (255, 0, 0, 255)
    (tmp_path / "art").mkdir()
    Image.fromarray(picture).save(tmp_path / "art" / "half.png")
    root = Root("art", tmp_path / "art", "randomizers.x.path")
    library.scene.roots["randomizers.x.path"] = root
    numbers = {"size_m": 0.05, "turn_deg": 0.0, "roughness": 0.4}
    glued = Finish("sticker", numbers, 3, file_ref(root, "half.png"))
    thing = thing_of(library, glued)
    wear = library.surfaces(thing)[0].wear
    share = wear.cover[..., 0] / 255
    texel = library._finisher._unfolded(thing).charts[0].texel_m
    assert 0.3 * 0.05 * 0.025 < share.sum() * texel**2 < 0.55 * 0.05 * 0.025
    assert (wear.color[share > 0.9] == (255, 0, 0)).all()
    (tmp_path / "art" / "half.png").unlink()
    fresh = AssetLibrary(library.scene, library.registry, tmp_path)
    with pytest.raises(AssetError, match="missing"):
        fresh.surfaces(thing)
