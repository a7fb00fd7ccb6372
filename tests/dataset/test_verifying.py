"""Verify: what is missing, cut, changed, left over, foreign; and only that."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from run_folders import fill

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.verifying import verify
from simgen.errors import RunFolderError


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Six whole frames with their index."""
    fill(tmp_path / "out", range(6))
    finalize(tmp_path / "out")
    return tmp_path / "out"


def found(out: Path) -> list[tuple[str, str, int | None]]:
    return [(one.kind, one.name, one.frame) for one in verify(out, threads=3)]


def test_a_whole_folder_has_nothing(out: Path) -> None:
    seen: list[int] = []
    assert list(verify(out, 2, seen.append)) == []
    assert seen == list(range(6))
    for name in ("runs", "leases", "quarantine"):
        (out / name).mkdir()
        (out / name / "x.json").write_text("{}")
    assert found(out) == []


def test_each_kind_of_damage_has_its_name_and_frame(out: Path) -> None:
    layout = Layout(out)
    layout.output("rgb", 0).unlink()
    with layout.output("depth", 1).open("r+b") as stream:
        stream.truncate(20)
    data = bytearray(layout.output("instances", 2).read_bytes())
    data[-1] ^= 1
    layout.output("instances", 2).write_bytes(data)
    layout.record(3).write_text("{")
    shutil.copy(layout.record(4), layout.record(5))
    said = {one.frame: one.what for one in verify(out)}
    assert said[0] == "missing"
    assert "20 bytes instead of" in said[1]
    assert "sha256" in said[2]
    assert "not a frame record" in said[3]
    assert said[5] == "it is the record of frame 4"
    assert sorted(said) == [0, 1, 2, 3, 5]


def test_a_damaged_world_damages_its_views(out: Path) -> None:
    layout = Layout(out)
    layout.world(1).unlink()
    assert [(name, frame) for _, name, frame in found(out)] == [
        ("worlds/0000/00000001.json", 2),
        ("worlds/0000/00000001.json", 3),
    ]
    shutil.copy(layout.world(0), layout.world(1))
    assert {one.what for one in verify(out)} == {"it is world 0"}


def test_what_no_record_owns(out: Path) -> None:
    layout = Layout(out)
    shutil.copy(layout.output("rgb", 0), layout.output("rgb", 9))
    (out / "depth" / "0000" / ".00000001.png.77-3.tmp").write_text("")
    (out / "frames" / "0000" / ".00000001.json.77-3.tmp").write_text("")
    (out / "images" / "0000" / "cat.png").write_text("")
    (out / "images" / "0001").mkdir()
    shutil.copy(layout.output("rgb", 0), out / "images" / "0001" / "00000000.png")
    shutil.copy(layout.output("rgb", 0), out / "images" / "0000" / "00000000.jpg")
    (out / "notes.txt").write_text("")
    assert {(kind, name) for kind, name, _ in found(out)} == {
        ("leftover", "images/0000/00000009.png"),
        ("leftover", "depth/0000/.00000001.png.77-3.tmp"),
        ("leftover", "frames/0000/.00000001.json.77-3.tmp"),
        ("foreign", "images/0000/cat.png"),
        ("foreign", "images/0001/00000000.png"),
        ("foreign", "images/0000/00000000.jpg"),
        ("stray", "notes.txt"),
    }


def test_an_index_that_is_missing_or_of_other_records(out: Path) -> None:
    layout = Layout(out)
    text = layout.coco.read_bytes()
    layout.coco.write_bytes(text.replace(b'"iscrowd":0', b'"iscrowd":1', 1))
    assert found(out) == [("index", "annotations/instances.json", None)]
    layout.coco.unlink()
    assert found(out) == [("index", "annotations/instances.json", None)]


def test_a_record_that_names_a_file_elsewhere_is_not_followed(out: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    layout = Layout(out)
    for name in ("../secret", str(tmp_path / "secret"), "images/../../secret"):
        record = json.loads(layout.record(0).read_bytes())
        record["files"]["rgb"]["name"] = name
        layout.record(0).write_text(json.dumps(record))
        ((kind, at, frame),) = [one for one in found(out) if one[0] == "damaged"]
        assert (kind, at, frame) == ("damaged", "frames/0000/00000000.json", 0)


def test_no_folder_of_ours(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        list(verify(tmp_path))
