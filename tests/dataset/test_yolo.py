"""YOLO folders, parsed as ultralytics documents it: each line is the label it came from."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_sets import CATEGORIES, NAMES, awkward_map, sample_of, write_set
from numpy.typing import NDArray

from simgen.dataset.reader import Dataset
from simgen.dataset.readers.yolo import YoloReader, YoloReaderParams
from simgen.dataset.writers.yolo import YoloWriter, YoloWriterParams
from simgen.errors import DataError
from simgen.pipeline.exporting import export_set
from simgen.pipeline.importing import import_set
from simgen.plugin.scene import Category
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.annotations import from_rows
from simgen.records.marks import KeypointPx
from simgen.records.masks import Mask, decode
from simgen.records.sample import Sample


def parse(root: Path, split: str = "train") -> dict[str, list[NDArray[np.float32]]]:
    """Lines of every picture: docs.ultralytics.com/datasets, `verify_image_label`'s checks."""
    about = yaml.safe_load((root / "data.yaml").read_text())
    found = {}
    for picture in sorted((root / about[split]).iterdir()):
        file = root / "labels" / picture.parent.name / f"{picture.stem}.txt"
        rows = [line.split() for line in file.read_text().splitlines()]
        labels = [np.array(row, np.float32) for row in rows]
        for row in labels:
            assert row[0] in about["names"]
            assert (row >= 0).all()
            assert len(row) == 5 or (row[1:] <= 1).all() or "kpt_shape" in about
        found[picture.stem] = labels
    return found


def polygon_mask(row: NDArray[np.float32], width: int, height: int) -> Mask:
    """ultralytics' polygon2mask: scaled in float32, cut to int32, filled by OpenCV."""
    points = row[1:].reshape(-1, 2) * np.array([width, height], np.float32)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.asarray(points.reshape(1, -1, 2), np.int32)[0]], color=1)
    return mask.astype(bool)


def lines(sample: Sample, task: str) -> list[NDArray[np.float32]]:
    """What the writer makes of one sample, parsed."""
    with tempfile.TemporaryDirectory() as folder:
        params = YoloWriterParams.model_validate({"task": task})
        session = YoloWriter().open(params, SetFacts("set", CATEGORIES), Path(folder))
        session.write(sample)
        session.close()
        return parse(Path(folder))[f"{sample.frame:08d}"]


def parts(mask: Mask) -> int:
    return int(cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0]) - 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 3, 8]))
@example(1, 300)
def test_polygons_give_the_masks_back(seed: int, count: int) -> None:
    sample = sample_of(awkward_map(seed, count))
    rows = lines(sample, "segment")
    labels = sample.annotations
    assert len(rows) == len(labels)
    for i, row in enumerate(rows):
        mask = decode(labels.mask[i])  # type: ignore[arg-type]
        found = polygon_mask(row, *sample.size)
        assert NAMES[int(row[0])] == labels.category[i]
        if parts(mask) == 1:
            assert (found == mask).all()
        else:  # parts are joined by lines one pixel wide
            assert (found | ~mask).all()
            assert (found & ~mask).sum() <= parts(mask) * sum(sample.size)
        points = row[1:].reshape(-1, 2) * sample.size
        x, y, w, h = labels.box_xywh_px[i]
        box = [*points.min(axis=0), *points.max(axis=0)]
        assert np.allclose(box, [x, y, x + w, y + h], atol=0.02)


def test_boxes_come_back_through_our_reader(tmp_path: Path) -> None:
    samples = [sample_of(awkward_map(i, count), i) for i, count in enumerate((2, 12, 300))]
    write_set(tmp_path / "set", samples)
    export_set(tmp_path / "set", tmp_path / "yolo", "yolo")
    import_set(tmp_path / "yolo", tmp_path / "back", "yolo")
    back = Dataset.open(tmp_path / "back")
    assert [c.name for c in back.manifest.categories] == list(NAMES)
    for frame, sample in enumerate(samples):
        found = back.sample(frame)
        assert (found.rgb == sample.rgb).all()
        assert found.annotations.category == sample.annotations.category
        assert found.annotations.box_xywh_px == tuple(
            tuple(map(float, box)) for box in sample.annotations.box_xywh_px
        )


def test_masks_come_back_through_our_reader(tmp_path: Path) -> None:
    ids = np.zeros((31, 47), np.int32)
    ids[3:20, 4:30], ids[8:12, 10:20], ids[0, 0] = 1, 0, 2
    sample = sample_of(ids)
    write_set(tmp_path / "set", [sample])
    export_set(tmp_path / "set", tmp_path / "yolo", "yolo", {"task": "segment"})
    import_set(tmp_path / "yolo", tmp_path / "back", "yolo")
    found = Dataset.open(tmp_path / "back").record(0).annotations
    names = ("category", "box_xywh_px", "mask", "area_px")
    assert all(getattr(found, n) == getattr(sample.annotations, n) for n in names)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_oriented_boxes_hold_every_pixel(seed: int) -> None:
    sample = sample_of(awkward_map(seed, 5))
    for i, row in enumerate(lines(sample, "obb")):
        corners = (row[1:].reshape(4, 2) * sample.size).astype(np.float32)
        mask = decode(sample.annotations.mask[i])  # type: ignore[arg-type]
        ys, xs = np.nonzero(mask)
        if corners.min() > 0 and (corners < np.array(sample.size)).all():  # not cut at the border
            for x, y in zip(xs + 0.5, ys + 0.5, strict=True):
                assert cv2.pointPolygonTest(corners[:, None], (float(x), float(y)), True) >= 0.45


