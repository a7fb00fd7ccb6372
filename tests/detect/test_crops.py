"""Crops: boxes stay on their objects, whatever is done to the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from simgen.detect._torch_crops import Crop, draw_crop, labels_in
from simgen.detect._torch_data import open_samples, read_data
from simgen.detect.job import Augment, View

from .conftest import PLAIN, Set, small_job

RED = np.array([220, 30, 30])


def red(image: torch.Tensor) -> np.ndarray:
    """Where the pixels are red; what lies beyond the image has a colour that is drawn."""
    pixels = image.permute(1, 2, 0).numpy().astype(int)
    return np.abs(pixels - RED).sum(axis=2) < 60


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_boxes_follow_the_pixels(painted: Set, zoom: float):
    job = small_job(
        painted(images=4),
        view=View(side=96, crop=64, scale=(0.8, 1.3), on_object=1.0),
        augment=replace(PLAIN, flip=True, quarter_turns=True),
        categories=("red",),
    )
    source = replace(next(iter(job.sources.values())), mapping={"blue": None}, zoom=zoom)
    job = replace(job, sources={"data": source})
    samples = open_samples(job, read_data(job), 1)
    checked = 0
    for number in range(60):
        sample = samples[number]
        assert sample.image.shape == (3, 64, 64)
        if len(sample.target["boxes"]) == 1 and not len(sample.target["ignore"]):
            shown = np.pad(red(sample.image), 3)
            x1, y1, x2, y2 = (sample.target["boxes"][0].round().astype(int) + 3).tolist()
            assert shown[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2].all()
            assert not shown[y1:y2, [x1 - 3, x2 + 2]].any()
            assert not shown[[y1 - 3, y2 + 2], x1:x2].any()
            checked += 1
    assert checked > 30


def test_chosen_objects_are_whole():
    view = View(side=640, crop=128, scale=(1.0, 1.0), stretch=0.0, on_object=1.0)
    rng = np.random.Generator(np.random.PCG64(1))
    for _ in range(200):
        low = rng.uniform(0, 560, 2)
        box = np.array([[*low, *(low + 70)]], np.float32)
        crop = draw_crop((640, 640), box, 1.0, view, rng)
        assert 0 <= crop.left <= 512
        assert 0 <= crop.top <= 512
        labels = labels_in(crop, box, np.zeros(1, np.int64), np.zeros(1, np.bool_), view)
        assert np.allclose(labels.boxes[0, 2:] - labels.boxes[0, :2], 70, atol=1e-3)


def test_cut_objects_are_learnt_ignored_or_background():
    view = View(crop=100, min_visible=0.5)
    boxes = np.array(
        [
            [10, 10, 30, 30],
            [90, 10, 110, 30],
            [96, 40, 116, 60],
            [99, 70, 119, 90],
            [10, 50, 12, 90],
        ],
        np.float32,
    )
    labels = labels_in(
        Crop(0, 0, 100, 100), boxes, np.arange(5), np.array([False] * 4 + [False]), view
    )
    assert labels.labels.tolist() == [0, 1]
    assert labels.boxes[1].tolist() == [90, 10, 100, 30]
    # A fifth is left of the third: ignored; a twentieth of the fourth: background; the last one
    # is too thin to be seen.
    assert labels.ignore.tolist() == [[96, 40, 100, 60], [10, 50, 12, 90]]
    hidden = labels_in(
        Crop(0, 0, 100, 100), boxes[:1], np.zeros(1, np.int64), np.array([True]), view
    )
    assert len(hidden.boxes) == 0
    assert len(hidden.ignore) == 1


def test_a_sample_depends_on_its_number_alone(painted: Set):
    job = small_job(painted(), augment=Augment(flip=True, channel_shuffle=0.5))
    data = read_data(job)
    forwards, backwards = (open_samples(job, data, 1) for _ in range(2))
    state = torch.get_rng_state()
    first = [forwards[n] for n in range(12)]
    assert torch.equal(torch.get_rng_state(), state)  # what is borrowed is given back
    torch.manual_seed(99)
    second = [backwards[n] for n in reversed(range(12))][::-1]
    for a, b in zip(first, second, strict=True):
        assert torch.equal(a.image, b.image)
        assert np.array_equal(a.target["boxes"], b.target["boxes"])
    assert not torch.equal(first[0].image, first[1].image)


def test_squares_are_drawn_before_cropping(painted: Set):
    job = small_job(painted(), view=View(side=96, crop=96, scale=(1.0, 1.0), stretch=0.0))
    source = replace(next(iter(job.sources.values())), square_boxes=1.5)
    sample = open_samples(
        replace(job, sources={"data": source}), read_data(replace(job, sources={"data": source})), 1
    )[0]
    sizes = sample.target["boxes"][:, 2:] - sample.target["boxes"][:, :2]
    assert float(sizes.max()) == pytest.approx(36.0, abs=0.01)  # 1.5 * 24
