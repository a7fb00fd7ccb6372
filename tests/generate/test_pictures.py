"""Which pictures are learnt from, how they are cut, and what wrong input says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from simgen.errors import DataError, SceneFileError
from simgen.generate._torch_pictures import Pictures, to_bytes, to_tensor
from simgen.generate.config import load_generator
from simgen.generate.job import Item, View
from simgen.generate.pictures import list_pictures

CONFIG = """\
generate: 1
kind: vae
network: {{hidden: [16], latent: 2}}
pictures: {{path: {path}}}
view: {{side: 16}}
schedule: {{steps: 2}}
"""


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A COCO file: one 60 x 40 picture, a red square of 20 at (5, 10), a tiny blue one."""
    picture = np.full((40, 60, 3), 90, np.uint8)
    picture[10:30, 5:25] = (200, 20, 20)
    (tmp_path / "images").mkdir()
    Image.fromarray(picture).save(tmp_path / "images" / "a.png")
    rows = [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 10, 20, 20], "area": 400},
        {"id": 2, "image_id": 1, "category_id": 2, "bbox": [50, 5, 4, 4], "area": 16},
    ]
    data = {
        "images": [{"id": 1, "file_name": "a.png", "width": 60, "height": 40}],
        "categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "blue"}],
        "annotations": [{**row, "iscrowd": 0} for row in rows],
    }
    (tmp_path / "labels.json").write_text(json.dumps(data))
    return tmp_path / "labels.json"


def test_sub_folders_are_categories(blobs: Path):
    listing = list_pictures(blobs, None, crops=False)
    assert listing.categories == ("bar", "disc")
    everything = {*listing.items, *listing.held_out}
    assert len(everything) == 18
    again = list_pictures(blobs, None, crops=False, wanted=("disc",), held_out=0.0)
    assert again.categories == ("disc",)
    assert len(again.items) == 12


def test_batches_made_ahead_are_the_same(blobs: Path):
    listing = list_pictures(blobs, None, crops=False)
    pictures = Pictures(listing.root, listing.items, View(side=16, flip=True))
    wanted = [pictures.batch(3, step, 5) for step in range(4, 12)]
    for workers in (0, 3):
        stream = pictures.batches(3, 4, 5, workers)
        for images, labels in wanted:
            ours, theirs = next(stream)
            assert torch.equal(images, ours)
            assert torch.equal(labels, theirs)
        stream.close()


def test_boxes_become_square_crops_with_a_margin(labelled: Path):
    listing = list_pictures(labelled, None, crops=True, margin=0.1, held_out=0.0)
    assert listing.items == (Item("a.png", 0, (3.0, 8.0, 24.0, 24.0)),)  # blue is too small
    pictures = Pictures(listing.root, listing.items, View(side=24))
    crop = pictures.plain(0)
    assert crop.shape == (24, 24, 3)
    assert crop[12, 12].tolist() == [200, 20, 20]
    assert crop[0, 0].tolist() == [90, 90, 90]


def test_boxes_over_the_edge_repeat_it(tmp_path: Path):
    Image.new("RGB", (20, 20), (10, 20, 30)).save(tmp_path / "a.png")
    item = Item("a.png", 0, (-10.0, -10.0, 40.0, 40.0))
    crop = Pictures(tmp_path, [item], View(side=40)).plain(0)
    assert (crop == (10, 20, 30)).all()


def test_whole_pictures_of_a_labelled_set_need_no_boxes(labelled: Path):
    listing = list_pictures(labelled, None, crops=False, held_out=0.0)
    assert listing.items == (Item("a.png"),)


def test_batches_repeat_and_draw_categories_alike(blobs: Path):
    listing = list_pictures(blobs, None, crops=False, held_out=0.0)
    pictures = Pictures(listing.root, listing.items, View(side=16, flip=True))
    a, labels = pictures.batch(1, 7, 200)
    b, _ = pictures.batch(1, 7, 200)
    assert bool((a == b).all())
    assert 70 < int(labels.sum()) < 130  # 12 discs and 6 bars
    assert float(a.min()) >= -1
    assert float(a.max()) <= 1


def test_windows_show_what_is_there_at_its_scale(tmp_path: Path):
    ramp = np.tile(np.arange(200, dtype=np.uint8)[None, :, None], (100, 1, 3))
    Image.fromarray(ramp).save(tmp_path / "a.png")
    view = View(side=32, windows=True, scale=(0.5, 0.5))
    pictures = Pictures(tmp_path, [Item("a.png")], view)
    batch, _ = pictures.batch(0, 0, 8)
    rows = to_bytes(batch)[:, 16, :, 0].astype(int)
    # 64 pixels of the ramp on 32: two grey levels a pixel.
    assert np.abs(np.diff(rows, axis=1) - 2).max() <= 1
    assert len({int(row[0]) for row in rows}) > 1


def test_bytes_travel_to_tensors_and_back():
    pictures = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, axis=3)
    assert np.array_equal(to_bytes(to_tensor(pictures)), pictures)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("steps: 2", "batch: 2"), "the training has no end"),
        (("kind: vae", "kind: vea"), "kind"),
        (("hidden: [16]", "hiden: [16]"), "hiden"),
        (("{path}", "/nowhere"), "there is no such folder"),
        (("kind: vae", "kind: gan"), "latent"),
    ],
)
def test_mistakes_in_a_config_are_told(change, message, blobs: Path, tmp_path: Path):
    text = CONFIG.replace(*change)
    if message == "latent":
        text = text.replace("hidden: [16], latent: 2", "latent: 0")
    (tmp_path / "g.yaml").write_text(text.format(path=blobs))
    with pytest.raises(SceneFileError, match=message):
        load_generator(tmp_path / "g.yaml")


def test_a_side_that_the_network_cannot_halve_is_told(blobs: Path, tmp_path: Path):
    text = CONFIG.replace("kind: vae", "kind: diffusion").replace("side: 16", "side: 18")
    text = text.replace("{{hidden: [16], latent: 2}}", "{{channels: [8, 8, 8]}}")
    (tmp_path / "g.yaml").write_text(text.format(path=blobs))
    with pytest.raises(SceneFileError, match="multiple of 4"):
        load_generator(tmp_path / "g.yaml")


def test_crops_without_labels_are_told(blobs: Path):
    with pytest.raises(DataError, match="crops need labels"):
        list_pictures(blobs, None, crops=True)


def test_missing_and_unreadable_pictures_are_told(tmp_path: Path):
    with pytest.raises(DataError, match="missing"):
        Pictures(tmp_path, [Item("gone.png")], View())
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="not a readable picture"):
        Pictures(tmp_path, [Item("bad.png")], View()).plain(0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no pictures"):
        list_pictures(tmp_path / "empty", None, crops=False)
