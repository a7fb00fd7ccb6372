"""Reading sets, matching categories, label styles, shares."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.detect._torch_data import read_data
from simgen.detect._torch_images import ImageCache, decode
from simgen.detect.categories import relabel
from simgen.detect.coco import locate, read_coco
from simgen.detect.job import Source, TrainJob
from simgen.detect.label_style import squared
from simgen.detect.sampler import MixedSampler, MixedSource, repeat_factors
from simgen.errors import DataError, SceneFileError

from .conftest import Set, small_job


def two_sources(job: TrainJob, second: Path, **settings: object) -> TrainJob:
    extra = Source(str(second), str(second.parent / "images"), **settings)  # type: ignore[arg-type]
    return replace(job, sources={**job.sources, "real": extra})


def edit(file: Path, change: object) -> None:
    data = json.loads(file.read_text())
    change(data)  # type: ignore[operator]
    file.write_text(json.dumps(data))


def test_a_simgen_dataset_is_read_as_it_was_labelled(rendered: Path):
    labelled = read_coco(*locate(rendered))
    rows = json.loads((rendered / "annotations" / "instances.json").read_text())
    assert labelled.names == ("red", "blue")
    assert sum(len(image.boxes) for image in labelled.images) == len(rows["annotations"])
    first = rows["annotations"][0]
    x, y, w, h = first["bbox"]
    assert np.allclose(labelled.images[0].boxes[0], [x, y, x + w, y + h])


def test_hidden_objects_and_crowds_are_ignored(painted: Set):
    file = painted()

    def change(data: dict) -> None:
        data["annotations"][0]["simgen"] = {"visibility": 0.05}
        data["annotations"][1]["iscrowd"] = 1

    edit(file, change)
    images = read_coco(*locate(file), min_visibility=0.1).images
    assert images[0].ignored.tolist() == [True, True]
    assert images[1].ignored.tolist() == [False, False]


def test_missing_images_are_listed(painted: Set):
    file = painted()
    (file.parent / "images" / "1.png").unlink()
    with pytest.raises(DataError) as caught:
        read_data(small_job(file))
    fault = caught.value.faults[0]
    assert "1 of 3 images are missing" in fault.what
    assert "1.png" in fault.what


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(images=[], annotations=[]), "no images"),
        (lambda d: d.update(annotations=[]), "none of the 3 images shows an object"),
        (lambda d: d.pop("categories"), "cannot be read as COCO"),
        (lambda d: d["images"][0].update(file_name="../x.png"), "leads out"),
        (lambda d: d["annotations"][0].update(category_id=9), "cannot be read as COCO"),
    ],
)
def test_sets_that_cannot_be_used_are_refused(painted: Set, change: object, message: str):
    file = painted()
    edit(file, change)
    with pytest.raises(DataError, match=message):
        read_data(small_job(file))


def test_other_categories_offer_a_mapping(painted: Set):
    first, second = painted("first"), painted("second", categories=("Red", "azure"))
    job = two_sources(small_job(first), second)
    with pytest.raises(DataError) as caught:
        read_data(job)
    assert "mapping: {Red: red, azure: null}" in caught.value.faults[0].cure
    mapped = read_data(two_sources(small_job(first), second, mapping={"Red": "red", "azure": None}))
    assert [name for _, name in mapped.categories] == ["red", "blue"]
    labels = np.concatenate([image.labels for image in mapped.sources[1].images])
    assert labels.tolist() == [0, 0, 0]  # azure ones are left out
    wrong = two_sources(small_job(first), second, mapping={"rde": "red"})
    with pytest.raises(DataError, match="'rde' is no category"):
        read_data(wrong)


def test_categories_match_by_name_whatever_their_order_and_ids(painted: Set):
    file = painted(categories=("blue", "red"))  # red squares are called blue here
    images = relabel(read_coco(*locate(file)), ("red", "blue"), {}, "set")
    assert images[0].labels.tolist() == [1, 0]
    with pytest.raises(SceneFileError, match="without a counterpart: red"):
        relabel(read_coco(*locate(file)), ("blue",), {}, "set")


def test_a_limit_takes_the_same_images_and_more(painted: Set):
    file = painted(images=12)

    def chosen(limit: int, **others: Source) -> set[int]:
        source = replace(small_job(file).sources["data"], limit=limit)
        data = read_data(replace(small_job(file), sources={**others, "data": source}))
        return {image.id for image in data.sources[-1].images}

    assert len(chosen(3)) == 3
    assert chosen(3) < chosen(8)
    assert len(chosen(0)) == 12
    assert chosen(3, more=small_job(file).sources["data"]) == chosen(3)


def test_square_boxes_are_centred_squares():
    boxes = np.array([[10, 20, 30, 30]], np.float32)
    assert squared(boxes, 1.5).tolist() == [[5, 10, 35, 40]]
    assert squared(boxes, 0) is boxes
    assert squared(np.zeros((0, 4), np.float32), 1.15).shape == (0, 4)


def test_photographs_are_turned_upright_where_the_labels_say_so(tmp_path: Path):
    picture = Image.new("RGB", (30, 20), "red")
    tags = picture.getexif()
    tags[0x0112] = 6  # shown turned by 90 degrees
    picture.save(tmp_path / "p.jpg", exif=tags)
    assert decode(tmp_path / "p.jpg").shape == (3, 30, 20)
    assert decode(tmp_path / "p.jpg", (20, 30)).shape == (3, 30, 20)
    assert decode(tmp_path / "p.jpg", (30, 20)).shape == (3, 20, 30)
    with pytest.raises(DataError, match="its labels say 40 x 20"):
        decode(tmp_path / "p.jpg", (40, 20))


def test_the_cache_shrinks_and_stays_within_its_bound(painted: Set):
    images = read_coco(*locate(painted(size=(1024, 512)))).images
    everything = ImageCache(images, 512, 64, 2)
    assert len(everything) == 3
    assert everything(0).shape == (3, 256, 512)
    one = ImageCache(images, 1024, 2, 1)  # 1.5 MiB each
    assert len(one) == 1
    assert (one(2) == ImageCache(images, 1024, 64, 1)(2)).all()


def test_sources_keep_their_shares_and_every_image_has_its_turn():
    ones = [MixedSource(3.0, np.ones(7)), MixedSource(1.0, np.ones(5))]
    sampler = MixedSampler(ones, seed=4)
    drawn = [sampler(n) for n in range(2000)]
    first = [item for source, item in drawn if source == 0]
    assert abs(len(first) - 1500) <= 2
    assert all(abs(sum(s == 0 for s, _ in drawn[i : i + 16]) - 12) <= 2 for i in range(0, 1984, 16))
    assert all(sorted(first[i : i + 7]) == list(range(7)) for i in range(0, 1400, 7))
    again = MixedSampler(ones, seed=4)
    assert [again(n) for n in (1999, 3, 20_000, 500)] == [
        drawn[1999], drawn[3], sampler(20_000), drawn[500]
    ]  # fmt: skip
    assert [MixedSampler(ones, seed=5)(n) for n in range(50)] != drawn[:50]


def test_rare_categories_come_more_often(painted: Set):
    images = relabel(read_coco(*locate(painted(images=16))), ("red", "blue"), {}, "set")
    only_red = [replace(i, boxes=i.boxes[:1], labels=i.labels[:1], ignored=i.ignored[:1])
                for i in images[:15]]  # fmt: skip
    factors = repeat_factors([*only_red, images[15]], 2, 0.25)
    assert factors[:15].tolist() == [1.0] * 15
    assert factors[15] == pytest.approx(2.0)  # sqrt(0.25 / (1 / 16))
    assert repeat_factors(images, 2, 0.0).tolist() == [1.0] * 16
    drawn = [MixedSampler([MixedSource(1.0, factors)], 0)(n)[1] for n in range(17)]
    assert drawn.count(15) == 2
