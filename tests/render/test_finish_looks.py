"""Tints and wear look the same in both engines, and change what they should."""

from __future__ import annotations

import numpy as np
import pytest
from cycles_rig import needs_bpy, views
from scipy.ndimage import binary_erosion
from worlds import FakeLibrary, camera
from worn_things import TINT, WORN, aged_world

from simgen.assets.finishing.tinting import tint_matrix
from simgen.records.colour import SRGB_TO_LINEAR
from simgen.records.frame import RenderedFrame
from simgen.render.cycles import Cycles
from simgen.render.raycast import Raycast

VIEW = camera(eye=(0.15, -0.55, 0.45), target=(0, 0, 0.04), width=240, height=180, fov=48)


def raycast_frame(library: FakeLibrary) -> RenderedFrame:
    world = aged_world(library)
    with Raycast().open(Raycast.Params(), library, 2, ("rgb", "albedo")) as session:
        (frame,) = session.render(world, views(VIEW))
    return frame


@pytest.fixture(scope="module")
def raycast() -> RenderedFrame:
    return raycast_frame(FakeLibrary())


@pytest.fixture(scope="module")
def cycles() -> RenderedFrame:
    library = FakeLibrary()
    world = aged_world(library)
    params = Cycles.Params(samples=48, noise_threshold=0, denoiser="none", timeout_s=180)
    with Cycles().open(params, library, 2, ("albedo",)) as session:
        (frame,) = session.render(world, views(VIEW))
    return frame


def inside(frame: RenderedFrame, ident: int) -> np.ndarray:
    found = frame.geometry
    mask: np.ndarray = (found.instances == ident) & (found.depth_m > 0)
    return binary_erosion(mask, iterations=2)


def test_a_tint_is_a_matrix_on_the_texture(raycast):
    cube = inside(raycast, 5)
    p = TINT.params
    matrix = tint_matrix(p["hue_deg"], p["saturation"], p["value"])
    for color in ((230, 60, 40), (40, 90, 200)):
        linear = SRGB_TO_LINEAR[np.array(color)] * (0.9, 1.0, 0.8)
        expected = np.clip(matrix @ linear, 0, 1)
        seen = SRGB_TO_LINEAR[raycast.albedo[cube]]
        assert (np.abs(seen - expected).max(axis=1) < 0.02).mean() > 0.2


def test_layers_cover_what_lies_below(raycast):
    assert WORN[0].kind == "dirt"
    for ident, plain in ((4, (0.7, 0.1, 0.1)), (0, (0.5, 0.35, 0.2))):
        seen = SRGB_TO_LINEAR[raycast.albedo[inside(raycast, ident)]]
        apart = np.abs(seen - plain).max(axis=1)
        assert (apart > 0.05).mean() > 0.1
        assert np.ptp(seen, axis=0).max() > 0.2


@needs_bpy
@pytest.mark.parametrize("ident", range(6))
def test_engines_show_the_same_wear(ident, raycast, cycles):
    part = inside(raycast, ident)
    assert part.sum() > 150
    one, two = (SRGB_TO_LINEAR[frame.albedo[part]] for frame in (raycast, cycles))
    assert np.abs(one.mean(axis=0) - two.mean(axis=0)).max() < 0.02
    if ident not in (1,):  # the bare bar has one colour
        assert one.std(axis=0).max() > 0.02
        close = np.corrcoef(one.sum(axis=1), two.sum(axis=1))[0, 1]
        assert close > 0.9
    light = raycast.rgb[part].mean(axis=0), cycles.rgb[part].mean(axis=0)
    assert np.abs(light[0] - light[1]).max() < 32
