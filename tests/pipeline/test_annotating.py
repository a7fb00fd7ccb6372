"""Annotators of a scene file: their columns, captions and outputs are in records and COCO."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.errors import PluginError, SceneFileError
from simgen.pipeline.annotating import annotate_more
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.replay import replay
from simgen.pipeline.run import render_dataset
from simgen.plugin.gate import load_scene
from simgen.plugin.registry import Registry
from simgen.plugin.scene import AnnotatorStep
from simgen.records.annotations import Annotations
from simgen.records.frame import FrameSpec, Geometry, RenderedFrame
from simgen.records.sample import Extras

ANNOTATORS = """\
annotators:
  boxes: {kind: box_3d}
  oriented: {kind: oriented_box}
  words: {kind: captions, count: 2}
  sensor: {kind: depth_sensor, model: structured_light, range_m: [0.1, 2]}
"""


@pytest.fixture
def annotated(scene: Path) -> Path:
    """The tiny scene with every annotator."""
    scene.write_text(scene.read_text() + ANNOTATORS)
    return scene


def test_what_they_say_is_in_records_and_coco(annotated: Path, tmp_path: Path) -> None:
    render_dataset(RenderRequest(annotated, range(4)), tmp_path / "out")
    dataset = Dataset.open(tmp_path / "out")
    assert dataset.manifest.outputs == ("rgb", "depth", "instances", "sensor_depth")
    index = json.loads(dataset.layout.coco.read_bytes())
    captions = {row["id"]: row["simgen"]["captions"] for row in index["images"]}
    for sample in dataset.samples():
        assert captions[sample.frame + 1] == list(sample.captions)
        assert 1 <= len(sample.captions) <= 2
        assert sample.depth_m is not None
        assert sample.sensor_depth_m is not None
        both = (sample.depth_m > 0) & (sample.sensor_depth_m > 0)
        assert 0.02 < both.mean() <= (sample.depth_m > 0).mean()
        assert sample.camera is not None
        for box, pose in zip(
            (sample.annotations.extra or {})["box_3d"], sample.annotations.T_cam_object, strict=True
        ):
            assert pose is not None
            corners = np.array(box["corners_cam_m"])
            assert np.allclose(np.ptp(pose.apply_inverse(corners), axis=0), box["size_m"])
            assert np.allclose(sample.camera.intrinsics.project(corners), box["corners_px"])
    assert all({"box_3d", "obb_px"} <= set(row["simgen"]) for row in index["annotations"])


def test_frames_are_reproduced_with_them(annotated: Path, tmp_path: Path) -> None:
    render_dataset(RenderRequest(annotated, range(4)), tmp_path / "out")
    found = replay(Layout(tmp_path / "out").record(3), tmp_path / "again")
    assert found.equal
    assert found.files["sensor_depth"]


def test_without_them_nothing_changes(scene: Path, annotated: Path, tmp_path: Path) -> None:
    text = annotated.read_text()
    render_dataset(RenderRequest(annotated, range(2)), tmp_path / "with")
    scene.write_text(text.partition("annotators:")[0])
    render_dataset(RenderRequest(scene, range(2)), tmp_path / "without")
    more, plain = (Dataset.open(tmp_path / n).record(1) for n in ("with", "without"))
    assert replace(more.annotations, extra=None) == plain.annotations
    assert more.files["rgb"] == plain.files["rgb"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("annotators: {a: {kind: box3d}}", "unknown annotator 'box3d'"),
        ("annotators: {a: {kind: captions, cuont: 1}}", "annotators.a.cuont"),
        ("annotators: {a: {}}", "annotators.a"),
        ("annotators: {a: {kind: captions, topics: [love]}}", "annotators.a.topics"),
    ],
)
def test_mistakes_are_found_with_their_place(scene: Path, text: str, message: str) -> None:
    scene.write_text(scene.read_text() + text)
    with pytest.raises(SceneFileError, match=message):
        load_scene(scene, Registry.installed())


def test_columns_that_do_not_fit_are_the_annotator_s_fault(scene: Path) -> None:
    columns: dict[str, Sequence[Any]] = {"x": [1]}

    class Wrong:
        def annotate(self, *_: Any) -> Extras:
            return Extras(columns)

    loaded = load_scene(scene, Registry.installed())
    shape = (8, 9)
    geometry = Geometry(
        np.zeros(shape, np.int32),
        np.zeros(shape, np.float32),
        np.zeros((*shape, 3), np.float32),
        {},
    )
    rendered = RenderedFrame(
        FrameSpec(0, 0, 0, None),
        np.zeros((*shape, 3), np.uint8),
        geometry,
        0.0,  # type: ignore[arg-type]
    )
    steps = (AnnotatorStep("a", "wrong", Wrong(), None),)
    with pytest.raises(PluginError, match="column 'x' has 1 values for 0 labels"):
        annotate_more(
            replace(loaded, annotators=steps),
            0,
            rendered,
            None,
            (Annotations(), ()),
            None,  # type: ignore[arg-type]
        )
    columns.clear()
    columns["mask"] = []
    with pytest.raises(PluginError, match="there is a column 'mask' already"):
        annotate_more(
            replace(loaded, annotators=steps),
            0,
            rendered,
            None,
            (Annotations(), ()),
            None,  # type: ignore[arg-type]
        )


def test_small_instances_can_be_labelled_as_ignored(scene: Path, tmp_path: Path) -> None:
    text = scene.read_text()
    labels = {}
    for below in ("unlabelled", "ignore"):
        scene.write_text(text + f"labels: {{min_pixels: 150, below: {below}}}\n")
        render_dataset(RenderRequest(scene, range(6)), tmp_path / below)
        labels[below] = Dataset.open(tmp_path / below)
    small = 0
    for plain, marked in zip(
        labels["unlabelled"].records(), labels["ignore"].records(), strict=True
    ):
        rows = [i for i in range(len(marked.annotations)) if marked.annotations.is_ignored(i)]
        small += len(rows)
        assert all(marked.annotations.area_px[i] < 150 for i in rows)
        left_out = {u.instance for u in plain.unlabelled}
        assert {marked.annotations.instance[i] for i in rows} == left_out
        assert marked.unlabelled == ()
    assert small > 0
    index = json.loads(labels["ignore"].layout.coco.read_bytes())
    assert sum(row["iscrowd"] for row in index["annotations"]) == small
