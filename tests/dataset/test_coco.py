"""The index: what pycocotools reads is what the maps show; order and shards do not matter."""

from __future__ import annotations

import json
import shutil
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from pycocotools.coco import COCO
from run_folders import fill, make_frame, make_labels, make_manifest, make_world

from simgen.dataset.coco import finalize
from simgen.dataset.frame_writer import FrameWriter
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.errors import RunFolderError
from simgen.records.asset import Credit


def test_pycocotools_decodes_the_instance_maps(run_folder: Path) -> None:
    assert finalize(run_folder) == (7, 14)
    coco = COCO(str(Layout(run_folder).coco))
    dataset = Dataset.open(run_folder)
    for image in coco.loadImgs(coco.getImgIds()):
        frame = image["id"] - 1
        assert (run_folder / "images" / image["file_name"]).is_file()
        for row in coco.loadAnns(coco.getAnnIds(image["id"])):
            mask = coco.annToMask(row).astype(bool)
            assert (mask == (dataset.instances(frame) == row["simgen"]["instance"])).all()
            assert row["area"] == mask.sum()
            assert row["iscrowd"] == 0
    assert sorted(coco.getAnnIds()) == list(range(1, 15))
    assert [c["name"] for c in coco.loadCats([1, 2])] == ["mug", "can"]


def test_drawn_parameters_stand_under_one_key(run_folder: Path) -> None:
    finalize(run_folder)
    index = json.loads(Layout(run_folder).coco.read_bytes())
    image, row = index["images"][3], index["annotations"][1]
    assert set(image) == {"id", "file_name", "width", "height", "simgen"}
    assert image["simgen"]["camera"]["K"] == [[50, 0, 20], [0, 50, 15], [0, 0, 1]]
    assert image["simgen"]["camera"]["elevation_deg"] == pytest.approx(45)
    assert image["simgen"]["exposure"] == {"mode": "auto", "ev": 0.0, "applied_ev": 0.25}
    assert image["simgen"]["unlabelled"][0]["reason"] == "below min_pixels"
    assert {"visibility", "truncation", "amodal_bbox", "T_cam_object", "scale"} <= set(
        row["simgen"]
    )
    assert index["licenses"] == [
        {"id": 1, "name": "CC0-1.0", "url": "https://spdx.org/licenses/CC0-1.0.html"}
    ]
    assert image["simgen"]["licences"] == ["CC0-1.0"]
    assert "date" not in json.dumps(index["info"])


def test_shards_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    whole = fill(tmp_path / "whole", range(6))
    parts = fill(tmp_path / "parts", range(3, 6))
    finalize(parts)
    fill(parts, range(3))
    finalize(whole)
    finalize(parts)
    assert Layout(whole).coco.read_bytes() == Layout(parts).coco.read_bytes()


def test_no_frames_is_an_empty_index(tmp_path: Path) -> None:
    out = fill(tmp_path / "out", range(0))
    assert finalize(out) == (0, 0)
    index = json.loads(Layout(out).coco.read_bytes())
    assert (index["images"], index["annotations"]) == ([], [])


def test_a_damaged_record_is_named_and_the_old_index_stays(run_folder: Path) -> None:
    finalize(run_folder)
    before = Layout(run_folder).coco.read_bytes()
    path = Layout(run_folder).record(5)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunFolderError, match=r"00000005\.json"):
        finalize(run_folder)
    assert Layout(run_folder).coco.read_bytes() == before
    assert [p.name for p in Layout(run_folder).coco.parent.iterdir()] == ["instances.json"]


def test_not_a_run_folder(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="manifest"):
        finalize(tmp_path)


def test_memory_does_not_grow_with_frames(tmp_path: Path) -> None:
    def peak(frames: int) -> int:
        out = fill(tmp_path / "one", range(1))
        layout = Layout(out)
        source = layout.record(0).read_text()
        for number in range(1, frames):
            layout.record(number).write_text(source.replace('"frame":0', f'"frame":{number}'))
        tracemalloc.start()
        assert finalize(out)[0] == frames
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        shutil.rmtree(out)
        return top

    # The best of three: pathlib interns names, and the interpreter's table of interned text now
    # and then doubles, which is no memory of ours.
    assert min(peak(1200) for _ in range(3)) < min(peak(100) for _ in range(3)) + 500_000


def test_splits_are_parts_of_the_index_and_stay(tmp_path: Path) -> None:
    shares = {"train": 0.6, "val": 0.4}
    manifest = replace(make_manifest(), splits=shares)
    small = fill(tmp_path / "out", range(8), manifest)
    finalize(small)
    first = _split_frames(small, shares)
    whole = json.loads(Layout(small).coco.read_bytes())
    rows = {row["id"]: row for row in whole["annotations"]}
    for name in shares:
        part = json.loads(Layout(small).split(name).read_bytes())
        assert all(rows[row["id"]] == row for row in part["annotations"])
        assert all(image["simgen"]["split"] == name for image in part["images"])
        assert part["categories"] == whole["categories"]
        worlds = {image["simgen"]["world"] for image in part["images"]}
        assert len(part["images"]) == 2 * len(worlds)  # both views of a world
    finalize(fill(small, range(8, 16), manifest))
    later = _split_frames(small, shares)
    assert all(first[name] == later[name] & set(range(8)) for name in shares)
    assert sum(map(len, first.values())) == 8
    assert sum(map(len, later.values())) == 16


def _split_frames(out: Path, names: dict[str, float]) -> dict[str, set[int]]:
    def images(name: str) -> list[dict[str, int]]:
        return list(json.loads(Layout(out).split(name).read_bytes())["images"])

    return {name: {image["id"] - 1 for image in images(name)} for name in names}


def test_a_ledger_s_words_stand_with_their_licence(tmp_path: Path) -> None:
    out = fill(tmp_path / "out", range(1))
    writer = FrameWriter(Layout(out), make_manifest())
    frame = make_frame(1)
    mug = Credit("mug", "CC-BY-4.0", "ab" * 32, author="Ada", attribution="Mug by Ada")
    writer.write(frame, make_world(0), make_labels(frame), (mug, Credit("", "MIT AND CC0-1.0")))
    finalize(out)
    index = json.loads(Layout(out).coco.read_bytes())
    assert [row["name"] for row in index["licenses"]] == ["CC-BY-4.0", "CC0-1.0", "MIT AND CC0-1.0"]
    assert [bool(row["url"]) for row in index["licenses"]] == [True, True, False]
    assert index["licenses"][0]["simgen"]["assets"] == [
        {"name": "mug", "licence": "CC-BY-4.0", "sha256": "ab" * 32, "author": "Ada",
         "attribution": "Mug by Ada"}
    ]  # fmt: skip
    assert "simgen" not in index["licenses"][1]
    assert index["images"][1]["simgen"]["licences"] == ["CC-BY-4.0", "MIT AND CC0-1.0"]
