"""Textures, planes, photo backdrops, lamps that are off, strips: what stands around the objects."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.errors import SceneFileError
from simgen.records.material import Material
from simgen.records.pose import Pose
from simgen.records.serial import from_json, to_json
from simgen.records.world import AssetRef, Draft, DraftObject, World
from simgen.sampling.far import far_bound_m
from simgen.sampling.randomizers.backdrop import Backdrop, BackdropParams
from simgen.sampling.randomizers.lights import Lights, LightsParams
from simgen.sampling.randomizers.materials import Materials, MaterialsParams
from simgen.sampling.randomizers.planes import Planes, PlanesParams
from simgen.sampling.randomizers.textures import Textures, TexturesParams
from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream
from simgen.spec.fields import Root

Make = Callable[..., Sampler]
REF = AssetRef("box", "objects.a", "box", {}, "0")
DRAFT = Draft(
    (
        DraftObject("a", 0, REF, materials={"lid": Material()}, slots=("body", "lid")),
        DraftObject("junk", 0, REF, "distractor"),
        DraftObject("scene.table", 0, REF, "support", pose=Pose()),
    ),
    collections=("a", "junk"),
)


def stream(index: int = 0) -> KeyedStream:
    return KeyedStream(0, "world", index, "randomizers.x")


def test_nothing_to_do_changes_nothing() -> None:
    for plugin, params in (
        (Textures(), TexturesParams(probability=0)),
        (Planes(), PlanesParams(walls=0, floor_m=None)),
        (Backdrop(), BackdropParams(probability=0)),
    ):
        assert plugin.apply(DRAFT, params, stream()) == DRAFT


def test_textures_cover_objects_and_on_request_supports() -> None:
    plain = Textures().apply(DRAFT, TexturesParams(), stream()).objects
    assert [set(t.materials) for t in plain] == [{"*"}, {"*"}, set()]
    assert plain[0].materials != plain[1].materials
    everything = Textures().apply(DRAFT, TexturesParams(supports=True), stream()).objects
    assert [set(t.materials) for t in everything] == [{"*"}] * 3
    assert everything[:2] == plain[:2]
    table = Textures().apply(DRAFT, TexturesParams(targets=["scene.table"]), stream()).objects
    assert table[:2] == DRAFT.objects[:2]
    patterns = {
        Textures()
        .apply(DRAFT, TexturesParams(), stream(i))
        .objects[0]
        .materials["*"]
        .texture.pattern
        for i in range(40)
    }
    assert len(patterns) >= 6


def test_textures_may_be_photos(tmp_path: Path) -> None:
    for name in "ab":
        Image.new("RGB", (2, 2)).save(tmp_path / f"{name}.jpg")
    params = TexturesParams(path=Root(".", tmp_path, "randomizers.x.path"))
    files = {
        Textures().apply(DRAFT, params, stream(i)).objects[0].materials["*"].texture.file.name
        for i in range(12)
    }
    assert files == {"a.jpg", "b.jpg"}


def test_materials_need_no_settings() -> None:
    looks = [
        Materials().apply(DRAFT, MaterialsParams(), stream(i)).objects[0].materials["*"]
        for i in range(60)
    ]
    assert {m.metallic for m in looks} == {0.0, 1.0}
    assert any(m.texture is None for m in looks)
    assert len({m.texture.pattern for m in looks if m.texture}) > 4


def test_planes_stand_around_the_scene() -> None:
    for index in range(12):
        draft = Planes().apply(DRAFT, PlanesParams(walls=4), stream(index))
        planes = draft.objects[3:]
        assert {p.collection for p in planes} == {"wall0", "wall1", "wall2", "wall3", "floor"}
        corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
        reach = 0.0
        for plane in planes:
            points = plane.pose.apply(corners * plane.asset.params["size_m"])
            reach = max(reach, float(np.linalg.norm(points, axis=1).max()))
            normal = plane.pose.rotation()[:, 2 if plane.collection == "floor" else 0]
            assert abs(np.asarray(plane.pose.position_m) @ normal) > (
                0.4 if plane.collection == "floor" else DRAFT.radius_m
            )
        assert reach <= draft.radius_m + 1e-9
        # Walls of one room: neighbours meet at its corners, on top of the floor.
        walls = [p for p in planes if p.collection != "floor"]
        floor = planes[-1] if planes[-1].collection == "floor" else planes[0]
        foot = floor.pose.position_m[2] + floor.asset.params["size_m"][2] / 2
        for wall in walls:
            low = wall.pose.position_m[2] - wall.asset.params["size_m"][2] / 2
            assert low == pytest.approx(foot)


ROOM = """
scene: {type: tabletop, placement: upright, beyond: none}
objects: {b: {asset: box, count: 3, size_m: [0.05, 0.05, 0.05]}}
randomizers: {behind: {kind: planes, walls: 4, distance_m: {uniform: [1.3, 1.6]}}}
camera: {distance_m: {uniform: [0.5, 3]}, elevation_deg: {uniform: [5, 80]}}
"""


def test_cameras_stay_inside_the_walls_and_depth_knows_them(make_sampler: Make) -> None:
    sampler = make_sampler(ROOM)
    far = far_bound_m(sampler._scene)
    redrawn = 0
    for index in range(8):
        world = sampler.world(index)
        assert from_json(World, to_json(world)) == world
        planes = [t for t in world.objects if t.collection.startswith("randomizers.behind")]
        assert len(planes) == 5
        assert all(t.id == 0 and t.asset.digest for t in planes)
        assert world.facts["randomizers.behind.walls"] == 4
        spec = sampler.frame(index, world)
        redrawn += spec.facts["camera.redrawn"]
        eye = np.asarray(spec.camera.T_world_cam.position_m)
        for plane in planes:
            size = np.asarray(plane.asset.params["size_m"])
            corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
            points = plane.pose.apply(corners * size)
            assert np.linalg.norm(points - eye, axis=1).max() < far
            thin = int(np.argmin(size))
            here, middle = (plane.pose.apply_inverse(p)[thin] for p in (eye, np.zeros(3)))
            assert here * middle > 0 or plane.collection.endswith("floor")
    assert redrawn > 0


def test_lamps_may_be_off_and_the_others_stay(make_sampler: Make) -> None:
    on = Lights().apply(DRAFT, LightsParams(count=12), stream())
    some = Lights().apply(DRAFT, LightsParams(count=12, on=0.5), stream())
    lit = [n for n in range(12) if some.facts[f"{n}.on"]]
    assert 2 <= len(lit) <= 10
    assert [light.name for light in some.lights] == [f"light{n}" for n in lit]
    assert set(some.lights) < set(on.lights)
    assert Lights().apply(DRAFT, LightsParams(count=3, on=0), stream()).lights == ()


def test_strips_are_long_area_lamps_that_shine_at_the_scene() -> None:
    params = LightsParams(count=8, kinds="strip", target_jitter_m=0, distance_m=1.5)
    turns = set()
    for light in Lights().apply(DRAFT, params, stream()).lights:
        assert light.kind == "area"
        assert light.size_m[0] >= 0.6
        assert light.size_m[1] <= 0.06
        place = np.asarray(light.pose.position_m)
        np.testing.assert_allclose(light.pose.rotation() @ [0, 0, -1], -place / 1.5, atol=1e-9)
        turns.add(round(math.degrees(math.asin(light.pose.rotation()[2, 0])), 1))
    assert len(turns) > 4


def test_photo_backdrops_are_cut_out_anew(make_sampler: Make, tmp_path: Path) -> None:
    ramp = np.zeros((60, 80, 3), np.uint8)
    ramp[..., 0], ramp[..., 1] = np.arange(80) * 3, np.arange(60)[:, None] * 4
    (tmp_path / "photos").mkdir()
    Image.fromarray(ramp).save(tmp_path / "photos" / "ramp.png")
    sampler = make_sampler(
        "scene: {type: flying}\nrandomizers: {b: {kind: backdrop, path: photos, zoom: 2}}\n"
    )
    library = sampler._shapes._library
    flipped, places = 0, set()
    for index in range(16):
        world = sampler.world(index)
        texture = world.background
        x, y, w, h = texture.params["crop"]
        assert (w, h) == (0.5, 0.5)
        assert 0 <= x <= 0.5
        assert 0 <= y <= 0.5
        image = library.texture(texture)
        assert image.shape[:2] in {(30, 40), (31, 40), (30, 41), (31, 41), (29, 40), (30, 39)}
        mirrored = image[0, 0, 0] > image[0, -1, 0]
        assert mirrored == texture.params.get("flip", False)
        assert world.facts["randomizers.b.texture"] == "ramp.png"
        flipped += mirrored
        places.add(round(x, 3))
    assert 2 < flipped < 14
    assert len(places) == 16
    whole = BackdropParams(
        path=Root(".", tmp_path / "photos", "randomizers.b.path"), zoom=1, flip=0
    )
    background = Backdrop().apply(DRAFT, whole, stream()).background
    assert background is not None
    assert background.params == {}


def test_wrong_names_say_what_there_is() -> None:
    with pytest.raises(SceneFileError, match=r"did you mean 'scene.table'"):
        Textures().apply(DRAFT, TexturesParams(targets=["scene.tabel"]), stream())
    assert replace(DRAFT) == DRAFT
