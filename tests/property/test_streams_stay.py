"""Adding to a scene file leaves every draw that was there before as it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgen.records.serial import to_plain
from simgen.sampling.sampler import Sampler

BASE = """
scene: {type: flying, size_m: 0.6, max_tries: 200}
objects:
  bricks:
    asset: box
    count: {randint: [1, 3]}
    category: brick
    size_m: [{uniform: [0.02, 0.05]}, 0.04, 0.04]
    attributes: {color: {choice: [red, blue]}}
    material: {roughness: {uniform: [0, 1]}, texture: {pattern: {choice: [noise, wood]}}}
    scale: {uniform: [0.5, 1.5]}
  shelf: {asset: box, category: null, size_m: [0.02, 0.02, 0.02]}
randomizers:
  lamps: {kind: lights}
camera: {distance_m: {uniform: [2, 3]}, look_at: objects, elevation_deg: {uniform: [-50, 50]}}
"""
RANDOMIZERS = {
    "a_first": {"kind": "lights", "count": {"randint": [0, 2]}},
    "room": {"kind": "environment"},
    "behind": {"kind": "backdrop"},
    "sized": {"kind": "scale", "targets": ["shelf"]},
    "bent": {"kind": "bend", "targets": ["shelf"]},
    "turned": {"kind": "twist", "targets": ["shelf"]},
    "fewer": {"kind": "density"},
    "clutter": {"kind": "distractors", "count": {"randint": [0, 3]}},
    # So far away that no view is spoilt: one that is would be drawn again.
    "walls": {"kind": "planes", "distance_m": 8, "floor_m": 8},
    "printed": {"kind": "textures", "targets": ["shelf"]},
    "aged": {"kind": "wear", "targets": ["shelf"]},
    "labelled": {"kind": "stickers", "targets": ["shelf"]},
    "shifted": {"kind": "jitter", "targets": ["shelf"]},
    "zz_paint": {"kind": "materials", "targets": ["shelf"], "material": {}},
}
COLLECTIONS = {
    "aaa": {"asset": "box", "count": 1, "category": "other", "size_m": [0.02, 0.02, 0.02]},
    "others": {"asset": "box", "count": {"randint": [0, 2]}, "category": None},
}


@pytest.fixture(scope="module")
def sampler_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Sampler]:
    from simgen.assets.library import AssetLibrary
    from simgen.plugin.gate import scene_from
    from simgen.plugin.registry import Registry
    from simgen.spec.document import parse_document

    folder: Path = tmp_path_factory.mktemp("scene")
    registry = Registry.installed()

    @lru_cache(maxsize=64)
    def make(text: str, seed: int) -> Sampler:
        document = parse_document(text, "scene.yaml", folder)
        scene = scene_from(document, folder / "scene.yaml", registry)
        return Sampler(scene, AssetLibrary(scene, registry, folder / "cache"), seed)

    return make


def text_with(randomizers: list[str], collections: list[str], first: bool) -> str:
    data: dict[str, Any] = {"simgen": 1, **yaml.safe_load(BASE)}
    steps = {name: RANDOMIZERS[name] for name in randomizers}
    things = {name: COLLECTIONS[name] for name in collections}
    for key, extra in (("randomizers", steps), ("objects", things)):
        data[key] = {**extra, **data[key]} if first else {**data[key], **extra}
    return yaml.safe_dump(data, sort_keys=False)


def drawn(sampler: Sampler, index: int) -> dict[str, Any]:
    """Every draw of the base scene, without what depends on who else is there (ids, targets)."""
    world = sampler.world(index)
    bricks = [to_plain(t) for t in world.objects if t.collection == "bricks"]
    for brick in bricks:
        brick.pop("id")
    lamps = [to_plain(light) for light in world.lights if light.name.startswith("lamps.")]
    facts = {k: v for k, v in world.facts.items() if k.startswith("randomizers.lamps.")}
    camera = sampler.frame(index, world).camera
    turn = camera.T_world_cam.rotation()[:, 2].tolist()
    return {
        "bricks": sorted(bricks, key=lambda b: b["index"]),
        "lamps": lamps,
        "facts": facts,
        "lens": to_plain(camera.intrinsics),
        "camera_looks": [round(v, 9) for v in turn],
    }


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    randomizers=st.lists(st.sampled_from(sorted(RANDOMIZERS)), unique=True),
    collections=st.lists(st.sampled_from(sorted(COLLECTIONS)), unique=True),
    first=st.booleans(),
    index=st.integers(0, 5),
    seed=st.sampled_from([0, 1, 12345]),
)
def test_additions_move_no_other_draw(
    sampler_of: Callable[[str, int], Sampler],
    randomizers: list[str],
    collections: list[str],
    first: bool,
    index: int,
    seed: int,
) -> None:
    plain = drawn(sampler_of(text_with([], [], False), seed), index)
    more = drawn(sampler_of(text_with(randomizers, collections, first), seed), index)
    # Another object may take a place in the air; where nobody stands in the way all is equal.
    poses = [b.pop("pose") for b in plain["bricks"]], [b.pop("pose") for b in more["bricks"]]
    assert more == plain
    if not collections:
        assert poses[0] == poses[1]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(index=st.integers(0, 1000))
def test_seeds_differ_everywhere(sampler_of: Callable[[str, int], Sampler], index: int) -> None:
    text = text_with([], [], False)
    assert drawn(sampler_of(text, 0), index) != drawn(sampler_of(text, 1), index)
