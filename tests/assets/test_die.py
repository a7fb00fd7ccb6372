"""Dice: which number is where, what a pose shows, and that pips are real holes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import trimesh

from simgen.assets.die import NUMBERS, Die, DieParams
from simgen.errors import AssetError
from simgen.plugin.categories import category_of
from simgen.records.asset import Mesh
from simgen.records.pose import Pose, multiply, quaternion_from_matrix
from simgen.spec.scene_file import CategoryRule


def _pips(mesh: Mesh, direction: np.ndarray) -> int:
    """How many separate holes the face that looks along `direction` has, from its mesh."""
    centres = mesh.vertices_m[mesh.faces].mean(axis=1)
    half = float(mesh.bounds()[1].max())
    chosen = (mesh.slot == 1) & (centres @ direction > 0.85 * half)
    parts = trimesh.Trimesh(mesh.vertices_m, mesh.faces[chosen], process=False)
    return len(parts.split(only_watertight=False))


def _turns() -> list[np.ndarray]:
    out = []
    for axes in itertools.permutations(range(3)):
        for signs in itertools.product((-1, 1), repeat=3):
            matrix = np.zeros((3, 3))
            matrix[range(3), axes] = signs
            if np.linalg.det(matrix) > 0:
                out.append(matrix)
    return out


@pytest.mark.parametrize("chirality", ["left", "right"])
def test_all_24_orientations_show_what_is_carved_on_top(chirality: str) -> None:
    params = DieParams(chirality=chirality)
    mesh = Die().build(params, "die").mesh
    carved = {}
    for axis, sign in itertools.product(range(3), (-1, 1)):
        direction = np.zeros(3)
        direction[axis] = sign
        carved[axis, sign] = _pips(mesh, direction)
    assert sorted(carved.values()) == [1, 2, 3, 4, 5, 6]
    for axis in range(3):
        assert carved[axis, 1] + carved[axis, -1] == 7
    shown = []
    for turn in _turns():
        up = turn.T @ [0, 0, 1]  # the die's own axis that looks up
        axis = int(np.abs(up).argmax())
        tilt = (math.cos(0.15), math.sin(0.15), 0.0, 0.0)  # 17 degrees change nothing
        pose = Pose((0.1, 0.2, 0.3), multiply(tilt, quaternion_from_matrix(turn)))
        top = Die().states(params, "die", pose)["top"]
        assert top == NUMBERS[carved[axis, int(np.sign(up[axis]))] - 1]
        shown.append(top)
    assert {name: shown.count(name) for name in NUMBERS} == dict.fromkeys(NUMBERS, 4)


@pytest.mark.parametrize(("chirality", "handed"), [("right", 1), ("left", -1)])
def test_chirality(chirality: str, handed: int) -> None:
    mesh = Die().build(DieParams(chirality=chirality), "die").mesh
    found = {}
    for direction in np.concatenate([np.eye(3), -np.eye(3)]):
        found[_pips(mesh, direction)] = direction
    # Seen from outside their corner 1, 2, 3 run counter-clockwise: a right-handed triple.
    assert np.linalg.det(np.stack([found[1], found[2], found[3]])) == handed


def test_geometry() -> None:
    asset = Die().build(DieParams(size_m=0.02), "die")
    mesh = asset.mesh
    np.testing.assert_allclose(mesh.bounds(), [[-0.01] * 3, [0.01] * 3], atol=1e-7)
    solid = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)
    assert solid.is_watertight
    assert solid.is_winding_consistent
    plain = trimesh.creation.box((0.02,) * 3).volume
    assert 0.9 * plain < solid.volume < plain
    assert asset.slots == ("body", "pips")
    facing = (mesh.normals * solid.face_normals[:, None]).sum(axis=2)
    assert facing.min() > 0.95
    pips = mesh.vertices_m[mesh.faces[mesh.slot == 1]].reshape(-1, 3)
    depth = 0.01 - np.abs(pips).max(axis=1)
    assert depth.max() == pytest.approx(0.035 * 0.02, abs=1e-6)


def test_same_arrays_every_time() -> None:
    from simgen.assets.die_shape import _unit_die

    first = Die().build(DieParams(), "die").mesh
    _unit_die.cache_clear()
    again = Die().build(DieParams(), "die").mesh
    for name in ("vertices_m", "faces", "normals", "uv", "slot"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()


def test_state_values() -> None:
    assert Die().state_values(DieParams()) == {"top": NUMBERS}
    assert NUMBERS == ("one", "two", "three", "four", "five", "six")


@pytest.mark.parametrize(
    "bad", [{"bevel_m": 0.01}, {"pip_radius_m": 0.004}, {"pip_depth_m": 0.003}, {"corner_m": 0.008}]
)
def test_measures_that_do_not_fit(bad: dict[str, float]) -> None:
    with pytest.raises(AssetError, match=next(iter(bad))):
        Die().build(DieParams(**bad), "die")


@pytest.mark.parametrize(("degrees", "shown"), [(0, True), (19, True), (21, False), (45, False)])
def test_a_die_on_its_edge_has_no_top(degrees: float, shown: bool) -> None:
    half = math.radians(degrees) / 2
    pose = Pose((0, 0, 0), (math.cos(half), math.sin(half), 0, 0))
    assert Die().states(DieParams(), "die", pose) == ({"top": "one"} if shown else {})
    strict = DieParams(top_tolerance_deg=5)
    assert bool(Die().states(strict, "die", pose)) == (degrees <= 5)


def test_a_template_without_its_state_gives_no_category() -> None:
    rule = CategoryRule(template="{top}")
    assert category_of(rule, {"top": "six"}) == "six"
    assert category_of(rule, {}) is None
    assert category_of(CategoryRule(template="die_{top}", map={"die_six": "6"}), {}) is None