def test_pose_lines_have_the_shape_that_data_yaml_says(tmp_path: Path) -> None:
    points = (KeypointPx("lid", (10.5, 4.5), 1.0, 2), KeypointPx("base", (12.0, 20.0), 1.0, 1),
              KeypointPx("far", (-3.0, 2.0), 1.0, 0))  # fmt: skip
    rows = [{"category": "mug", "box_xywh_px": (4, 2, 10, 20), "keypoints": points},
            {"category": "no", "box_xywh_px": (0, 0, 47, 31), "keypoints": points[:1]}]  # fmt: skip
    rgb = np.zeros((31, 47, 3), np.uint8)
    sample = Sample(rgb, from_rows(rows))
    categories = (
        Category(3, "mug", "", ("lid", "far", "base"), ()), Category(7, "no", "", ("lid",), ()),
    )  # fmt: skip
    write_set(tmp_path / "set", [sample], categories=categories)
    export_set(tmp_path / "set", tmp_path / "yolo", "yolo", {"task": "pose"})
    about = yaml.safe_load((tmp_path / "yolo" / "data.yaml").read_text())
    assert about["kpt_shape"] == [3, 3]
    mug, other = next(iter(parse(tmp_path / "yolo").values()))
    size = np.array([47, 31, 1])
    assert np.allclose(mug[5:].reshape(3, 3) * size, [[10.5, 4.5, 2], [0, 0, 0], [12, 20, 1]])
    assert np.allclose(other[5:].reshape(3, 3) * size, [[10.5, 4.5, 2], [0, 0, 0], [0, 0, 0]])
    import_set(tmp_path / "yolo", tmp_path / "back", "yolo")
    back = Dataset.open(tmp_path / "back").record(0).annotations
    assert back.keypoints is not None
    assert [(p.xy_px, p.visibility) for p in back.keypoints[0]] == [
        ((10.5, 4.5), 2), ((12.0, 20.0), 1)
    ]  # fmt: skip


def test_splits_go_to_folders_and_ignored_labels_out(tmp_path: Path) -> None:
    ids = awkward_map(1, 3)
    samples = [sample_of(ids, frame) for frame in range(8)]
    labels = samples[0].annotations
    samples[0] = replace(samples[0], annotations=replace(labels, ignore=(True,) * len(labels)))
    write_set(tmp_path / "set", samples, splits={"train": 0.6, "val": 0.4})
    export_set(tmp_path / "set", tmp_path / "yolo", "yolo")
    train, val = parse(tmp_path / "yolo", "train"), parse(tmp_path / "yolo", "val")
    assert sorted([*train, *val]) == [f"{i:08d}" for i in range(8)]
    assert train
    assert val
    assert {**train, **val}["00000000"] == []
    session = YoloReader().open(YoloReaderParams(split="val"), tmp_path / "yolo")
    assert len(session.numbers) == len(val)


def test_box_only_labels_are_no_polygons(tmp_path: Path) -> None:
    labels = from_rows([{"category": "mug", "box_xywh_px": (1, 2, 3, 4)}])
    write_set(tmp_path / "set", [Sample(np.zeros((9, 9, 3), np.uint8), labels)])
    for task in ("segment", "obb"):
        with pytest.raises(DataError, match="has a box and no mask"):
            export_set(tmp_path / "set", tmp_path / "yolo", "yolo", {"task": task})
    with pytest.raises(DataError, match="no category has keypoints"):
        export_set(tmp_path / "set", tmp_path / "yolo", "yolo", {"task": "pose"})
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
    assert CATEGORIES[0].keypoints is None


FAULTS = {
    "0 0.5 0.5 0.1": "3 numbers are no label",
    "9 0.5 0.5 0.1 0.1": "no class 9",
    "x 0.5 0.5 0.1 0.1": "expected a class number",
    "0 0.5 0.5 0.1 nan": "not a share",
    "0 50 50 10 10": "not a share",
    "0 0.1 0.1 0.2 0.2 0.3 0.3 0.4": "7 numbers are no label",
}


@pytest.mark.parametrize("line", FAULTS)
def test_bad_lines_are_named(tmp_path: Path, line: str) -> None:
    write_set(tmp_path / "set", [sample_of(awkward_map(1, 3))])
    export_set(tmp_path / "set", tmp_path / "yolo", "yolo")
    file = tmp_path / "yolo/labels/train/00000000.txt"
    file.write_text(file.read_text() + "\n" + line + "\n")
    with pytest.raises(DataError, match=rf"00000000\.txt:\d+\n  .*{FAULTS[line]}"):
        import_set(tmp_path / "yolo", tmp_path / "back", "yolo")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("names: [a, a]\ntrain: images", "no data.yaml"),
        ("train: images", "no data.yaml|expected `names`"),
        ("names: [a]\ntrain: ../../etc", "leads out"),
        ("names: [a]\ntrain: /etc", "leads out"),
        ("names: [a]\ntrain: pictures", "there is no .*pictures"),
        ("names: [a]\nval: ", "no pictures"),
        ("names: [a\n", "no data.yaml|cannot be read"),
    ],
)
def test_bad_descriptions_are_explained(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "set" / "images").mkdir(parents=True)
    (tmp_path / "set" / "data.yaml").write_text(text)
    with pytest.raises(DataError, match=expected):
        YoloReader().open(YoloReaderParams(), tmp_path / "set")
