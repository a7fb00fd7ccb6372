"""Randomizers of what has happened to surfaces: jitter, wear, stickers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from simgen.annotate.labels import instance_facts
from simgen.records.serial import from_json, to_json
from simgen.records.world import AssetRef, Draft, DraftObject, World
from simgen.sampling.randomizers.jitter import Jitter, JitterParams
from simgen.sampling.randomizers.stickers import Stickers, StickersParams
from simgen.sampling.randomizers.wear import Wear, WearParams
from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream
from simgen.spec.fields import Root

REF = AssetRef("box", "objects.a", "box", {}, "0")
DRAFT = Draft((DraftObject("a", 0, REF), DraftObject("scene.table", 0, REF, "support")))


def stream(index: int = 0) -> KeyedStream:
    return KeyedStream(0, "world", index, "randomizers.x")


def test_nothing_to_do_changes_nothing() -> None:
    neutral = JitterParams(hue_deg=0, saturation=1, value=1, roughness=1, metallic=0)
    clean = WearParams(dirt=0, dust=0, scratches=0, fingerprints=0)
    for plugin, params in (
        (Jitter(), neutral),
        (Wear(), clean),
        (Stickers(), StickersParams(count=0)),
        (Wear(), WearParams(probability=0)),
    ):
        assert plugin.apply(DRAFT, params, stream()) == DRAFT


def test_defaults_leave_some_things_clean_and_supports_alone() -> None:
    kinds = [
        tuple(s.kind for s in Wear().apply(DRAFT, WearParams(), stream(i)).objects[0].finish)
        for i in range(40)
    ]
    assert () in kinds
    assert ("dirt", "scratches", "fingerprints", "dust") in kinds
    assert Wear().apply(DRAFT, WearParams(), stream()).objects[1].finish == ()


def test_layers_of_several_randomizers_add_up_in_order() -> None:
    draft = Wear().apply(DRAFT, WearParams(dirt=0.3, dust=0.2), stream())
    draft = Stickers().apply(draft, StickersParams(count=2), stream())
    draft = Jitter().apply(draft, JitterParams(targets=["a"]), stream())
    kinds = [s.kind for s in draft.objects[0].finish]
    assert kinds[0] == "dirt"
    assert kinds[-3:] == ["sticker", "sticker", "tint"]


def test_stickers_come_from_a_folder(tmp_path: Path) -> None:
    for name in "abc":
        Image.new("RGBA", (4, 4)).save(tmp_path / f"{name}.png")
    params = StickersParams(count=3, path=Root(".", tmp_path, "randomizers.x.path"))
    files = set()
    for index in range(8):
        for step in Stickers().apply(DRAFT, params, stream(index)).objects[0].finish:
            assert step.file is not None
            files.add(step.file.name)
    assert files == {"a.png", "b.png", "c.png"}


def test_worlds_record_what_happened_to_each_object(make_sampler: Callable[..., Sampler]) -> None:
    sampler = make_sampler(
        """
scene: {type: tabletop}
objects: {a: {asset: box, category: a, count: 2}}
randomizers:
  age: {kind: wear, dust: 0.4, targets: [a, scene.table]}
  glue: {kind: stickers, count: 2}
  shift: {kind: jitter}
"""
    )
    world = sampler.world(0)
    assert from_json(World, to_json(world)) == world
    for thing in world.instances:
        finish = instance_facts(thing)["finish"]
        assert finish["dust"]["amount"] == 0.4
        assert finish["sticker"] == {"count": 2}
        assert 0.75 <= finish["tint"]["value"] <= 1.2
    table = next(t for t in world.objects if t.role == "support")
    assert "dust" in {step.kind for step in table.finish or ()}
    assert "sticker" not in {step.kind for step in table.finish or ()}
    with pytest.raises(ValueError, match="less than or equal to 1"):
        WearParams(dust=1.5)
