"""`coco` reads what pycocotools reads, keeps photographs as they are, and names every fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from simgen.dataset.readers.coco import Coco, CocoParams
from simgen.errors import DataError
from simgen.records.masks import decode

WIDTH, HEIGHT = 40, 30
BOX = {"id": 1, "image_id": 5, "category_id": 3, "bbox": [1.5, 2, 10, 4]}
Edit = Callable[[dict[str, Any]], object]


def coco(tmp_path: Path, edit: Edit | None = None) -> Path:
    """A set of two photographs; names have spaces and letters beyond ASCII."""
    folder = tmp_path / "images" / "küche 1"
    folder.mkdir(parents=True)
    pixels = np.arange(HEIGHT * WIDTH * 3, dtype=np.uint8).reshape(HEIGHT, WIDTH, 3)
    Image.fromarray(pixels).save(folder / "a b.jpg", quality=90)
    Image.fromarray(pixels[..., 0]).save(folder / "b.png")
    names = ("küche 1/a b.jpg", "küche 1/b.png")
    data: dict[str, Any] = {
        "images": [
            {"id": i, "file_name": name, "width": WIDTH, "height": HEIGHT, "license": 2}
            for i, name in zip((9, 5), names, strict=True)
        ],
        "categories": [{"id": 7, "name": "can", "supercategory": "food"}, {"id": 3, "name": "mug"}],
        "annotations": [dict(BOX)],
        "licenses": [{"id": 2, "name": "CC-BY-4.0"}],
    }
    if edit is not None:
        edit(data)
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(data))
    return path


def test_photographs_become_samples(tmp_path: Path) -> None:
    path = coco(
        tmp_path, lambda d: d["annotations"].append({"id": 2, "image_id": 9, "caption": "Zwei"})
    )
    session = Coco().open(CocoParams(), path)
    assert list(session.numbers) == [4, 8]  # image ids are kept: N + 1
    assert [(c.id, c.name, c.supercategory) for c in session.facts.categories] == [
        (3, "mug", ""), (7, "can", "food")
    ]  # fmt: skip
    first, second = (session.read(n) for n in session.numbers)
    assert first.annotations.box_xywh_px == ((1.5, 2, 10, 4),)
    assert (first.annotations.area_px, first.annotations.mask) == ((40,), (None,))
    assert (first.world, first.licences, first.captions) == (4, ("CC-BY-4.0",), ())
    assert second.captions == ("Zwei",)
    assert second.provenance[0].sources[0].file == "küche 1/a b.jpg"
    assert second.files["rgb"].path.name == "a b.jpg"
    assert (first.rgb == first.rgb[..., :1]).all()


def test_masks_are_those_of_pycocotools(tmp_path: Path) -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    noise = rng.random((HEIGHT, WIDTH)) < 0.5
    runs: list[int] = [0]
    for value, pixel in zip([False, *noise.T.ravel()], noise.T.ravel(), strict=False):
        runs.append(1) if value != pixel else runs.__setitem__(-1, runs[-1] + 1)
    shapes: list[Any] = [
        [[2, 2, 20.5, 3, 18, 20], [25, 25, 39, 25, 39, 29.5]],
        {"size": [HEIGHT, WIDTH], "counts": runs},
    ]

    def edit(data: dict[str, Any]) -> None:
        data["annotations"] = [
            BOX | {"id": i, "segmentation": s, "iscrowd": int(isinstance(s, dict)), "hue": 3}
            for i, s in enumerate(shapes, start=1)
        ]

    path = coco(tmp_path, edit)
    labels = Coco().open(CocoParams(), path).read(4).annotations
    truth = COCO(str(path))
    for i, row in enumerate(truth.loadAnns([1, 2])):
        mask = labels.mask[i]
        assert mask is not None
        assert (decode(mask) == truth.annToMask(row).astype(bool)).all()
        assert labels.area_px[i] == truth.annToMask(row).sum()
    assert labels.crowd == (False, True)
    assert labels.facts[0] == {"source": {"hue": 3}}


def test_groups_follow_folders_or_keys(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["images"][0]["video"], data["images"][1]["video"] = "x", "y"

    path = coco(tmp_path, edit)
    for key, expected in (("folder", [0, 0]), ("video", [0, 1]), ("image", [4, 8])):
        session = Coco().open(CocoParams(group_by=key), path)
        assert [session.read(n).world for n in session.numbers] == expected
    with pytest.raises(DataError, match="no 'shot' to group by"):
        Coco().open(CocoParams(group_by="shot"), path)


def test_ids_that_are_no_numbers_are_numbered(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["images"][1]["id"] = data["annotations"][0]["image_id"] = "b"

    session = Coco().open(CocoParams(), coco(tmp_path, edit))
    assert list(session.numbers) == [0, 1]
    assert session.read(1).facts == {"source_id": "b"}
    assert len(session.read(1).annotations) == 1


def change(table: str, position: int, **values: Any) -> Edit:
    return lambda data: data[table][position].update(values)


FAULTS: dict[str, tuple[Edit, str]] = {
    "double image": (change("images", 0, id=5), "2 images have the id 5"),
    "double category": (change("categories", 0, id=3), "2 categories have the id '3'"),
    "double name": (change("categories", 0, name="mug"), "2 categories have the name 'mug'"),
    "double label": (lambda d: d["annotations"].append(BOX), "2 annotations have the id 1"),
    "no such image": (change("annotations", 0, image_id=6), "no image 6"),
    "no such category": (change("annotations", 0, category_id=6), "no category 6"),
    "outside": (change("images", 0, file_name="../x.png"), "leads out"),
    "absolute": (change("images", 0, file_name="/etc/passwd"), "leads out"),
    "drive": (change("images", 0, file_name="C:\\x.png"), "leads out"),
    "no name": (change("images", 0, file_name=""), "no `file_name`"),
    "no size": (change("images", 0, width=-4), "width and height are"),
    "missing": (change("images", 0, file_name="c.png"), "1 of 2 pictures are missing: c.png"),
    "no images": (lambda d: d["images"].clear(), "no images"),
    "no table": (lambda d: d.pop("categories"), "not COCO labels"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_the_file_are_found_first(tmp_path: Path, name: str) -> None:
    edit, expected = FAULTS[name]
    with pytest.raises(DataError, match=expected):
        Coco().open(CocoParams(), coco(tmp_path, edit))


ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "nan": ({"bbox": [0, 0, "x", 2]}, "expected `bbox`"),
    "negative": ({"bbox": [0, 0, -1, 2]}, "expected `bbox`"),
    "no box": ({"bbox": None}, "expected `bbox`"),
    "area": ({"area": "big"}, "expected `area`"),
    "line": ({"segmentation": [[1, 2, 3, 4]]}, "three points"),
    "text": ({"segmentation": [["a"] * 6]}, "neither polygons nor RLE"),
    "size": ({"segmentation": {"size": [3, 3], "counts": [9]}}, "the mask has size"),
    "counts": ({"segmentation": {"size": [30, 40], "counts": "zzz"}}, "neither polygons nor RLE"),
    "ours": ({"simgen": {"visibility": "much"}}, "not of simgen"),
}


@pytest.mark.parametrize("name", ROWS)
def test_faults_of_a_label_name_it(tmp_path: Path, name: str) -> None:
    values, expected = ROWS[name]
    session = Coco().open(CocoParams(), coco(tmp_path, change("annotations", 0, **values)))
    with pytest.raises(DataError, match=rf"image 5 annotation 1(.|\n)*{expected}"):
        session.read(4)


def test_pictures_are_checked(tmp_path: Path) -> None:
    path = coco(tmp_path)
    folder = tmp_path / "images" / "küche 1"
    session = Coco().open(CocoParams(), path)
    photo = folder / "a b.jpg"
    photo.write_bytes(photo.read_bytes()[:-200])
    with pytest.raises(DataError, match="truncated"):
        session.read(8)
    Image.new("RGB", (HEIGHT, WIDTH)).save(folder / "b.png")
    with pytest.raises(DataError, match="has 30 x 40 pixels, its labels say 40 x 30"):
        session.read(4)
    Image.fromarray(np.zeros((HEIGHT, WIDTH), np.uint16)).save(folder / "b.png")
    with pytest.raises(DataError, match="more than 8 bits"):
        session.read(4)
    photo.write_text("no picture")
    with pytest.raises(DataError, match="cannot be read as a picture"):
        session.read(8)


def test_a_turned_photograph_is_stored_as_its_labels_see_it(tmp_path: Path) -> None:
    path = coco(tmp_path)
    lying = Image.fromarray(np.zeros((WIDTH, HEIGHT, 3), np.uint8))
    exif = lying.getexif()
    exif[0x0112] = 6
    lying.save(tmp_path / "images" / "küche 1" / "a b.jpg", exif=exif)
    sample = Coco().open(CocoParams(), path).read(8)
    assert sample.size == (WIDTH, HEIGHT)
    assert "rgb" not in sample.files
