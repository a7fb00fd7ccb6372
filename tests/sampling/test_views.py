"""Edge cases by their definitions, and the choice of views: bounded, counted, keyed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simgen.records.frame import FrameSpec
from simgen.records.world import World
from simgen.sampling.sampler import Sampler
from simgen.sampling.views import View, in_case, shows, usual_directions
from simgen.spec.quotas import Case, ExtremeLight, HeavyOcclusion, Stress, Tiny, Truncation

Make = Callable[..., Sampler]
VIEW = View(
    ("a", "a", "b", "c"),
    visibility=np.array([1.0, 0.5, 0.04, 0.3]),
    truncation=np.array([0.0, 0.3, 0.96, 0.0]),
    size_px=np.array([20.0, 33.0, 32.0, 400.0]),
    up=np.array([[0, -1, 0], [1, 0, 0], [0, 0, -1], [0, 1, 0]], float),
    luminance=0.46,
)
SCENE = """
scene: {type: flying, size_m: 0.3}
objects: {bricks: {asset: box, count: 2, size_m: [0.1, 0.1, 0.1]}}
camera: {distance_m: {uniform: [1, 4]}, exposure: {ev: {uniform: [-3, 3]}}}
"""


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (HeavyOcclusion(share=0.1), [0, 1, 0, 1]),
        (Truncation(share=0.1), [0, 1, 0, 0]),
        (Tiny(share=0.1), [1, 0, 1, 0]),
        (ExtremeLight(share=0.1), [1]),
        (ExtremeLight(share=0.1, above=0.5), [0]),
    ],
)
def test_definitions(case: Case, expected: list[int]) -> None:
    assert in_case(case, VIEW).astype(int).tolist() == expected


def test_poses_are_unusual_by_category() -> None:
    usual = {"a": (0.0, -1.0, 0.0), "b": (0.0, -0.7071, -0.7071)}
    stress = Stress.model_validate({"unusual_pose": {"share": 0.1, "usual": usual}})
    # b is 45 degrees off, c has no usual pose
    assert in_case(stress.cases["unusual_pose"], VIEW).astype(int).tolist() == [0, 1, 0, 0]


def test_usual_directions_are_means_where_there_is_one() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    ups = rng.normal([0, -1, -1], 0.2, (40, 3))
    everywhere = rng.normal(0, 1, (40, 3))
    both = np.concatenate([ups, everywhere])
    both /= np.linalg.norm(both, axis=1, keepdims=True)
    n = len(both)
    view = View(("up",) * 40 + ("any",) * 40, np.ones(n), np.zeros(n), np.ones(n), both)
    found = usual_directions([view])
    assert list(found) == ["up"]
    np.testing.assert_allclose(found["up"], [0, -0.7071, -0.7071], atol=0.08)


def test_a_picture_shows_a_case_from_twice_the_share_on() -> None:
    assert shows(Tiny(share=0.25), VIEW)  # two of four
    assert not shows(Tiny(share=0.3), VIEW)
    nothing = replace(VIEW, category=(), size_px=np.zeros(0))
    assert not shows(Tiny(share=0.01), nothing)


class _Far:
    """Sees one object that is tiny from 3 m on."""

    def __init__(self) -> None:
        self.looked = 0

    def look(self, world: World, spec: FrameSpec, light: bool = False) -> View:
        self.looked += 1
        far = np.linalg.norm(spec.camera.T_world_cam.position_m) > 3
        size = np.array([10.0 if far else 90.0])
        return View(("a",), np.ones(1), np.zeros(1), size, np.zeros((1, 3)))


def _frames(make_sampler: Make, stress: str, seed: int = 0) -> tuple[list[FrameSpec], int]:
    sampler, probe = make_sampler(SCENE + stress, seed), _Far()
    sampler._probe = probe  # the fixture makes samplers without
    worlds = [sampler.world(i) for i in range(64)]
    return [sampler.frame(i, world) for i, world in enumerate(worlds)], probe.looked


def test_views_are_chosen_in_the_share_of_the_frames_that_is_asked_for(make_sampler: Make) -> None:
    plain, _ = _frames(make_sampler, "")
    frames, looked = _frames(make_sampler, "stress: {tiny: {share: 0.1, frames: 0.25}, tries: 8}")
    chosen = [f for f in frames if "stress.case" in f.facts]
    assert 14 <= len(chosen) <= 18  # a quarter of 64, spread evenly
    for before, after in zip(plain, frames, strict=True):
        if after not in chosen or not after.facts["stress.met"]:
            assert after.camera == before.camera  # nobody else moves
    far = [np.linalg.norm(f.camera.T_world_cam.position_m) > 3 for f in chosen]
    assert far == [f.facts["stress.met"] for f in chosen]
    assert sum(far) > 10
    redrawn = [f.facts["stress.redrawn"] for f in chosen]
    assert looked == sum(redrawn) + len(chosen)
    assert max(redrawn) <= 7


def test_a_view_that_shows_it_already_is_kept(make_sampler: Make) -> None:
    plain, _ = _frames(make_sampler, "")
    frames, _ = _frames(make_sampler, "stress: {tiny: {share: 0.1, frames: 1}}")
    kept = [f for f in frames if f.facts["stress.redrawn"] == 0]
    assert kept
    assert all(f.camera == plain[f.frame].camera for f in kept)


def test_what_cannot_be_found_is_counted_and_the_ordinary_view_stays(make_sampler: Make) -> None:
    plain, _ = _frames(make_sampler, "")
    hopeless = "stress: {heavy_occlusion: {share: 0.1, frames: 1}, tries: 3}"
    frames, looked = _frames(make_sampler, hopeless)
    assert looked == 3 * 64
    assert [f.camera for f in frames] == [f.camera for f in plain]
    assert {(f.facts["stress.met"], f.facts["stress.redrawn"]) for f in frames} == {(False, 2)}


def test_pilots_move_nothing(make_sampler: Make) -> None:
    sampler = make_sampler(SCENE)
    pilot = Sampler(sampler._scene, sampler._shapes, 0, stage="pilot0")
    before = sampler.world(2)
    assert pilot.world(2) != before
    assert pilot.frame(2, pilot.world(2)).camera != sampler.frame(2, before).camera
    assert sampler.world(2) == before
