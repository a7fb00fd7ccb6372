import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simgen.errors import SceneFileError, WorkError
from simgen.records.frame import FrameSpec
from simgen.records.serial import from_json, to_json
from simgen.records.world import World
from simgen.sampling.far import far_bound_m
from simgen.sampling.sampler import Sampler

Make = Callable[..., Sampler]
SCENE = """
scene: {type: tabletop, placement: {choice: [drop, upright, grid]}}
objects:
  bricks:
    asset: box
    count: {randint: [1, 4]}
    category: "{color}"
    attributes: {color: {choice: [red, blue]}}
    material: {by: color, of: {red: {color: "#ff0000"}, blue: {color: "#0000ff"}}}
    size_m: [{uniform: [0.03, 0.06]}, 0.05, 0.05]
    scale: {uniform: [0.8, 1.2]}
  dice: {asset: die, count: {randint: [0, 3]}, category: "{top}"}
  junk: {asset: box, count: 2, category: null, size_m: [0.02, 0.02, 0.02]}
randomizers:
  lamps: {kind: lights, count: {randint: [0, 4]}, kinds: {choice: [point, area, sun, spot]}}
  room: {kind: environment}
camera: {distance_m: {uniform: [0.4, 0.8]}, distortion: {k1: {uniform: [-0.1, 0.1]}}}
views_per_world: 3
"""


def test_worlds_and_frames_come_out_the_same_in_any_order(make_sampler: Make) -> None:
    first, second = make_sampler(SCENE), make_sampler(SCENE)
    forward = [to_json(first.world(i)) for i in range(4)]
    backward = [to_json(second.world(i)) for i in reversed(range(4))][::-1]
    assert forward == backward
    world = first.world(3)
    late = to_json(second.frame(11, second.world(3)))
    assert [to_json(first.frame(n, world)) for n in (9, 10, 11)][2] == late


def test_records_survive_the_round_trip(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    for index in range(3):
        world = sampler.world(index)
        spec = sampler.frame(3 * index + 1, world)
        assert from_json(World, to_json(world)) == world
        assert to_json(from_json(World, to_json(world))) == to_json(world)
        assert to_json(from_json(FrameSpec, to_json(spec))) == to_json(spec)
        assert (spec.frame, spec.world, spec.view) == (3 * index + 1, index, 1)


def test_seed_zero_is_a_seed(make_sampler: Make) -> None:
    zero, one = make_sampler(SCENE, 0).world(0), make_sampler(SCENE, 1).world(0)
    assert to_json(zero) != to_json(one)


def test_ids_roles_and_categories(make_sampler: Make) -> None:
    world = make_sampler(SCENE).world(2)
    assert [t.id for t in world.instances] == list(range(1, len(world.instances) + 1))
    for thing in world.objects:
        if thing.collection == "bricks":
            assert thing.category == thing.attributes["color"]
            red, _, blue = thing.materials["*"].base_color
            assert (red > blue) == (thing.category == "red")
        elif thing.collection == "dice":
            assert thing.category == thing.states["top"]
        else:
            assert thing.category is None
            assert thing.role == ("distractor" if thing.collection == "junk" else "support")
            assert (thing.id == 0) == (thing.role == "support")


def test_empty_worlds_keep_their_distractors(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE + "empty_fraction: 0.5\n")
    worlds = [sampler.world(i) for i in range(12)]
    empty = [w for w in worlds if w.facts["empty"]]
    assert 2 <= len(empty) <= 10
    for world in worlds:
        roles = {t.role for t in world.instances}
        assert roles == ({"distractor"} if world.facts["empty"] else {"object", "distractor"})
    assert sampler.frame(3 * empty[0].index, empty[0]).camera is not None


def test_an_unknown_slot_lists_the_known_ones(make_sampler: Make) -> None:
    text = SCENE.replace("    size_m: [{u", "    materials: {lid: {}}\n    size_m: [{u")
    with pytest.raises(SceneFileError, match=r"no material slot 'lid'; its slots: body"):
        make_sampler(text).world(0)


def test_cameras_look_at_an_object_from_the_drawn_distance(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    world = sampler.world(0)
    for number in range(3):
        camera = sampler.frame(number, world).camera
        local = camera.to_camera(np.array(world.interest_m))
        on_axis = np.abs(local[:, :2]).max(axis=1) < 1e-9
        assert on_axis.sum() == 1
        assert 0.4 <= local[on_axis][0, 2] <= 0.8
        assert camera.T_world_cam.position_m[2] > 0.03
        assert camera.intrinsics.invertible()


def test_a_camera_that_cannot_see_is_an_error(make_sampler: Make) -> None:
    below = make_sampler(SCENE.replace("camera: {", "camera: {elevation_deg: -30, "))
    with pytest.raises(SceneFileError, match=r"stands below z = 0.03 m"):
        below.frame(0, below.world(0))
    folded = make_sampler(SCENE.replace("{uniform: [-0.1, 0.1]}", "-2.0"))
    with pytest.raises(SceneFileError, match="folds over"):
        folded.frame(0, folded.world(0))


def test_frames_are_checked_against_their_world(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    with pytest.raises(ValueError, match="not a view"):
        sampler.frame(3, sampler.world(0))


def test_far_bound_holds_for_every_corner(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    bound = far_bound_m(sampler._scene)
    for index in range(3):
        world = sampler.world(index)
        camera = sampler.frame(3 * index, world).camera
        for thing in world.objects:
            hull = sampler._shapes.hull_m(thing.asset) * thing.scale
            assert camera.to_camera(thing.pose.apply(hull))[:, 2].max() < bound
    fixed = make_sampler(SCENE + "render: {depth_far_m: 7}\n")
    assert far_bound_m(fixed._scene) == 7


def test_facts_are_plain_and_named_below_their_drawer(make_sampler: Make) -> None:
    world = make_sampler(SCENE).world(1)
    json.dumps(world.facts)
    count = world.facts["randomizers.lamps.count"]
    assert len(world.lights) == count
    assert [light.name for light in world.lights] == [f"lamps.light{n}" for n in range(count)]
    for n, light in enumerate(world.lights):
        assert world.facts[f"randomizers.lamps.{n}.kind"] == light.kind
        assert world.facts[f"randomizers.lamps.{n}.power"] == light.power


def test_scenes_that_do_not_speak_of_light_get_some(make_sampler: Make) -> None:
    text = SCENE[: SCENE.index("randomizers:")] + "camera: {}\n"
    world = make_sampler(text).world(0)
    [lamp] = world.lights
    assert lamp.kind == "area"
    shines = -lamp.pose.rotation()[:, 2]
    to_centre = -np.array(lamp.pose.position_m)
    np.testing.assert_allclose(shines, to_centre / np.linalg.norm(to_centre), atol=1e-9)
    assert world.environment.strength > 0


def test_freeze_refuses_drafts_that_break_the_laws(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    scene = sampler._scene
    layout = scene.layout

    class Forgetful:
        def layout(self, params: object, kit: object, rng: object) -> object:
            draft = layout.layout(params, kit, rng)  # type: ignore[arg-type]
            return replace(draft, objects=draft.objects[1:])

    sampler._scene = replace(scene, layout=Forgetful())  # type: ignore[arg-type]
    with pytest.raises(WorkError, match="must count what it drops"):
        sampler.world(0)
