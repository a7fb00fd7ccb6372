"""A frame on disk is what was rendered, and its record says so."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from run_folders import OUTPUTS, make_frame, make_labels, make_manifest, make_world

from simgen.dataset.coco_rows import image_row
from simgen.dataset.frame_writer import FrameWriter, view_facts
from simgen.dataset.integrity import damaged_files, is_complete
from simgen.dataset.layout import Layout
from simgen.dataset.ply import read_ply
from simgen.dataset.reader import Dataset
from simgen.errors import RunFolderError
from simgen.records.camera import Camera, Focus, Intrinsics, Shutter
from simgen.records.pose import look_at
from simgen.records.serial import from_json, to_json


def test_everything_reads_back(run_folder: Path) -> None:
    dataset = Dataset.open(run_folder)
    rendered = make_frame(4)
    assert list(dataset.frames()) == list(range(7))
    assert (dataset.rgb(4) == rendered.rgb).all()
    assert (dataset.instances(4) == rendered.geometry.instances).all()
    assert np.abs(dataset.depth_m(4) - rendered.geometry.depth_m).max() <= 2.6e-5
    assert np.abs(dataset.normals(4) - rendered.geometry.normals).max() < 2e-5
    assert rendered.albedo is not None
    assert (dataset.albedo(4) == rendered.albedo).all()
    passes = dataset.passes(4)
    assert list(passes) == list(rendered.passes)
    for name, array in rendered.passes.items():
        assert passes[name].dtype == array.dtype
        assert (passes[name] == array).all()
    record = dataset.record(4)
    assert record.spec == rendered.spec
    assert (record.annotations, record.unlabelled) == make_labels(rendered)
    assert to_json(from_json(type(record), to_json(record))) == to_json(record)


def test_record_knows_every_byte(run_folder: Path) -> None:
    layout = Layout(run_folder)
    record = Dataset.open(run_folder).record(2)
    assert set(record.files) == set(OUTPUTS)
    for fact in record.files.values():
        data = (run_folder / fact.name).read_bytes()
        assert (fact.bytes, fact.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert is_complete(layout, 2, OUTPUTS)
    assert damaged_files(layout, record) == []
    path = layout.output("depth", 2)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert damaged_files(layout, record) == ["depth/0000/00000002.png"]
    path.write_bytes(b"")
    assert not is_complete(layout, 2, OUTPUTS)


@pytest.mark.parametrize("harm", ["no record", "no image", "cut record", "other outputs"])
def test_a_frame_that_is_not_whole_is_not_complete(run_folder: Path, harm: str) -> None:
    layout, outputs = Layout(run_folder), OUTPUTS
    if harm == "no record":
        layout.record(3).unlink()
    elif harm == "no image":
        layout.output("rgb", 3).unlink()
    elif harm == "cut record":
        layout.record(3).write_bytes(layout.record(3).read_bytes()[:50])
    else:
        outputs = ("rgb",)
    assert not is_complete(layout, 3, outputs)


def test_same_frame_same_bytes(tmp_path: Path) -> None:
    records = []
    for name in ("a", "b"):
        writer = FrameWriter(Layout(tmp_path / name), make_manifest(OUTPUTS))
        rendered = make_frame(5)
        writer.write(rendered, make_world(2), make_labels(rendered))
        records.append(writer.layout.record(5).read_bytes())
    assert records[0] == records[1]
    with zipfile.ZipFile(tmp_path / "a/passes/0000/00000005.npz") as archive:
        assert {member.date_time[0] for member in archive.infolist()} == {1980}  # no clock


def test_points_lie_in_the_world_frame(run_folder: Path) -> None:
    rows = read_ply(Layout(run_folder).output("points", 0))
    rendered = make_frame(0)
    assert len(rows) == 500
    xyz = np.stack([rows[a] for a in "xyz"], -1)
    cam = rendered.spec.camera.to_camera(xyz)
    assert np.abs(cam[:, 2] - 1.25).max() < 1e-5
    pixels = np.floor(rendered.spec.camera.intrinsics.project(cam)).astype(int)
    assert (rendered.geometry.instances[pixels[:, 1], pixels[:, 0]] == rows["instance"]).all()
    assert (rendered.rgb[pixels[:, 1], pixels[:, 0], 2] == rows["blue"]).all()
    lengths = np.linalg.norm(np.stack([rows[f"n{a}"] for a in "xyz"], -1), axis=-1)
    assert np.abs(lengths - 1).max() < 1e-5


def test_view_facts_are_those_of_the_camera() -> None:
    lens = Intrinsics(40, 30, 50, 50, 20, 15)
    facts = view_facts(Camera(lens, look_at((0.0, 1.0, 1.1), (0, 0, 0.1))), make_world(0))
    assert facts["camera.distance_m"] == pytest.approx(2**0.5)
    assert facts["camera.elevation_deg"] == pytest.approx(45)
    assert facts["camera.azimuth_deg"] == pytest.approx(90)


def test_a_damaged_npz_is_named(run_folder: Path) -> None:
    path = Layout(run_folder).output("passes", 1)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunFolderError, match=r"passes/0000/00000001.npz\n.*not a readable NPZ"):
        Dataset.open(run_folder).passes(1)
    path.unlink()
    with pytest.raises(RunFolderError, match="cannot read"):
        Dataset.open(run_folder).passes(1)


def test_what_the_engine_did_not_make_cannot_be_written(tmp_path: Path) -> None:
    writer = FrameWriter(Layout(tmp_path), make_manifest(OUTPUTS))
    with pytest.raises(ValueError, match="no output 'albedo'"):
        writer.encode(replace(make_frame(0), albedo=None))


def test_blur_goes_into_the_coco_index(tmp_path: Path) -> None:
    rendered = make_frame(0)
    camera = replace(rendered.spec.camera, focus=Focus(0.01, 0.5), shutter=Shutter(0.02))
    blurred = replace(rendered, spec=replace(rendered.spec, camera=camera))
    writer = FrameWriter(Layout(tmp_path), make_manifest())
    records = [writer.write(f, make_world(0), make_labels(f)) for f in (rendered, blurred)]
    rows = [image_row(r, make_world(0), (40, 30))["simgen"]["camera"] for r in records]
    assert not {"focus", "shutter"} & set(rows[0])
    assert rows[1]["focus"] == {"aperture_radius_m": 0.01, "distance_m": 0.5}
    assert rows[1]["shutter"]["open_s"] == 0.02
