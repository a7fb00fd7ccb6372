"""Crops that the device makes are those that the CPU makes, but for filters and noise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from simgen.detect._torch_batch import VALUES, Planned, batches
from simgen.detect._torch_crop_feed import DeviceFeed, HostFeed, open_feed
from simgen.detect._torch_data import open_samples, read_data
from simgen.detect._torch_jpeg import compressed
from simgen.detect._torch_samples import Samples
from simgen.detect._torch_training import train
from simgen.detect.colours import Colours, recolour
from simgen.detect.job import Augment, TrainJob, View
from simgen.learn.schedule import Machine, Schedule

from .conftest import PLAIN, Set, small_job

CPU = torch.device("cpu")


def opened(job: TrainJob) -> tuple[Samples, DeviceFeed]:
    samples = open_samples(job, read_data(job), 1)
    feed = open_feed(samples, CPU, Machine(crops="device"))
    assert feed.planned
    assert isinstance(feed, DeviceFeed)
    return samples, feed


def photo(side: int = 64) -> np.ndarray:
    """uint8[side, side, 3] with edges and slopes."""
    y, x = np.mgrid[:side, :side] / side
    waves = np.stack([np.sin(9 * x + 3 * y), np.cos(7 * y), np.sin(11 * x * y)], axis=2)
    pixels = np.uint8(127 + 120 * waves)
    pixels[20:40, 12:50] = (200, 40, 30)
    return pixels


@pytest.mark.parametrize("scale", [(0.5, 0.5), (1.0, 1.0), (1.9, 1.9)])
def test_the_same_windows_turned_alike(rendered: Path, scale: tuple[float, float]):
    from simgen.detect.default_job import default_job

    view = View(side=160, crop=96, scale=scale, stretch=0.2, on_object=0.5)
    turning = replace(PLAIN, flip=True, quarter_turns=True)
    samples, feed = opened(replace(default_job(rendered), view=view, augment=turning))
    plans = [samples.plan(number) for number in range(24)]
    made = feed.pixels(feed.numbers(Planned(samples)(plans))).permute(0, 2, 3, 1).numpy() * 255
    for number, plan in enumerate(plans):
        sample = samples[number]
        assert np.array_equal(sample.target["boxes"], plan.target["boxes"])
        wanted = sample.image.permute(1, 2, 0).numpy().astype(float)
        # The CPU rounds windows to whole pixels, so edges may lie half a pixel apart.
        assert np.abs(made[number] - wanted).mean() < 4.0
        centre = np.s_[8:-8, 8:-8]
        blurred = [
            cv2.GaussianBlur(np.float32(p), (0, 0), 2.0)[centre] for p in (made[number], wanted)
        ]
        assert np.abs(blurred[0] - blurred[1]).max() < 25


@pytest.mark.parametrize("scale", [0.3, 0.45, 0.7, 1.0])
def test_small_crops_of_fine_texture_do_not_alias(painted: Set, scale: float):
    """White noise shrunk without a filter keeps its strength; filtered, it loses most of it."""
    labels = painted(images=2, size=(512, 512))
    rng = np.random.default_rng(5)
    for path in (labels.parent / "images").iterdir():
        cv2.imwrite(str(path), rng.integers(0, 256, (512, 512, 3), np.uint8))
    view = View(side=512, crop=32, scale=(scale, scale), stretch=0.0, on_object=1.0)
    samples, feed = opened(small_job(labels, view=view, augment=PLAIN))
    plans = [samples.plan(number) for number in range(16)]
    made = feed.pixels(feed.numbers(Planned(samples)(plans))).numpy() * 255
    wanted = np.stack([samples[number].image.numpy() for number in range(16)])
    # Bilinear between pixels takes a third of what is left; without a filter 0.3 gives 2.3 times.
    assert 0.5 < made.std() / wanted.std() < 1.1


@pytest.mark.parametrize(
    "colours",
    [
        Colours(np.eye(3) * 0.8, 0.25, 0.0, 0.0, 0, 0),
        Colours(np.eye(3)[[2, 0, 1]], 0.0, 0.0, 0.0, 0, 0),
        Colours(np.eye(3), 0.0, 1.2, 0.0, 0, 0),
        Colours(np.eye(3), 0.0, 0.0, 0.0, 0, 45),
        Colours(np.eye(3), 0.0, 0.0, 0.0, 0, 90),
    ],
    ids=["contrast", "swapped", "blur", "jpeg45", "jpeg90"],
)
def test_colours_change_as_on_the_cpu(painted: Set, colours: Colours):
    samples, feed = opened(small_job(painted(images=1), view=View(side=96, crop=64)))
    sent = feed.numbers(Planned(samples)([replace(samples.plan(0), colours=colours)]))
    pixels = photo()
    feed._cut = lambda *_: torch.from_numpy(pixels).permute(2, 0, 1)[None].float()  # type: ignore[method-assign]
    made = feed.pixels(sent)[0].permute(1, 2, 0).numpy() * 255
    difference = np.abs(made - recolour(pixels, colours))
    assert difference.mean() < (2.5 if colours.jpeg else 0.6)
    assert np.abs(np.mean(made - recolour(pixels, colours))) < 0.5
    if colours.jpeg:  # closer to what JPEG made of it than to what it was
        assert (
            difference.mean() < 0.6 * np.abs(pixels - np.float32(recolour(pixels, colours))).mean()
        )


def test_noise_has_its_strength(painted: Set):
    samples, feed = opened(small_job(painted(images=1), view=View(side=96, crop=64)))
    noisy = Colours(np.eye(3), 0.0, 0.0, 0.06, 1, 0)
    sent = feed.numbers(Planned(samples)([replace(samples.plan(0), colours=noisy)] * 4))
    feed._cut = lambda *_: torch.full((4, 3, 64, 64), 128.0)  # type: ignore[method-assign]
    made = feed.pixels(sent) * 255
    assert made.std() == pytest.approx(0.06 * 255, rel=0.05)
    assert not torch.equal(made[0], made[1])


def test_compression_leaves_alone_what_is_not_compressed():
    images = torch.rand(2, 3, 40, 24) * 255  # sides that are no multiples of 16
    out = compressed(images, torch.tensor([0.0, 30.0]))
    assert torch.equal(out[0], images[0])
    assert (out[1] - images[1]).abs().mean() > 5


def test_training_on_device_crops_learns_and_repeats(painted: Set, tmp_path: Path):
    job = small_job(
        painted(images=4),
        view=View(side=96, crop=64),
        augment=Augment(),
        schedule=Schedule(steps=40, batch=4),
        machine=Machine(device="cpu", threads=1, workers=0, crops="device", log_every=1),
    )
    train(job, tmp_path / "one")
    train(job, tmp_path / "two")
    curves = [(tmp_path / name / "curve.jsonl").read_text().splitlines() for name in ("one", "two")]
    losses = [[json.loads(line)["loss"] for line in curve] for curve in curves]
    assert losses[0] == losses[1]
    assert np.mean(losses[0][-8:]) < 0.8 * np.mean(losses[0][:8])


def test_a_cache_that_is_not_complete_stays_on_the_cpu(painted: Set):
    job = small_job(painted(images=4), view=View(side=96, crop=64))
    job = replace(job, machine=replace(job.machine, cache_mib=0))
    samples = open_samples(job, read_data(job), 1)
    feed = open_feed(samples, CPU, Machine(crops="device"))
    assert not feed.planned
    assert isinstance(feed, HostFeed)
    batch = next(batches(samples, 0, 3, 0, 1, 0, plans=False))
    assert feed.numbers(batch)["images"].shape == (3, 3, 64, 64)


def test_worker_processes_plan_the_same_batches(painted: Set):
    samples, _ = opened(small_job(painted(images=4), view=View(side=96, crop=64)))
    here, there = (batches(samples, 5, 3, 0, 1, workers, plans=True) for workers in (0, 2))
    for _ in range(3):
        one, two = next(here), next(there)
        assert one.values.shape == (3, sum(VALUES.values()))
        assert np.array_equal(one.values, two.values)
        assert np.array_equal(one.places, two.places)
        assert one.names == two.names
    assert len(one[1:]) == 2
