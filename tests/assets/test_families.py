"""Every family in every variant: closed, in metres, with UVs, slots, marks and pieces that fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import trimesh
from family_cases import FAMILIES, cases, source
from scipy.spatial import ConvexHull

from simgen.assets.digest import asset_digest
from simgen.errors import AssetError
from simgen.records.asset import Asset
from simgen.records.pose import Pose

CASES = cases()
NAMES = [f"{f}-{v}-{'-'.join(f'{k}={x}' for k, x in s.items())}" for f, v, s in CASES]


@lru_cache(maxsize=len(CASES))
def _built(index: int) -> tuple[Any, Any, Asset]:
    family, variant, setting = CASES[index]
    plugin = source(family)
    params = plugin.Params.model_validate(setting)
    return plugin, params, plugin.build(params, variant)


@pytest.mark.parametrize("index", range(len(CASES)), ids=NAMES)
def test_a_variant_is_a_sound_body(index: int) -> None:
    _, _, asset = _built(index)
    mesh = asset.mesh
    solid = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)
    assert solid.is_watertight
    assert solid.is_winding_consistent
    assert solid.volume > 0
    assert len(mesh.faces) < 40_000
    assert np.abs(np.linalg.norm(mesh.normals, axis=2) - 1).max() < 1e-3
    area = solid.area_faces
    facing = (mesh.normals * solid.face_normals[:, None]).sum(axis=2)
    assert facing[area > 1e-3 * area.mean()].min() > 0.5  # slivers have no direction
    assert mesh.uv is not None
    printed = np.array([not s.uv_in_metres for s in asset.surfaces])[mesh.slot]
    if printed.any():
        assert mesh.uv[printed].min() >= -1e-6
        assert mesh.uv[printed].max() <= 1 + 1e-6
    assert asset.licence == "CC0-1.0"


@pytest.mark.parametrize("index", range(len(CASES)), ids=NAMES)
def test_marks_are_those_declared_and_lie_on_the_body(index: int) -> None:
    plugin, params, asset = _built(index)
    variant = CASES[index][1]
    declared = plugin.marks(params, variant)
    names = [k.name for k in asset.keypoints]
    assert set(names) <= set(declared.keypoints)
    assert names == [name for name in declared.keypoints if name in names]  # in the same order
    if names:
        mesh = trimesh.Trimesh(asset.mesh.vertices_m, asset.mesh.faces, process=False)
        at = np.array([k.position_m for k in asset.keypoints])
        _, away, _ = trimesh.proximity.closest_point(mesh, at)
        reach = np.array([k.radius_m for k in asset.keypoints])
        assert (away <= 0.05 * mesh.scale + reach).all(), dict(zip(names, away, strict=True))
    if asset.part is not None:
        assert asset.part.min() >= -1
        assert asset.part.max() < len(asset.parts)


@pytest.mark.parametrize("index", range(len(CASES)), ids=NAMES)
def test_convex_pieces_cover_the_body(index: int) -> None:
    _, _, asset = _built(index)
    if CASES[index][0] in ("box", "die"):  # the hull will do, and the library makes it
        return
    points = asset.mesh.vertices_m.astype(np.float64)
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    assert asset.pieces_m  # or the first drop would wait for a decomposition
    hulls = [ConvexHull(piece) for piece in asset.pieces_m]
    outside = np.full(len(points), np.inf)
    for hull in hulls:
        outside = np.minimum(
            outside, (points @ hull.equations[:, :3].T + hull.equations[:, 3]).max(1)
        )
    assert np.quantile(outside, 0.95) < 0.06 * size
    assert max(len(piece) for piece in asset.pieces_m) <= 256


def test_a_hollow_body_stays_hollow_for_physics() -> None:
    for family, variant, setting, inside in (
        ("mug", "mug", {}, (0, 0, 0.06)),
        ("bottle", "jar", {"open": True}, (0, 0, 0.05)),
        ("can", "food", {"open": True}, (0, 0, 0.06)),
        ("crate", "slatted", {}, (0, 0, 0.15)),
        ("crate", "plastic", {}, (0, 0, 0.15)),
        ("carton", "shipping", {"open": True}, (0, 0, 0.1)),
        ("nut", "hex_nut", {}, (0, 0, 0.003)),
        ("washer", "plain_washer", {}, (0, 0, 0.0008)),
        ("pipe", "straight_pipe", {}, (0, 0, 0.08)),
    ):
        plugin = source(family)
        asset = plugin.build(plugin.Params.model_validate(setting), variant)
        for piece in asset.pieces_m:
            hull = ConvexHull(piece)
            away = hull.equations[:, :3] @ np.array(inside) + hull.equations[:, 3]
            assert away.max() > 0, (family, variant)


SIZES: list[tuple[str, str, dict[str, Any], tuple[float | None, ...]]] = [
    ("box", "box", {"size_m": [0.1, 0.2, 0.3]}, (0.1, 0.2, 0.3)),
    ("can", "drink", {"height_m": 0.15, "diameter_m": 0.06}, (0.06, 0.06, 0.15)),
    ("can", "flat", {"height_m": 0.05, "diameter_m": 0.1, "open": True}, (0.1, 0.1, 0.05)),
    ("bottle", "wine", {"height_m": 0.33, "diameter_m": 0.08}, (0.08, 0.08, 0.33)),
    ("bottle", "jar", {"height_m": 0.15, "diameter_m": 0.09}, (0.09, 0.09, 0.15)),
    ("mug", "mug", {"height_m": 0.12, "diameter_m": 0.1, "handle_reach_m": 0.04},
     (0.1446, 0.1, 0.12)),
    ("bolt", "hex_bolt", {"thread_m": 0.01, "length_m": 0.05}, (0.016, None, None)),
    ("nut", "hex_nut", {"thread_m": 0.012, "height_m": 0.01}, (0.018, None, 0.01)),
    ("washer", "plain_washer", {"outside_m": 0.02, "thickness_m": 0.002}, (0.02, 0.02, 0.002)),
    ("pipe", "straight_pipe", {"diameter_m": 0.05, "length_m": 0.3, "ends": "plain"},
     (0.05, 0.05, 0.3)),
    ("bracket", "l_bracket", {"base_m": 0.08, "width_m": 0.05, "height_m": 0.07},
     (0.08, 0.05, 0.07)),
    ("fruit", "watermelon", {"size_m": 0.3, "stem": False, "slenderness": 1.2},
     (None, None, 0.3 * 1.12 * 1.2)),
    ("book", "hardcover", {"width_m": 0.2, "height_m": 0.3, "thickness_m": 0.04}, (0.2, 0.3, 0.04)),
    ("crate", "slatted", {"size_m": [0.4, 0.3, 0.2]}, (0.4, 0.3, 0.2)),
    ("crate", "pallet", {"size_m": [1.0, 0.7, 0.12]}, (1.0, 0.7, 0.12)),
    ("carton", "tea", {"size_m": [0.1, 0.08, 0.2]}, (0.1, 0.08, 0.2)),
    ("chess_piece", "king", {"king_m": 0.11, "base_m": 0.05}, (0.05, 0.05, 0.11)),
    ("chess_piece", "pawn", {"height_m": 0.06}, (None, None, 0.06)),
]  # fmt: skip


@pytest.mark.parametrize(("family", "variant", "setting", "size"), SIZES)
def test_sizes_are_those_asked_for(
    family: str, variant: str, setting: dict[str, Any], size: tuple[float | None, ...]
) -> None:
    plugin = source(family)
    bounds = plugin.build(plugin.Params.model_validate(setting), variant).mesh.bounds()
    for have, wanted in zip(np.ptp(bounds, axis=0), size, strict=True):
        assert wanted is None or have == pytest.approx(wanted, rel=2e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_settings_give_the_same_arrays(family: str) -> None:
    plugin = source(family)
    setting = FAMILIES[family][-1]
    params = plugin.Params.model_validate(setting)
    variant = plugin.variants(params)[-1].name
    one, two = (source(family).build(params, variant) for _ in range(2))
    digests = {asset_digest(family, 1, {}, variant, asset) for asset in (one, two)}
    assert len(digests) == 1
    for a, b in zip(one.surfaces, two.surfaces, strict=True):
        if a.base_color_image is not None:
            assert (a.base_color_image == b.base_color_image).all()


@pytest.mark.parametrize("family", ["can", "bottle", "mug", "fruit", "book", "carton"])
def test_the_seed_changes_the_picture_not_the_slots(family: str) -> None:
    plugin = source(family)
    extra = {"design": "dots"} if family == "mug" else {}
    made = [
        plugin.build(plugin.Params(seed=seed, **extra), plugin.variants(plugin.Params())[0].name)
        for seed in (1, 2)
    ]
    assert made[0].slots == made[1].slots
    pictures = [
        [s.base_color_image for s in a.surfaces if s.base_color_image is not None] for a in made
    ]
    assert any((a != b).any() for a, b in zip(*pictures, strict=True) if a.shape == b.shape)


TURNED = Pose((0, 0, 0), (float(np.cos(np.pi / 4)), float(np.sin(np.pi / 4)), 0, 0))
OVER = Pose((0, 0, 0), (0.0, 1.0, 0.0, 0.0))


@pytest.mark.parametrize("family", [f for f in FAMILIES if f not in ("box", "die")])
def test_states_say_what_pose_and_settings_are(family: str) -> None:
    plugin = source(family)
    for setting in FAMILIES[family]:
        params = plugin.Params.model_validate(setting)
        for variant in plugin.variants(params):
            values = plugin.state_values(params)
            for pose in (Pose(), TURNED, OVER):
                states = plugin.states(params, variant.name, pose)
                assert all(states[name] in values[name] for name in states)
            if family != "book":
                found = [
                    plugin.states(params, variant.name, pose)["orientation"]
                    for pose in (Pose(), TURNED, OVER)
                ]
                assert found == ["upright", "lying", "upside_down"]


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("can", {"height_m": 0.01}, "height_m"),
    ("bottle", {"height_m": 0.05}, "height_m"),
    ("mug", {"wall_m": 0.03}, "wall_m"),
    ("mug", {"handle_reach_m": 0.002}, "handle_reach_m"),
    ("bolt", {"length_m": 0.001}, "length_m"),
    ("bolt", {"length_m": 2.0}, "turns"),
    ("bolt", {"pitch_m": 0.006}, "pitch_m"),
    ("screw", {"length_m": 0.005}, "length_m"),
    ("nut", {"height_m": 0.0005}, "height_m"),
    ("washer", {"outside_m": 0.008}, "outside_m"),
    ("pipe", {"wall_m": 0.03}, "wall_m"),
    ("bracket", {"hole_m": 0.05}, "holes do not fit"),
    ("bracket", {"thickness_m": 0.04}, "thickness_m"),
    ("book", {"thickness_m": 0.001}, "thickness_m"),
    ("crate", {"board_m": 0.2}, "board_m"),
    ("carton", {"wall_m": 0.05}, "wall_m"),
    ("chess_piece", {"base_m": 0.3}, "base_m"),
    ("fruit", {"size_m": 4000}, "at most 1000 m"),
]


@pytest.mark.parametrize(("family", "setting", "said"), BAD)
def test_measures_that_do_not_fit_are_refused(
    family: str, setting: dict[str, Any], said: str
) -> None:
    plugin = source(family)
    params = plugin.Params.model_validate(setting)
    with pytest.raises(AssetError, match=re.escape(said)):
        plugin.build(params, plugin.variants(params)[0].name)


@pytest.mark.parametrize("family", [f for f in FAMILIES if f != "box"])
def test_every_setting_is_described(family: str) -> None:
    fields = source(family).Params.model_fields
    assert all(info.description for info in fields.values())
