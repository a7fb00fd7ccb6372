"""Copy-paste against the ray caster, and what it promises beside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgen.annotate.labels import annotate
from simgen.assets.library import AssetLibrary
from simgen.augment.operators.copy_paste import CopyPaste, CopyPasteParams
from simgen.conformance.invented import Kind, invented
from simgen.errors import DataError
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.records.annotations import Annotations
from simgen.records.masks import decode
from simgen.records.sample import Sample
from simgen.records.world import World
from simgen.render.raycast import Raycast
from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream
from simgen.spec.document import parse_document
from simgen.spec.fields import Root

PLUGIN = CopyPaste()
EXACT = {
    "count": 1, "placement": "same", "whole": 0, "relight": 0, "shadow": 0, "blending": "none",
    "min_visibility": 0, "min_pixels": 1, "least_px": 1, "hide": 1,
}  # fmt: skip
SCENE = """
simgen: 1
scene: {type: flying, size_m: 0.22}
objects:
  boxes: {asset: box, count: 5, category: box, size_m: [0.09, 0.06, 0.07]}
  cans: {asset: can, count: 4, category: can}
  mugs: {asset: mug, count: 2, category: mug}
camera: {distance_m: 0.6, look_at: centre}
views_per_world: 1
render: {engine: raycast, size: [320, 240], quality: draft}
labels: {min_pixels: 1}
"""


def rng(number: int = 0) -> KeyedStream:
    return KeyedStream(0, "frame", number, "augment")


def paste(samples: list[Sample], number: int = 0, **values: Any) -> Sample:
    return PLUGIN.augment(samples, CopyPasteParams.model_validate(values), rng(number))


class Photographer:
    """Renders chosen objects of the worlds of a scene, always from the same place."""

    def __init__(self, folder: Path) -> None:
        registry = Registry.installed()
        path = folder / "scene.yaml"
        self.scene = scene_from(parse_document(SCENE, str(path), folder), path, registry)
        self.library = AssetLibrary(self.scene, registry, folder / "cache")
        self.sampler = Sampler(self.scene, self.library, 0)
        params = Raycast.Params(edge_samples=0)
        self.session = Raycast().open(params, self.library)

    def take(self, world: World, *collections: str) -> Sample:
        chosen = tuple(o for o in world.objects if o.id == 0 or o.collection in collections)
        part = replace(world, objects=chosen)
        spec = self.sampler.frame(world.index, world)
        (rendered,) = self.session.render(part, [spec])
        labels, unlabelled = annotate(rendered, part, self.scene.file.labels)
        assert not unlabelled
        geometry = rendered.geometry
        return Sample(
            rendered.rgb, labels, instances=geometry.instances, depth_m=geometry.depth_m,
            camera=spec.camera,
        )  # fmt: skip


def test_pasting_by_depth_is_rendering_all_in_one_scene(tmp_path: Path) -> None:
    photographer = Photographer(tmp_path)
    behind = compared = 0
    for index in range(6):
        world = photographer.sampler.world(index)
        both = photographer.take(world, "boxes", "cans", "mugs")
        made = photographer.take(world, "boxes")
        donor = photographer.take(world, "cans", "mugs")
        for row in range(len(donor.annotations)):
            one = replace(donor, annotations=donor.annotations.take([row]))
            made = paste([made, one], **EXACT)
        truth, ours = both.annotations, made.annotations
        found = dict(zip(map(_key, _rows(ours)), range(len(ours)), strict=True))
        for row, values in enumerate(_rows(truth)):
            if truth.area_px[row] < 30:
                continue
            mine = found[_key(values)]
            a, b = decode(truth.mask[row]), decode(ours.mask[mine])
            assert (a & b).sum() / (a | b).sum() > 0.99
            assert ours.visibility[mine] == pytest.approx(truth.visibility[row], abs=0.01)
            assert ours.truncation[mine] == pytest.approx(truth.truncation[row], abs=0.01)
            behind += truth.visibility[row] < 0.95
            compared += 1
        assert np.abs(made.depth_m - both.depth_m).mean() < 1e-3
        labelled = np.isin(made.instances, ours.instance)
        assert (labelled == (both.instances > 0)).mean() > 0.999
    assert compared >= 40
    assert behind >= 8


def _rows(labels: Annotations) -> list[dict[str, Any]]:
    return [{"facts": f, "category": c} for f, c in zip(labels.facts, labels.category, strict=True)]


def _key(values: dict[str, Any]) -> str:
    return str(values["facts"]["name"])


def test_what_would_be_behind_everything_is_not_pasted() -> None:
    wall = replace(invented(3), depth_m=np.full((72, 96), 0.5, np.float32))
    donor = invented(5, frame=5)
    assert not paste([wall, donor], **EXACT).provenance[-1].operators[0]["pasted"]
    assert paste([wall, donor], **EXACT, depth=False).provenance[-1].operators[0]["pasted"]


def test_pasted_things_get_new_ids_and_are_named_in_provenance() -> None:
    base, donor = invented(1), invented(2, frame=7)
    result = paste([base, donor], count=3, whole=0)
    operator = result.provenance[-1].operators[0]
    assert operator["pasted"]
    assert {p["frame"] for p in operator["pasted"]} == {7}
    fresh = set(result.annotations.instance) - set(base.annotations.instance)
    assert len(fresh) == len(operator["pasted"])


def test_a_hidden_label_is_dropped_and_its_pixels_are_explained() -> None:
    for number in range(30):
        result = paste(
            [invented(number), invented(number + 50)], number,
            count=8, hide=1, whole=0, min_visibility=0.9, depth=False, scale=2,
        )  # fmt: skip
        reasons = {one.reason for one in result.unlabelled}
        if "below min_visibility" in reasons:
            known = {*result.annotations.instance, *(u.instance for u in result.unlabelled), 0}
            assert set(np.unique(result.instances)) <= known
            return
    pytest.fail("nothing was ever hidden")


def test_hide_bounds_what_others_lose() -> None:
    for number in range(20):
        base = invented(number)
        result = paste([base, invented(number + 50)], number, count=1, hide=0.2, depth=False)
        old = dict(zip(base.annotations.instance, base.annotations.area_px, strict=True))
        for instance, area in zip(
            result.annotations.instance, result.annotations.area_px, strict=True
        ):
            assert area >= 0.8 * old.get(instance, 0) - 1e-9


def test_boxes_alone_are_refused_unless_they_are_to_stand_for_masks() -> None:
    boxes = Kind(instances=False, masks=False, amodal=False)
    given = [invented(0, kind=boxes), invented(1, kind=boxes)]
    with pytest.raises(DataError, match="boxes_as_masks: true"):
        paste(given, count=2)
    result = paste(given, count=2, boxes_as_masks=True, hide=1, least_px=1)
    assert len(result.annotations) > len(given[0].annotations)


@pytest.mark.parametrize("mirror", [0, 1])
@pytest.mark.parametrize("placement", ["random", "plane"])
def test_the_largest_stays_below_its_share(placement: str, mirror: int) -> None:
    pasted = 0
    for number in range(20):
        given = [invented(number), invented(number + 100)]
        how = {"placement": placement, "mirror": mirror, "horizon": 0.05, "angle_deg": 0}
        result = paste(given, number, count=2, scale=9, largest=0.3, hide=1, **how)
        fresh = [
            box
            for box, instance in zip(
                result.annotations.box_xywh_px, result.annotations.instance, strict=True
            )
            if instance not in given[0].annotations.instance
        ]
        assert all(max(w, h) <= 0.3 * 96 + 2 for _, _, w, h in fresh)
        pasted += len(fresh)
    assert pasted


def test_on_a_plane_size_follows_the_camera(tmp_path: Path) -> None:
    """A thing laid farther away is smaller, by the ratio of the depths of the plane there."""
    from simgen.augment.cutout import cut_out
    from simgen.augment.placing import Turn, _depth, on_plane
    from simgen.records.camera import Camera, Intrinsics
    from simgen.records.pose import look_at

    lens = Intrinsics(96, 72, 90.0, 90.0, 48.0, 36.0)
    camera = Camera(lens, look_at((0.0, -1.0, 0.8), (0.0, 0.0, 0.0)))
    sample = replace(invented(4), camera=camera)
    cutout = cut_out(sample, 0)
    seen = 0
    for number in range(40):
        place = on_plane(cutout, Turn(1, 0, False), camera, None, (96, 72), rng(number))
        if place is None:
            continue
        foot = np.array([*cutout.foot_px, 1.0])
        at = (place.matrix @ foot)[:2]
        scale = np.sqrt(np.linalg.det(place.matrix[:2, :2]))
        there = _depth(camera, cutout.foot_px)
        here = _depth(camera, (float(at[0]), float(at[1])))
        assert there is not None
        assert here is not None
        assert scale == pytest.approx(there / here, rel=1e-6)
        seen += 1
    assert seen >= 5


def test_feet_stand_where_the_guide_is_white(tmp_path: Path) -> None:
    from PIL import Image

    guide = np.zeros((72, 96), np.uint8)
    guide[50:60, 40:56] = 255
    Image.fromarray(guide).save(tmp_path / "guide.png")
    path = Root(str(tmp_path / "guide.png"), tmp_path / "guide.png")
    params = CopyPasteParams.model_validate(
        {"placement": "mask", "count": 3, "angle_deg": 0, "hide": 1, "whole": 0, "depth": False,
         "min_visibility": 0, "guide": str(path.written)}
    ).model_copy(update={"guide": path})  # fmt: skip
    result = PLUGIN.augment([invented(0), invented(9)], params, rng())
    known = invented(0).annotations.instance
    feet = [
        (x + w / 2, y + h)
        for (x, y, w, h), i in zip(
            result.annotations.amodal_box_xywh_px, result.annotations.instance, strict=True
        )
        if i not in known
    ]
    assert feet
    for x, y in feet:
        assert 35 <= x <= 61
        assert 49 <= y <= 62


def test_light_of_the_surroundings_is_taken_on() -> None:
    dark = replace(invented(0), rgb=np.full((72, 96, 3), 20, np.uint8))
    donor = invented(9)
    kept = paste([dark, donor], count=1, relight=0, shadow=0, depth=False)
    relit = paste([dark, donor], count=1, relight=1, shadow=0, depth=False)
    mask = decode(kept.annotations.mask[-1])
    assert relit.rgb[mask].mean() < 0.8 * kept.rgb[mask].mean()


def test_a_shadow_darkens_what_is_below_and_no_label() -> None:
    base = replace(invented(0), rgb=np.full((72, 96, 3), 200, np.uint8))
    how = {"count": 1, "depth": False, "blending": "none"}
    lit = paste([base, invented(9)], **how, shadow=0)
    shaded = paste([base, invented(9)], **how, shadow=0.8)
    assert lit.annotations == shaded.annotations
    mask = decode(lit.annotations.mask[-1])
    darker = lit.rgb.astype(int).sum(axis=2) - shaded.rgb.astype(int).sum(axis=2)
    assert darker[~mask].max() > 30
    assert not darker[mask].any()
