"""Things rest on platforms at any height: nothing floats, sinks in, sticks out or touches."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from simgen.plugin import Platform
from simgen.records.material import Material
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.kit import SamplingKit
from simgen.sampling.streams import KeyedStream

Make = Callable[[str], SamplingKit]
THINGS = """
scene: {type: flying}
objects:
  bricks: {asset: box, category: brick, count: 5, size_m: [0.06, 0.04, 0.05]}
  dice: {asset: die, category: die, count: 3, size_m: 0.03}
"""
BOARD = Pose((0.4, -0.2, 0.9), (math.cos(0.3), 0.0, 0.0, math.sin(0.3)))


def shelf(kit: SamplingKit) -> tuple[DraftObject, Platform]:
    board = kit.box("board", (0.5, 0.3, 0.02), BOARD, Material(), bevel_m=0.002)
    return board, kit.platform(board, headroom_m=0.3)


def solid(kit: SamplingKit, thing: DraftObject) -> trimesh.Trimesh:
    """The mesh itself, not what physics saw of it."""
    assert thing.pose is not None
    mesh = kit._shapes.asset(thing.asset).mesh
    vertices = thing.pose.apply(mesh.vertices_m.astype(np.float64) * thing.scale)
    return trimesh.Trimesh(vertices, mesh.faces)


def deepest_m(kit: SamplingKit, a: DraftObject, b: DraftObject) -> float:
    """How deep a vertex of one thing lies inside the other's mesh."""
    meshes = solid(kit, a), solid(kit, b)
    out = 0.0
    for one, other in (meshes, meshes[::-1]):
        inside = one.vertices[other.contains(one.vertices)]
        if len(inside):
            out = max(out, float(trimesh.proximity.signed_distance(other, inside).max()))
    return out


@pytest.mark.parametrize("how", ["stand", "drop"])
def test_things_rest_on_a_board_at_any_height(make_kit: Make, how: str) -> None:
    kit = make_kit(THINGS)
    board, platform = shelf(kit)
    assert platform.pose.position_m[2] == pytest.approx(0.91)
    placed = kit.place_on(kit.objects, platform, KeyedStream(0, "world", 0, "p"), how=how)
    assert placed.dropped == {}
    assert [t.name for t in placed.things] == [t.name for t in kit.objects]
    for thing in placed.things:
        mesh = solid(kit, thing)
        local = platform.pose.apply_inverse(mesh.vertices)
        middle = (local.max(axis=0) + local.min(axis=0)) / 2
        assert np.abs(middle[:2] / platform.size_m).max() <= 0.5
        assert local[:, 2].min() > -0.0005
        if how == "stand":
            assert local[:, 2].min() < 0.0001
        else:  # on the board or on another thing: lowered by 1 mm it would touch
            lower = replace(thing, pose=Pose((0, 0, -0.001)).compose(thing.pose))
            below = [board, *(t for t in placed.things if t is not thing)]
            assert any(lower is not other and kit.collides([lower, other]) for other in below)
    for a, b in itertools.combinations(placed.things, 2):
        assert deepest_m(kit, a, b) < 0.0005


def test_one_thing_more_moves_no_other(make_kit: Make) -> None:
    kit = make_kit(THINGS)
    platform = Platform("floor", Pose((2.0, 1.0, 0.3)), (2.0, 2.0))
    rng = KeyedStream(0, "world", 0, "p")
    few = kit.place_on(kit.objects[:4], platform, rng)
    many = kit.place_on(kit.objects, platform, rng)
    where = {t.name: t.pose for t in many.things}
    # One that came later may have taken no place before; on so large a floor nobody had to move.
    assert few.redrawn == many.redrawn == 0
    assert all(where[t.name] == t.pose for t in few.things)
    for thing in many.things:
        assert thing.pose is not None
        assert thing.pose.position_m[2] > 0.3


def test_what_does_not_fit_is_said(make_kit: Make) -> None:
    kit = make_kit(THINGS)
    _, platform = shelf(kit)
    rng = KeyedStream(0, "world", 0, "p")
    low = kit.place_on(kit.objects, replace(platform, headroom_m=0.045), rng)
    assert low.dropped["bricks.0"] == "too tall (0.05 m; 0.04 m are free above)"
    assert [t.collection for t in low.things] == ["dice"] * 3
    tiny = kit.place_on(kit.objects, replace(platform, size_m=(0.03, 0.03)), rng, max_tries=3)
    assert tiny.dropped["bricks.0"].startswith("larger than the table")
    tilted = replace(platform, pose=Pose((0, 0, 1), (math.cos(0.1), math.sin(0.1), 0.0, 0.0)))
    with pytest.raises(ValueError, match="not level"):
        kit.place_on(kit.objects, tilted, rng)


def test_standing_things_keep_away_from_what_is_around(make_kit: Make) -> None:
    kit = make_kit(THINGS)
    _, platform = shelf(kit)
    wall = kit.box("wall", (0.25, 0.3, 0.2), BOARD.compose(Pose((0.125, 0, 0.11))), Material())
    placed = kit.place_on(
        kit.objects, platform, KeyedStream(0, "world", 0, "p"), around=[wall], max_tries=200
    )
    assert len(placed.things) >= 5
    assert placed.redrawn > 0
    for thing in placed.things:
        assert platform.pose.apply_inverse(solid(kit, thing).vertices)[:, 0].max() < 0.0
        assert kit.collides([thing, wall]) == []
