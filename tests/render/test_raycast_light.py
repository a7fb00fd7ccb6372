"""Light of the ray caster against closed forms: irradiance, shadows, environment, exposure."""

from __future__ import annotations

import math

import numpy as np
import pytest
import trimesh
from worlds import FakeLibrary, camera, spec, thing, world_of

from simgen.records.asset import Surface
from simgen.records.frame import Exposure
from simgen.records.material import Texture
from simgen.records.pose import Pose
from simgen.records.world import Environment, Light
from simgen.render.raycast import Raycast

MANUAL = Exposure("manual", 0.0)
BLACK = Environment(strength=0.0)
CHALK = Surface((0.5, 0.5, 0.5), roughness=1.0)


def linear(value: np.ndarray) -> np.ndarray:
    v = value / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def render(world, library, cam, exposure=MANUAL, **params):
    with Raycast().open(Raycast.Params(**params), library, 1) as session:
        (frame,) = session.render(world, [spec(cam, exposure)])
    return frame


def plane_world(library, lights, environment=BLACK, surface=CHALK, extra=()):
    ref = library.put("plane", trimesh.creation.box((4, 4, 0.02)), surface)
    return world_of([thing(0, ref, Pose((0, 0, -0.01))), *extra], lights, environment)


def down(width=65, height=65, eye=1.0, fov=20.0):
    return camera((0, 0, eye), (0, 0, 0), width, height, fov)


