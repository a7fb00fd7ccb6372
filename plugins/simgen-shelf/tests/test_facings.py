"""Goods on the shelf: products together, what has gone wrong counted, everything inside."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from simgen.assets.library import AssetLibrary
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.records.world import World
from simgen.sampling.sampler import Sampler
from simgen.spec.document import parse_document

PROJECT = Path(__file__).parents[1]
SCENE = """
simgen: 1
scene: {type: shelf, levels: 3, MORE}
objects:
  boxes: {asset: box, count: 24, size_m: [0.08, 0.05, {uniform: [0.1, 0.3]}], repeat: 6}
"""


TIDY = "rows: 2, empty: 0, sold: 0, misplaced: 0, fallen: 0"


def worlds(tmp_path: Path, more: str, count: int = 4) -> list[World]:
    registry = Registry.installed((PROJECT,))
    path = tmp_path / "scene.yaml"
    document = parse_document(SCENE.replace("MORE", more), str(path), tmp_path)
    scene = scene_from(document, path, registry)
    sampler = Sampler(scene, AssetLibrary(scene, registry, tmp_path / "cache"), 0)
    return [sampler.world(index) for index in range(count)]


def places(world: World) -> dict[str, np.ndarray]:
    """Positions of the goods of each product, which look the same."""
    out: dict[str, list[tuple[float, float, float]]] = {}
    for thing in world.instances:
        out.setdefault(thing.asset.digest, []).append(thing.pose.position_m)
    return {name: np.array(rows) for name, rows in out.items()}


def test_goods_of_a_product_stand_side_by_side_and_behind_one_another(tmp_path: Path) -> None:
    for world in worlds(tmp_path, f"{TIDY}, spread: 0.5"):
        assert world.counts.placed == 24
        products = places(world)
        assert len(products) == 4
        for spots in products.values():
            assert len(spots) == 6
            if len(np.unique(spots[:, 2])) > 1:  # went on to another board
                continue
            assert len(np.unique(spots[:, 1].round(6))) == 2  # rows
            columns = np.unique(spots[:, 0].round(6))
            assert np.allclose(np.diff(columns), 0.08 + 0.004)
        assert world.facts["scene.products"] >= 4


def test_what_goes_wrong_is_counted(tmp_path: Path) -> None:
    tidy = worlds(tmp_path, f"{TIDY}, tags: 0")[0].facts
    assert (tidy["scene.sold_out"], tidy["scene.misplaced"], tidy["scene.fallen"]) == (0, 0, 0)
    assert tidy["scene.tags"] == 0
    seen: Counter[str] = Counter()
    for world in worlds(tmp_path, "empty: 0.5, misplaced: 1, rows: 1, fallen: 0.5, tags: 1"):
        seen.update({k: v for k, v in world.facts.items() if isinstance(v, int)})
        assert world.facts["scene.tags"] == world.facts["scene.products"]
        tilted = sum(abs(t.pose.rotation()[2, 2]) < 0.1 for t in world.instances)
        assert tilted <= world.facts["scene.fallen"]  # a fallen good may have found no board
    for name in ("sold_out", "misplaced", "fallen"):
        assert seen[f"scene.{name}"] > 0


def test_goods_that_do_not_fit_are_dropped_with_a_reason(tmp_path: Path) -> None:
    for world in worlds(tmp_path, "size_m: [0.4, 0.3, 0.7]"):
        reasons = {text.split(": ")[1] for text in world.counts.dropped}
        assert reasons <= {"no board has room left", "too large for any board"}
        assert world.counts.placed + len(world.counts.dropped) == 24
        assert reasons
