"""Exported COCO: instances, keypoints and captions by pycocotools, panoptic by COCO's rules."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_sets import CATEGORIES, awkward_map, sample_of, write_set
from PIL import Image
from pycocotools.coco import COCO

from simgen.dataset.reader import Dataset
from simgen.dataset.writers.coco import CocoWriter, CocoWriterParams
from simgen.errors import DataError, PluginError, RunFolderError
from simgen.pipeline.exporting import export_set
from simgen.pipeline.importing import import_set
from simgen.plugin.scene import Category
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.annotations import from_rows
from simgen.records.marks import KeypointPx
from simgen.records.masks import decode
from simgen.records.sample import Sample

IDS = {category.name: category.id for category in CATEGORIES}


def write(root: Path, sample: Sample, **settings: Any) -> None:
    params = CocoWriterParams.model_validate(settings)
    session = CocoWriter().open(params, SetFacts("set", CATEGORIES), root)
    session.write(sample)
    session.close()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 3, 8]))
@example(1, 300)
def test_panoptic_maps_follow_the_rules(seed: int, count: int) -> None:
    """The checks of panopticapi's `pq_compute_single_core` and of COCO's format page."""
    sample = sample_of(awkward_map(seed, count))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, sample, parts=["panoptic"], background="table")
        data = json.loads((root / "annotations/panoptic.json").read_bytes())
        (row,) = data["annotations"]
        coded = np.array(Image.open(root / "panoptic" / row["file_name"]), np.uint32)
    ids = coded[..., 0] + 256 * coded[..., 1] + 256**2 * coded[..., 2]  # panopticapi's rgb2id
    categories = {c["id"]: c for c in data["categories"]}
    assert [c["isthing"] for c in data["categories"]] == [1, 1, 1, 0]
    labels, areas = {}, dict(zip(*np.unique(ids, return_counts=True), strict=True))
    for segment in row["segments_info"]:
        mask = ids == segment["id"]
        ys, xs = np.nonzero(mask)
        assert segment["area"] == mask.sum() == areas.pop(segment["id"])
        assert segment["bbox"] == [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
        assert categories[segment["category_id"]]
        labels[segment["id"]] = segment
    assert not areas  # every pixel has a segment, and every segment is listed
    for i, number in enumerate(sample.annotations.instance):
        segment = labels.pop(number)
        assert (ids == number).tolist() == decode(sample.annotations.mask[i]).tolist()  # type: ignore[arg-type]
        assert segment["category_id"] == IDS[sample.annotations.category[i]]
    assert all(categories[s["category_id"]]["name"] == "table" for s in labels.values())


def test_void_is_what_has_no_label(tmp_path: Path) -> None:
    ids = np.zeros((9, 12), np.int32)
    ids[:3], ids[4:6], ids[8] = 1, 2, 3
    sample = sample_of(ids)
    labels = replace(sample.annotations.take([0, 1]), ignore=(False, True))
    write(tmp_path, replace(sample, annotations=labels), parts=["panoptic"])
    (row,) = json.loads((tmp_path / "annotations/panoptic.json").read_bytes())["annotations"]
    coded = np.array(Image.open(tmp_path / "panoptic" / row["file_name"]))[..., 0]
    assert (coded == np.where(ids == 3, 0, ids)).all()
    assert [s["iscrowd"] for s in row["segments_info"]] == [0, 1]


def test_drawn_masks_that_overlap_have_the_smaller_one_on_top(tmp_path: Path) -> None:
    wide, small = np.zeros((2, 9, 12), np.int32)
    wide[2:7], small[4, 4] = 1, 2
    first, second = sample_of(wide), sample_of(small)
    rows = [first.annotations, second.annotations]
    both = from_rows([
        {"category": a.category[0], "box_xywh_px": a.box_xywh_px[0], "mask": a.mask[0],
         "area_px": a.area_px[0]} for a in rows
    ])  # fmt: skip
    write(tmp_path, replace(first, annotations=both, instances=None), parts=["panoptic"])
    (row,) = json.loads((tmp_path / "annotations/panoptic.json").read_bytes())["annotations"]
    assert [s["area"] for s in row["segments_info"]] == [59, 1]


def test_everything_comes_back(tmp_path: Path) -> None:
    samples = [sample_of(awkward_map(i, n), i, visibility=0.5, crowd=n == 3)
               for i, n in enumerate((3, 300, 0))]  # fmt: skip
    write_set(tmp_path / "set", samples)
    export_set(tmp_path / "set", tmp_path / "coco", "coco")
    import_set(tmp_path / "coco/annotations/instances.json", tmp_path / "back")
    back = Dataset.open(tmp_path / "back")
    assert back.manifest.categories == CATEGORIES
    for sample in samples:
        found = back.sample(sample.frame)
        assert (found.rgb == sample.rgb).all()
        assert found.annotations == sample.annotations
        assert back.file("rgb", sample.frame).stat().st_nlink == 3
    coco = COCO(str(tmp_path / "coco/annotations/instances.json"))
    assert len(coco.anns) == sum(len(s.annotations) for s in samples)


def test_keypoints_and_captions_have_files_of_their_own(tmp_path: Path) -> None:
    points = (KeypointPx("lid", (10.5, 4.5), None, 2), KeypointPx("base", (12.0, 20.0), None, 1))
    rows = [{"category": "mug", "box_xywh_px": (4, 2, 10, 20), "keypoints": points},
            {"category": "can", "box_xywh_px": (0, 0, 47, 31)}]  # fmt: skip
    rgb = np.zeros((31, 47, 3), np.uint8)
    sample = Sample(rgb, from_rows(rows), captions=("A mug.", "A mug and a can."))
    categories = (Category(3, "mug", "", ("lid", "base"), ((1, 2),)), Category(7, "can"))
    write_set(tmp_path / "set", [sample], categories=categories)
    parts = ["instances", "keypoints", "captions"]
    export_set(tmp_path / "set", tmp_path / "coco", "coco", {"parts": parts, "ours": False})
    folder = tmp_path / "coco/annotations"
    keypoints, captions = (COCO(str(folder / f"{n}.json")) for n in ("keypoints", "captions"))
    (row,) = keypoints.anns.values()
    assert row["keypoints"] == [10, 4, 2, 11.5, 19.5, 1]
    assert (row["num_keypoints"], "simgen" in row) == (2, False)
    assert keypoints.loadCats(3)[0]["skeleton"] == [[1, 2]]
    assert [a["caption"] for a in captions.anns.values()] == list(sample.captions)
    import_set(folder / "instances.json", tmp_path / "back")
    assert Dataset.open(tmp_path / "back").record(0).annotations == sample.annotations


def test_splits_have_files_of_their_own(tmp_path: Path) -> None:
    samples = [sample_of(awkward_map(1, 2), i) for i in range(6)]
    write_set(tmp_path / "set", samples, splits={"train": 0.5, "val": 0.5})
    export_set(tmp_path / "set", tmp_path / "coco", "coco", {"parts": ["instances", "panoptic"]})
    names = ("instances_train", "instances_val")
    found = [COCO(str(tmp_path / f"coco/annotations/{name}.json")) for name in names]
    assert sorted(i for coco in found for i in coco.imgs) == [1, 2, 3, 4, 5, 6]
    assert len(list((tmp_path / "coco/panoptic_train").iterdir())) == len(found[0].imgs)


def test_wrong_requests_leave_nothing(tmp_path: Path) -> None:
    labels = from_rows([{"category": "mug", "box_xywh_px": (1, 2, 3, 4)}])
    source = write_set(tmp_path / "set", [Sample(np.zeros((9, 9, 3), np.uint8), labels)])
    with pytest.raises(DataError, match=r"frame 0\n  label 0 .* has a box and no mask"):
        export_set(source, tmp_path / "out", "coco", {"parts": ["panoptic"]})
    with pytest.raises(PluginError, match="unknown writer 'coko'"):
        export_set(source, tmp_path / "out", "coko")
    with pytest.raises(PluginError, match=r"--set part(.|\n)*did you mean 'parts'"):
        export_set(source, tmp_path / "out", "coco", {"part": ["panoptic"]})
    with pytest.raises(RunFolderError, match="lies in the dataset"):
        export_set(source, source / "out", "coco")
    with pytest.raises(RunFolderError, match="something here already"):
        export_set(source, source, "coco")
    with pytest.raises(RunFolderError, match="not a dataset"):
        export_set(tmp_path / "nowhere", tmp_path / "out", "coco")
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
