"""Base colours without light: the two engines agree, and make them only when asked."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from cycles_rig import needs_bpy, views
from scipy.ndimage import binary_erosion
from worlds import FakeLibrary, camera, demo_world

from simgen.records.asset import Surface
from simgen.records.colour import linear_to_srgb
from simgen.records.frame import RenderedFrame
from simgen.render.cycles import Cycles
from simgen.render.cycles.passes import LAYERS
from simgen.render.raycast import Raycast

NAMES = {1: "ball", 2: "cube", 3: "can"}
COLORS = {1: (0.9, 0.6, 0.3), 2: (0.1, 0.3, 0.7), 3: (0.8, 0.9, 0.5)}


@pytest.fixture(scope="module")
def library() -> FakeLibrary:
    """A table with a smooth texture, a metal ball, a plastic cube, a glass can; a bright sky."""
    library = FakeLibrary()
    demo_world(library)
    coarse = np.random.default_rng(0).integers(20, 235, (6, 6, 3)).astype(np.uint8)
    picture = cv2.resize(np.tile(coarse, (3, 3, 1)), (192, 192))[64:128, 64:128]
    looks = {
        "table": Surface((0.5, 0.8, 1.0), picture, uv_in_metres=True, tile_m=0.8),
        "ball": Surface(COLORS[1], metallic=1.0, roughness=0.1),
        "cube": Surface(COLORS[2], roughness=0.4),
        "can": Surface(COLORS[3], transmission=1.0, roughness=0.05),
    }
    for name, surface in looks.items():
        library.assets[name] = replace(library.assets[name], surfaces=(surface,))
    return library


@pytest.fixture(scope="module")
def view():
    return camera(width=200, height=150)


@pytest.fixture(scope="module")
def raycast(library: FakeLibrary, view) -> RenderedFrame:
    world = demo_world(FakeLibrary())
    with Raycast().open(Raycast.Params(), library, 2, ("rgb", "albedo")) as session:
        (frame,) = session.render(world, views(view))
    return frame


@pytest.fixture(scope="module")
def cycles(library: FakeLibrary, view) -> RenderedFrame:
    world = demo_world(FakeLibrary())
    params = Cycles.Params(
        samples=32, noise_threshold=0, denoiser="none", passes=tuple(LAYERS), timeout_s=120
    )
    with Cycles().open(params, library, 2, ("albedo", "passes")) as session:
        (frame,) = session.render(world, views(view))
    return frame


def inside(frame: RenderedFrame, ident: int) -> np.ndarray:
    """Pixels well inside an instance, or inside the table for 0."""
    found = frame.geometry
    mask: np.ndarray = (found.instances == ident) & (found.depth_m > 0)
    return binary_erosion(mask, iterations=3)


@pytest.mark.parametrize("engine", ["raycast", pytest.param("cycles", marks=needs_bpy)])
def test_it_is_the_base_colour_whatever_the_surface(engine: str, request):
    frame = request.getfixturevalue(engine)
    assert frame.albedo.dtype == np.uint8
    for ident, color in COLORS.items():
        expected = np.rint(255 * linear_to_srgb(np.array(color)))
        assert np.abs(frame.albedo[inside(frame, ident)] - expected).max() <= 1, NAMES[ident]
    sky = binary_erosion(frame.geometry.depth_m == 0, iterations=3)
    assert sky.any()
    assert (frame.albedo[sky] == 0).all()


@needs_bpy
def test_the_engines_agree_on_textures_up_to_their_filters(raycast, cycles):
    table = inside(raycast, 0)
    apart = np.abs(raycast.albedo.astype(int) - cycles.albedo)[table]
    assert np.ptp(raycast.albedo[table], axis=0).min() > 50
    assert np.median(apart) <= 1
    assert np.percentile(apart, 99) <= 4


@needs_bpy
def test_both_average_over_the_pixel_at_edges(raycast, cycles):
    apart = np.abs(raycast.albedo.astype(int) - cycles.albedo).max(axis=-1)
    assert apart.mean() < 1.5
    edge = binary_erosion(raycast.geometry.instances != 1) ^ (raycast.geometry.instances != 1)
    assert (apart[edge] < 60).mean() > 0.9


@needs_bpy
def test_cycles_own_diffuse_colour_is_something_else(cycles):
    """Why the albedo has a pass of its own."""
    diffuse = cycles.passes["diffuse_color"].astype(np.float64)
    assert diffuse[inside(cycles, 1)].max() == 0  # a metal
    share = diffuse[inside(cycles, 2)] / COLORS[2]
    assert 0.85 < np.median(share) < 0.97  # under its coat


def test_it_is_made_on_request_only(library: FakeLibrary, view, raycast):
    with Raycast().open(Raycast.Params(), library, 2) as session:
        (frame,) = session.render(demo_world(FakeLibrary()), views(view))
    assert frame.albedo is None
    assert np.array_equal(frame.rgb, raycast.rgb)


@needs_bpy
def test_passes_add_up_to_the_linear_picture(cycles):
    found = {name: array.astype(np.float64) for name, array in cycles.passes.items()}
    assert list(found) == list(LAYERS)
    total = found["emission"] + found["environment"]
    for kind in ("diffuse", "glossy", "transmission"):
        light = found[f"{kind}_direct"] + found[f"{kind}_indirect"]
        total += found[f"{kind}_color"] * light
    linear = found["linear"][..., :3]
    assert np.median(np.abs(total - linear)) < 1e-4
    np.testing.assert_allclose(total, linear, rtol=5e-3, atol=2e-3)  # half floats
    shown = 255 * linear_to_srgb(linear * 2**cycles.exposure_ev)
    assert np.abs(shown - cycles.rgb).max() <= 1


@needs_bpy
def test_positions_are_where_depth_says(cycles):
    found, position = cycles.geometry, cycles.passes["position"]
    assert position.dtype == np.float32
    rows, columns = np.nonzero(inside(cycles, 0))
    pixels = np.stack([columns + 0.5, rows + 0.5], -1)
    points = cycles.spec.camera.unproject(pixels, found.depth_m[rows, columns])
    assert np.abs(position[rows, columns] - points).max() < 1e-4
