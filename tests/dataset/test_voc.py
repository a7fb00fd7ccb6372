"""Pascal VOC folders, read with the development kit's fields."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as xml

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_sets import CATEGORIES, NAMES, awkward_map, sample_of, write_set
from PIL import Image

from simgen.dataset.reader import Dataset
from simgen.dataset.readers.voc import VocReader, VocReaderParams
from simgen.dataset.writers.voc import VocWriter, VocWriterParams
from simgen.errors import DataError
from simgen.pipeline.exporting import export_set
from simgen.pipeline.importing import import_set
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.annotations import from_rows
from simgen.records.masks import decode
from simgen.records.sample import Sample


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 3, 8, 200]))
def test_masks_and_boxes_as_the_development_kit_reads_them(seed: int, count: int) -> None:
    sample = sample_of(awkward_map(seed, count))
    labels = sample.annotations
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        params = VocWriterParams(segmentation=True)
        session = VocWriter().open(params, SetFacts("set", CATEGORIES), root)
        session.write(sample)
        session.close()
        objects = xml.parse(root / "Annotations/00000000.xml").getroot().findall("object")
        things = np.array(Image.open(root / "SegmentationObject/00000000.png"))
        classes = np.array(Image.open(root / "SegmentationClass/00000000.png"))
    assert len(objects) == len(labels)
    for i, item in enumerate(objects):
        mask = decode(labels.mask[i])  # type: ignore[arg-type]
        ys, xs = np.nonzero(mask)  # VOC counts from 1, both ends included
        expected = [xs.min() + 1, ys.min() + 1, xs.max() + 1, ys.max() + 1]
        names = ("xmin", "ymin", "xmax", "ymax")
        assert [float(item.findtext(f"bndbox/{n}") or "") for n in names] == expected
        assert item.findtext("name") == labels.category[i]
        assert (mask == (things == i + 1)).all()
        assert set(classes[mask]) == {NAMES.index(labels.category[i]) + 1}
    assert ((things == 0) == (classes == 0)).all()


def test_sets_come_back(tmp_path: Path) -> None:
    labels = from_rows([
        {"category": "mug", "box_xywh_px": (1.5, 2, 3.25, 4), "truncation": 0.2, "visibility": 0.5},
        {"category": "no", "box_xywh_px": (0, 0, 47, 31), "ignore": True},
    ])  # fmt: skip
    samples = [sample_of(awkward_map(2, 300), 0)]
    samples += [Sample(samples[0].rgb, labels, frame=i, world=i) for i in (1, 2)]
    write_set(tmp_path / "set", samples, splits={"train": 0.5, "val": 0.5})
    export_set(tmp_path / "set", tmp_path / "voc", "voc")
    import_set(tmp_path / "voc", tmp_path / "back")
    back = Dataset.open(tmp_path / "back")
    assert [c.name for c in back.manifest.categories] == list(NAMES)
    for frame, sample in enumerate(samples):
        found = back.sample(frame)
        assert (found.rgb == sample.rgb).all()
        assert found.annotations.box_xywh_px == sample.annotations.box_xywh_px
        assert found.annotations.category == sample.annotations.category
        assert found.annotations.ignore == sample.annotations.ignore
    assert back.record(1).annotations.facts[0] == {"truncated": True, "occluded": True}
    sizes = [
        len(VocReader().open(VocReaderParams(split=s), tmp_path / "voc").numbers)
        for s in ("train", "val")
    ]
    assert sum(sizes) == 3


def test_too_many_objects_for_a_palette(tmp_path: Path) -> None:
    source = write_set(tmp_path / "set", [sample_of(awkward_map(2, 300))])
    with pytest.raises(DataError, match="VOC's masks hold 254"):
        export_set(source, tmp_path / "voc", "voc", {"segmentation": True})
    assert not (tmp_path / "voc").exists()


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb">]><annotation>&b;</annotation>'
FAULTS = {
    "<annotation>": "not a VOC annotation",
    "<other/>": "expected <annotation>, got <other>",
    BOMB: "entities are not allowed",
    "<annotation><filename>../x.png</filename></annotation>": "leads out",
    "<annotation><filename>x.png</filename></annotation>": "1 of 1 pictures are missing",
    "<annotation><size><width>-1</width><height>2</height></size></annotation>": "the size is",
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_of_the_files_are_found_first(tmp_path: Path, text: str) -> None:
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations" / "a.xml").write_text(text)
    with pytest.raises(DataError, match=FAULTS[text]):
        VocReader().open(VocReaderParams(), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<xmin>", "<xmin>x", "has the bndbox"),
        ("<xmax>", "<xmax>-", "has a box of"),
        ("<width>47", "<width>48", "has 47 x 31 pixels, its labels say 48 x 31"),
    ],
)
def test_labels_that_disagree_with_the_picture(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    write_set(tmp_path / "set", [sample_of(awkward_map(1, 1))])
    export_set(tmp_path / "set", tmp_path / "voc", "voc")
    file = tmp_path / "voc/Annotations/00000000.xml"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(DataError, match=expected):
        import_set(tmp_path / "voc", tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_an_unknown_category_is_named(tmp_path: Path) -> None:
    sample = sample_of(awkward_map(1, 1))
    write_set(tmp_path / "set", [replace(sample, frame=3)])
    export_set(tmp_path / "set", tmp_path / "voc", "voc")
    name = sample.annotations.category[0]
    with pytest.raises(DataError, match=f"there is no category '{name}'"):
        VocReader().open(VocReaderParams(categories=("x",)), tmp_path / "voc")
