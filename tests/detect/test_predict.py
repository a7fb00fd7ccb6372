"""Inference: scales, tiles and categories, with networks whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from simgen.detect._torch_predict import Search, predict
from simgen.detect._torch_tiles import Found, merge, starts
from simgen.detect._torch_training import train
from simgen.detect.job import Inference
from simgen.detect.listing import list_images, write_results
from simgen.errors import DataError, SceneFileError

from .conftest import Set, small_job


class RedFinder(nn.Module):
    """Finds separate red squares exactly: label 1 if tall, 2 otherwise."""

    def forward(self, images: torch.Tensor) -> list[dict[str, torch.Tensor]]:
        from scipy.ndimage import find_objects, label

        out = []
        for image in images:
            red = ((image[0] > 0.8) & (image[1] < 0.2)).numpy()
            slices = find_objects(label(red)[0])
            boxes = [[s[1].start, s[0].start, s[1].stop, s[0].stop] for s in slices]
            found = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
            sides = found[:, 2:] - found[:, :2]
            labels = torch.where(sides[:, 1] > sides[:, 0], 1, 2)
            # Larger means surer, except that cut pieces are the surest of all.
            out.append({"boxes": found, "scores": 0.9 - sides.prod(1) / 1e5, "labels": labels})
        return out


def search(path: Path, **settings: object) -> Found:
    options = Inference(**{"side": 400, "min_score": 0.0, **settings})  # type: ignore[arg-type]
    finder = Search(RedFinder().eval(), torch.device("cpu"), options, torch.inference_mode)
    return next(iter(finder([(path, None)])))


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """400x300 with red squares, some of which every tiling cuts."""
    pixels = np.full((300, 400, 3), 90, np.uint8)
    for x in (5, 55, 110, 170, 230, 290, 350):
        for y in (8, 70, 140, 210, 262):
            pixels[y : y + 30, x : x + 24] = (255, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.mark.parametrize("tile", [96, 128, 160, 320])
def test_tiles_find_what_the_whole_image_shows(photograph: Path, tile: int):
    whole = search(photograph)
    tiled = search(photograph, tile=tile, overlap=0.35, batch=3)
    assert len(whole.boxes) == 35
    order = [sorted(f.boxes.tolist()) for f in (whole, tiled)]
    assert order[0] == order[1]
    assert sorted(tiled.labels.tolist()) == sorted(whole.labels.tolist())


def test_objects_larger_than_the_overlap_are_kept():
    left = Found(torch.tensor([[10.0, 10, 100, 40]]), torch.tensor([0.8]), torch.tensor([1]))
    right = Found(torch.tensor([[0.0, 10, 90, 40]]), torch.tensor([0.7]), torch.tensor([1]))
    found = merge([(0, 0, left), (80, 0, right)], 100, (180, 60), 0.6)
    assert len(found.boxes) == 2  # neither tile shows the whole


def test_tiles_cover_everything_and_overlap():
    for length, tile, overlap in (
        (100, 128, 0.2),
        (1000, 256, 0.25),
        (257, 256, 0.0),
        (640, 320, 0.5),
    ):
        first = starts(length, tile, overlap)
        assert first[0] == 0
        assert first[-1] == max(0, length - tile)
        gaps = np.diff(first)
        assert (gaps <= np.ceil(tile * (1 - overlap))).all()


def test_boxes_come_back_in_pixels_of_the_photograph(photograph: Path):
    half = search(photograph, side=200)
    double = search(photograph, side=800)
    for found in (half, double):
        assert np.allclose(sorted(found.boxes.tolist())[0], [5, 8, 29, 38], atol=2)


def test_batches_change_nothing(painted: Set, tmp_path: Path):
    file = painted(images=5)
    train(small_job(file, steps=6), tmp_path / "detector")
    listing = list_images(file, None, {"red": 1, "blue": 2}, {})
    rows = [
        predict(tmp_path / "detector", listing, Inference(batch=b, device="cpu", min_score=0.0))
        for b in (1, 5)
    ]
    assert [r["image_id"] for r in rows[0]] == [r["image_id"] for r in rows[1]]
    assert np.allclose([r["score"] for r in rows[0]], [r["score"] for r in rows[1]], atol=2e-5)
    assert np.allclose([r["bbox"] for r in rows[0]], [r["bbox"] for r in rows[1]], atol=0.02)


def test_results_carry_the_ids_of_the_file_that_was_searched(painted: Set):
    file = painted(categories=("Blue", "red"))
    with pytest.raises(SceneFileError, match="without a counterpart: Blue") as caught:
        list_images(file, None, {"red": 1, "blue": 2}, {})
    assert "`--map Blue=blue`" in caught.value.faults[0].cure
    listing = list_images(file, None, {"red": 1, "blue": 2}, {"Blue": "blue"})
    assert listing.category_ids == (2, 1)
    some = list_images(file, None, {"red": 1, "green": 2, "blue": 3}, {"Blue": "blue"})
    assert some.category_ids == (2, None, 1)


def test_a_folder_of_pictures_gets_its_own_index(painted: Set, tmp_path: Path):
    folder = painted().parent / "images"
    listing = list_images(folder, None, {"red": 4, "blue": 9}, {})
    assert listing.category_ids == (4, 9)
    write_results([], listing, tmp_path / "found.json")
    index = json.loads((tmp_path / "found.images.json").read_text())
    assert [row["file_name"] for row in index["images"]] == ["0.png", "1.png", "2.png"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no image"):
        list_images(tmp_path / "empty", None, {}, {})


def test_a_folder_without_detector_says_so(tmp_path: Path, painted: Set):
    listing = list_images(painted(), None, {"red": 1, "blue": 2}, {})
    with pytest.raises(DataError, match=r"no card\.json"):
        predict(tmp_path, listing, Inference())