def middle(frame) -> float:
    h, w = frame.rgb.shape[:2]
    return float(linear(frame.rgb[h // 2, w // 2]).mean())


@pytest.mark.parametrize("distance", [0.5, 1.0, 2.0])
def test_a_point_lamp_obeys_the_inverse_square_law(distance):
    lamp = Light("p", "point", 12.0, pose=Pose((0.0, 0.001, distance)))
    library = FakeLibrary()
    # the lamp stands above the camera so that nothing shadows it
    frame = render(plane_world(library, [lamp]), library, down(eye=0.45), edge_samples=0)
    diffuse = 0.5 / math.pi * 12.0 / (4 * math.pi * distance**2)
    assert middle(frame) == pytest.approx(diffuse, rel=0.12)  # plus a little of GGX's 4 %
    assert middle(frame) > diffuse * 0.98


def test_a_sun_gives_its_irradiance_times_the_cosine():
    library = FakeLibrary()
    values = []
    for angle in (0.0, 60.0):
        half = math.radians(angle) / 2
        sun = Light("s", "sun", 2.0, pose=Pose((0, 0, 1), (math.cos(half), math.sin(half), 0, 0)))
        values.append(middle(render(plane_world(library, [sun]), library, down())))
    assert values[0] == pytest.approx(0.5 / math.pi * 2.0, rel=0.1)
    assert values[1] / values[0] == pytest.approx(0.5, rel=0.12)


def test_a_constant_sky_lights_an_open_plane_with_pi_times_its_radiance():
    library = FakeLibrary()
    library.sky[:] = 0.6
    frame = render(plane_world(library, [], Environment()), library, down(), edge_samples=0)
    assert middle(frame) == pytest.approx(0.5 * 0.6, rel=0.1)


def test_an_object_throws_a_hard_shadow_where_geometry_says():
    library = FakeLibrary()
    cube = library.put("cube", trimesh.creation.box((0.1, 0.1, 0.1)), CHALK)
    turn = (math.cos(math.pi / 8), 0, math.sin(math.pi / 8), 0)
    sun = Light("s", "sun", 3.0, angle_deg=0.0, pose=Pose((0, 0, 1), turn))
    # turned 45 deg about y, the lamp's -z looks to (-sin, 0, -cos): shadows fall towards -x
    world = plane_world(library, [sun], extra=[thing(1, cube, Pose((0, 0, 0.05)))])
    frame = render(world, library, down(129, 129, 2.0, 16.0), edge_samples=0, smoothing=0)
    light = linear(frame.rgb).mean(axis=-1)
    per_metre = frame.spec.camera.intrinsics.fx / 2.0
    at = lambda x: light[64, round(64 + x * per_metre)]  # noqa: E731
    assert at(-0.10) < 0.02
    assert at(0.10) > 0.3
    assert at(-0.20) > 0.3


def test_the_sky_is_darker_in_a_corner_than_in_the_open():
    library = FakeLibrary()
    wall = library.put("wall", trimesh.creation.box((0.02, 1, 0.4)), CHALK)
    world = plane_world(library, [], Environment(), extra=[thing(1, wall, Pose((0.05, 0, 0.2)))])
    frame = render(world, library, down(129, 129, 2.0, 30.0), sky_rays=32)
    light = linear(frame.rgb).mean(axis=-1)
    per_metre = frame.spec.camera.intrinsics.fx / 2.0
    near, far = light[64, round(64 + 0.03 * per_metre)], light[64, round(64 - 0.4 * per_metre)]
    assert near < 0.85 * far


def test_automatic_exposure_brings_bright_and_dim_scenes_to_the_same_picture():
    library = FakeLibrary()
    means = []
    for strength in (0.01, 1.0, 50.0):
        world = plane_world(library, [], Environment(strength=strength))
        frame = render(world, library, down(), Exposure("auto", 0.0))
        means.append(float(linear(frame.rgb).mean()))
    assert max(means) - min(means) < 0.01
    assert means[0] == pytest.approx(0.21, abs=0.03)
    brighter = render(
        plane_world(library, [], Environment()), library, down(), Exposure("auto", 1.0)
    )
    assert linear(brighter.rgb).mean() == pytest.approx(2 * means[0], rel=0.08)


def test_textures_lie_right_way_up():
    library = FakeLibrary()
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:32, :32] = (255, 0, 0)  # top left red
    picture[:32, 32:] = (0, 255, 0)
    picture[32:, :32] = (0, 0, 255)
    from worlds import mesh_of

    from simgen.records.asset import Asset
    from simgen.records.world import AssetRef

    quad = trimesh.Trimesh([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], [[0, 1, 2], [0, 2, 3]])
    corners = (np.asarray(quad.vertices)[:, :2] + 1) / 2
    uv = corners[quad.faces].astype(np.float32)
    surface = Surface((1, 1, 1), picture, roughness=1.0)
    library.assets["quad"] = Asset(mesh_of(quad, uv), ("body",), (surface,))
    ref = AssetRef("fake", "objects.x", "quad", {}, "quad")
    world = world_of([thing(1, ref, Pose())], [], Environment())
    # straight down with world y up in the image: u grows right, v grows up
    rgb = render(world, library, down(100, 100, 1.0, 60.0)).rgb
    names = {"top left": rgb[25, 25], "top right": rgb[25, 75], "bottom left": rgb[75, 25]}
    strongest = {name: int(np.argmax(value)) for name, value in names.items()}
    assert strongest == {"top left": 0, "top right": 1, "bottom left": 2}


def test_a_backdrop_fills_what_no_surface_covers_and_ignores_exposure():
    library = FakeLibrary()
    cube = library.put("cube", trimesh.creation.box((0.1, 0.1, 0.1)), CHALK)
    world = world_of([thing(1, cube, Pose())], [], Environment(), Texture("checker"))
    cam = camera((0, -1, 0), (0, 0, 0), 96, 64, 30)
    for ev in (0.0, 3.0):
        rgb = render(world, library, cam, Exposure("auto", ev)).rgb
        assert (rgb[:, :30] == (255, 0, 0)).all()
        assert (rgb[:, 66:] == (0, 0, 255)).all()


def test_a_mirror_shows_the_neighbour_and_chalk_does_not():
    library = FakeLibrary()
    red = library.put("red", trimesh.creation.box((0.4, 0.02, 0.4)), Surface((0.9, 0.02, 0.02)))
    cam = camera((0, -0.6, 0.3), (0, 0, 0), 96, 96, 30)
    ratios = []
    for rough, metal in ((0.05, 1.0), (1.0, 0.0)):
        floor = Surface((0.8, 0.8, 0.8), roughness=rough, metallic=metal)
        world = plane_world(
            library, [], Environment(), floor, [thing(1, red, Pose((0, 0.25, 0.2)))]
        )
        rgb = linear(render(world, library, cam).rgb[40:56, 40:56])
        ratios.append(rgb[..., 0].mean() / rgb[..., 1].mean())
    assert ratios[0] > 2.0
    assert ratios[1] < 1.2


def test_supersampled_edges_have_in_between_values():
    library = FakeLibrary()
    cube = library.put(
        "cube", trimesh.creation.box((0.2, 0.2, 0.2)), Surface((0, 0, 0), roughness=1.0)
    )
    world = world_of([thing(1, cube, Pose.from_yaw((0, 0, 0), 0.3))], [], Environment())
    cam = camera((0.05, -1, 0.4), (0, 0, 0), 96, 96, 30)
    jagged = render(world, library, cam, MANUAL, edge_samples=0).rgb
    softened = render(world, library, cam, MANUAL, edge_samples=8).rgb
    between = lambda x: ((x > 60) & (x < 160)).mean()  # noqa: E731
    assert between(softened) > 4 * between(jagged)


def test_glass_shows_what_stands_behind_it_tinted_and_owns_its_pixels():
    library = FakeLibrary()
    red = library.put("red", trimesh.creation.box((1, 0.02, 1)), Surface((0.9, 0.02, 0.02)))
    clear = Surface((1, 1, 1), transmission=1.0, roughness=0.05)
    pane = library.put("pane", trimesh.creation.box((0.2, 0.05, 0.2)), clear)
    white = library.put("white", trimesh.creation.box((0.2, 0.05, 0.2)), Surface((0.9, 0.9, 0.9)))
    cam = camera((0, -1, 0), (0, 0, 0), 64, 64, 30)
    ratio = {}
    for name, ref in (("pane", pane), ("white", white)):
        things = [thing(1, red, Pose((0, 0.4, 0))), thing(2, ref, Pose())]
        frame = render(world_of(things, [], Environment()), library, cam, Exposure())
        rgb = linear(frame.rgb[28:36, 28:36]).mean(axis=(0, 1))
        ratio[name] = rgb[0] / rgb[1]
        assert frame.geometry.instances[32, 32] == 2
    assert ratio["pane"] > 3
    assert ratio["white"] < 1.1


def test_far_textures_keep_their_mean_light():
    """A fine black and white checker seen from afar is half as bright, not half the sRGB value."""
    from simgen.render.raycast.texels import mip_levels

    checker = np.indices((64, 64)).sum(axis=0) % 2 * 255
    levels = mip_levels(np.repeat(checker[..., None], 3, axis=2).astype(np.uint8))
    assert levels[-1].shape == (1, 1, 3)
    assert linear(levels[-1].astype(float)).mean() == pytest.approx(0.5, abs=0.01)
    greys = mip_levels(checker.astype(np.uint8))
    assert int(greys[-1][0, 0]) in (127, 128)


def test_blocks_of_a_large_image_leave_no_seam(monkeypatch):
    from simgen.render.raycast import lighting

    library = FakeLibrary()
    from worlds import demo_world

    world = demo_world(library)
    whole = render(world, library, camera())
    monkeypatch.setattr(lighting, "_BLOCK", 1000)
    assert (render(world, library, camera()).rgb == whole.rgb).all()


@pytest.mark.parametrize("distance", [0.3, 1.0, 3.0])
def test_an_area_lamp_gives_the_irradiance_of_its_rectangle(distance):
    edge, power = 0.3, 10.0
    at = (np.arange(200) + 0.5) / 200 * edge - edge / 2
    x, y = np.meshgrid(at, at)
    square = x**2 + y**2 + distance**2
    # radiance P / (pi A), both cosines are distance / sqrt(square)
    expected = (power / (math.pi * edge**2) * distance**2 / square**2).mean() * edge**2
    from simgen.render.raycast.lamps import Lamp

    light = Light("a", "area", power, pose=Pose((0, 0, distance)), size_m=(edge, edge))
    found = Lamp(light).sample(np.zeros((1, 3), np.float32)).strength[0]
    assert found == pytest.approx(expected, rel=0.03)
