"""Samples: out of a folder and into another one without loss, files linked where unchanged."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from run_folders import OUTPUTS, make_manifest

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord, Manifest, StageInfo
from simgen.dataset.samples import SampleWriter
from simgen.errors import DataError, RunFolderError, StorageError
from simgen.records.annotations import from_rows
from simgen.records.provenance import Origin, Step
from simgen.records.sample import Original, Sample
from simgen.records.serial import from_json, to_json

STAGE = StageInfo("filter", {})


def open_folder(root: Path, manifest: Manifest) -> SampleWriter:
    root.mkdir()
    Layout(root).manifest.write_bytes(to_json(manifest))
    return SampleWriter(Layout(root), manifest)


def derived(outputs: tuple[str, ...] = OUTPUTS) -> Manifest:
    return replace(make_manifest(outputs), stage=STAGE)


def test_a_sample_is_written_without_loss(run_folder: Path, tmp_path: Path) -> None:
    source = Dataset.open(run_folder)
    writer = open_folder(tmp_path / "copy", derived())
    for sample in source.samples():
        writer.write(sample)
    finalize(tmp_path / "copy")
    copy = Dataset.open(tmp_path / "copy")
    assert list(copy.records()) == list(source.records())
    for frame in source.frames():
        assert copy.scene(copy.record(frame)) == source.scene(source.record(frame))
        for output in OUTPUTS:
            assert os.path.samefile(source.file(output, frame), copy.file(output, frame))


def test_changed_arrays_are_encoded_and_the_others_linked(run_folder: Path, tmp_path: Path) -> None:
    source = Dataset.open(run_folder)
    writer = open_folder(tmp_path / "made", derived(("rgb", "depth", "instances", "normals")))
    sample = source.sample(3)
    step = Step("refine", (Origin(0, 3),), ({"name": "invert"},), {"edges": 0.9}, "keep")
    record = writer.write(sample.with_step(step, rgb=255 - sample.rgb))
    out = Dataset.open(tmp_path / "made")
    assert (out.rgb(3) == 255 - sample.rgb).all()
    assert not os.path.samefile(source.file("rgb", 3), out.file("rgb", 3))
    assert os.path.samefile(source.file("depth", 3), out.file("depth", 3))
    assert out.record(3) == record
    assert (record.origin, record.provenance) == (Origin(0, 3), (step,))
    assert out.sample(3).provenance == (step,)


def test_another_depth_step_encodes_anew(run_folder: Path, tmp_path: Path) -> None:
    source = Dataset.open(run_folder)
    manifest = replace(derived(("rgb", "depth")), metres_per_depth_step=1e-4)
    writer = open_folder(tmp_path / "made", manifest)
    writer.write(source.sample(0, outputs=()))
    writer.adopt(replace(source.record(1), frame=1), source, 1)
    for frame in (0, 1):
        found = Dataset.open(tmp_path / "made").depth_m(frame)
        assert np.allclose(found, source.depth_m(frame), atol=5e-5)


def test_arrays_of_a_sample_cannot_be_written_to(run_folder: Path) -> None:
    sample = Dataset.open(run_folder).sample(0)
    with pytest.raises(ValueError, match="read-only"):
        sample.rgb[0, 0] = 0


def test_what_is_not_decoded_travels_as_a_file(run_folder: Path, tmp_path: Path) -> None:
    source = Dataset.open(run_folder)
    sample = source.sample(0, outputs=["depth"])
    assert sample.depth_m is not None
    assert sample.normals is None
    record = open_folder(tmp_path / "made", derived()).write(sample)
    assert {n: f.sha256 for n, f in record.files.items()} == {
        n: f.sha256 for n, f in source.record(0).files.items()
    }


def test_photographs_keep_their_file(tmp_path: Path) -> None:
    photo = tmp_path / "Größe 1.JPG"
    photo.write_bytes(cv2.imencode(".jpg", np.full((20, 30, 3), 90, np.uint8))[1].tobytes())
    manifest = replace(derived(("rgb",)), size=(0, 0))
    writer = open_folder(tmp_path / "made", manifest)
    rgb = np.full((20, 30, 3), 90, np.uint8)
    labels = from_rows([{"category": "mug", "box_xywh_px": (1.5, 2, 10, 4)}])
    files = {"rgb": Original(photo, rgb)}
    record = writer.write(Sample(rgb, labels, frame=7, world=7, captions=("Ein",), files=files))
    assert (record.size, record.camera, record.captions) == ((30, 20), None, ("Ein",))
    assert record.files["rgb"].name == "images/0000/00000007.jpg"
    out = Dataset.open(tmp_path / "made")
    assert out.file("rgb", 7).read_bytes() == photo.read_bytes()
    assert out.rgb(7).shape == (20, 30, 3)
    assert out.sample(7).annotations == labels
    assert out.scene(record) is None
    assert finalize(tmp_path / "made", verify=True) == (1, 1)


def test_a_whole_frame_is_adopted_or_nothing(run_folder: Path, tmp_path: Path) -> None:
    source = Dataset.open(run_folder)
    writer = open_folder(tmp_path / "made", derived())
    record = replace(source.record(4), frame=40, world=8)
    writer.adopt(record, source, 4)
    out = Dataset.open(tmp_path / "made")
    assert out.record(40).files["points"].name == "points/0000/00000040.ply"
    assert out.world(8) == replace(source.world(2), index=8)
    path = source.file("depth", 5)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"expected \d+ bytes, it has"):
        writer.adopt(source.record(5), source, 5)
    assert list(out.frames()) == [40]
    lacking = SampleWriter(writer.layout, replace(derived(), outputs=("rgb", "extra")))
    with pytest.raises(DataError, match="no output 'extra'"):
        lacking.adopt(source.record(6), source, 6)


def test_two_worlds_cannot_have_one_number(run_folder: Path, tmp_path: Path) -> None:
    source = Dataset.open(run_folder)
    writer = open_folder(tmp_path / "made", derived())
    writer.write(source.sample(0))
    other = replace(source.sample(1), world=0, scene=replace(source.world(1), radius_m=9.0))
    with pytest.raises(RunFolderError, match="other content"):
        writer.write(other)
    assert list(Dataset.open(tmp_path / "made").frames()) == [0]


def test_a_full_disk_leaves_nothing(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_folder(tmp_path / "made", derived())
    sample = Dataset.open(run_folder).sample(0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simgen.dataset.atomic._take", full)
    with pytest.raises(StorageError, match="No space left"):
        writer.write(sample)
    left = [p for p in (tmp_path / "made").rglob("*") if p.is_file() and "worlds" not in p.parts]
    assert [p.name for p in left] == ["manifest.json"]


def test_shapes_and_types_are_checked() -> None:
    rgb = np.zeros((4, 6, 3), np.uint8)
    with pytest.raises(ValueError, match=r"depth_m: expected float32\(4, 6\), got float64\(4, 6\)"):
        Sample(rgb, depth_m=np.zeros((4, 6)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="instances"):
        Sample(rgb, instances=np.zeros((6, 4), np.int32))


@pytest.mark.parametrize("name", ["../x.png", "/etc/passwd", "a\\..\\b.png", "images/../../x"])
def test_records_of_strangers_name_no_file_outside(run_folder: Path, name: str) -> None:
    path = Layout(run_folder).record(0)
    old = '"name":"images/0000/00000000.png"'
    path.write_text(path.read_text().replace(old, f'"name":{json.dumps(name)}'))
    with pytest.raises(RunFolderError, match="leads out"):
        Dataset.open(run_folder).record(0)


def test_rendered_records_keep_their_bytes(run_folder: Path) -> None:
    """Fields of later stages are not there at all, so old datasets keep their hashes."""
    data = Layout(run_folder).record(0).read_bytes()
    assert not any(f'"{k}"'.encode() in data for k in ("captions", "provenance", "ignore"))
    assert json.loads(to_json(from_json(FrameRecord, data))) == json.loads(data)
    assert b'"stage"' not in Layout(run_folder).manifest.read_bytes()
