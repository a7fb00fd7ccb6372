"""Samples by number: which image, which crop, which colours; nothing depends on the order."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from simgen.detect._torch_crops import cut, draw_crop, labels_in, turn
from simgen.detect._torch_images import ImageCache
from simgen.detect.coco import LabelledImage
from simgen.detect.job import Augment, View
from simgen.detect.label_style import squared
from simgen.detect.sampler import MixedSampler

_NOISE = (0.01, 0.03, 0.06)  # standard deviations, of full scale


@dataclass(frozen=True)
class Sample:
    """One training crop.

    Args:
        image: uint8[3, S, S].
        target: boxes, labels (from 1, as torchvision counts) and boxes to ignore.
        name: file that it was cut from, for messages.
    """

    image: Tensor
    target: dict[str, Tensor]
    name: str


@dataclass(frozen=True)
class LoadedSource:
    """Images of one source with labels of the detector, and how its boxes are drawn."""

    images: Sequence[LabelledImage]
    square_boxes: float = 0.0
    zoom: float = 1.0


class Samples(Dataset[Sample]):
    """All samples of a training; number n is the same whenever and wherever it is made."""

    def __init__(
        self,
        sources: Sequence[LoadedSource],
        sampler: MixedSampler,
        cache: ImageCache,
        view: View,
        augment: Augment,
        seed: int,
    ) -> None:
        self._sources, self._sampler, self._cache = sources, sampler, cache
        self._view, self._augment, self._seed = view, augment, seed
        self._first = np.cumsum([0, *(len(source.images) for source in sources)])
        self._colours = photometric(augment)

    def __getitem__(self, number: int) -> Sample:
        with one_thread():
            return self._sample(number)

    def _sample(self, number: int) -> Sample:
        source, item = self._sampler(number)
        image = self._sources[source].images[item]
        pixels = self._cache(int(self._first[source]) + item)
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((self._seed, number, 1))))
        boxes = squared(image.boxes, self._sources[source].square_boxes)
        kept = np.array([pixels.shape[2] / image.width, pixels.shape[1] / image.height] * 2)
        boxes = (boxes * kept).astype(np.float32)
        size = (pixels.shape[2], pixels.shape[1])
        magnified = self._view.side / max(size) * self._sources[source].zoom
        crop = draw_crop(size, boxes[~image.ignored], magnified, self._view, rng)
        fill = rng.integers(0, 256, 3, np.uint8)
        patch = cut(pixels, crop, self._view.crop, fill)
        labels = labels_in(crop, boxes, image.labels, image.ignored, self._view)
        flip, quarters = rng.random() < 0.5, int(rng.integers(4))
        patch, labels = turn(
            patch,
            labels,
            flip and self._augment.flip,
            quarters if self._augment.quarter_turns else 0,
        )
        target = {
            "boxes": torch.from_numpy(labels.boxes),
            "labels": torch.from_numpy(labels.labels + 1),
            "ignore": torch.from_numpy(labels.ignore),
        }
        return Sample(self._recolour(patch, int(rng.integers(2**62))), target, str(image.path))

    def _recolour(self, patch: Tensor, seed: int) -> Tensor:
        # torchvision draws from torch's global generator alone; it is borrowed and given back.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            out: Tensor = self._colours(patch.contiguous())
        return out


def photometric(augment: Augment) -> v2.Transform:
    """Changes of colour, sharpness and noise for uint8 crops."""
    jitter = v2.ColorJitter(augment.brightness, augment.contrast, augment.saturation)
    steps: list[Any] = [
        jitter,
        # Turning hues is ten times as slow as the rest together, so not for every crop.
        v2.RandomApply([v2.ColorJitter(hue=augment.hue)], 0.3 if augment.hue else 0.0),
        v2.RandomApply([v2.RandomChannelPermutation()], augment.channel_shuffle),
        v2.RandomGrayscale(augment.grayscale),
        v2.RandomApply([v2.GaussianBlur(5, (0.1, 1.5))], augment.blur),
        v2.RandomApply(
            [v2.RandomChoice([v2.GaussianNoise(sigma=s) for s in _NOISE])], augment.noise
        ),
        v2.RandomApply([v2.Lambda(_compressed)], augment.jpeg),
    ]
    return v2.Compose(steps)


def _compressed(pixels: Tensor) -> Tensor:
    """JPEG of a quality between 40 and 95, and back; torchvision's own is going to be removed."""
    quality = int(torch.randint(40, 96, ()))
    with io.BytesIO() as stream:
        picture = Image.fromarray(pixels.permute(1, 2, 0).numpy())
        picture.save(stream, "JPEG", quality=quality)
        out = np.array(Image.open(stream))
    return torch.from_numpy(out).permute(2, 0, 1)


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: crops are so small that waiting for a second costs more than it does.

    Measured on two busy cores: 6 ms a crop instead of 90.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Numbers(torch.utils.data.Sampler[list[int]]):
    """Sample numbers of each step for one of several processes, from a step on, without end."""

    def __init__(self, step: int, batch: int, index: int, count: int) -> None:
        self._step, self._batch, self._index, self._count = step, batch, index, count

    def __iter__(self) -> Iterator[list[int]]:
        step = self._step
        while True:
            first = step * self._batch * self._count + self._index
            yield [first + i * self._count for i in range(self._batch)]
            step += 1


def batches(
    samples: Samples, step: int, batch: int, index: int, count: int, workers: int
) -> Iterator[list[Sample]]:
    """Batches of process `index` of `count`, beginning with the given step."""
    return iter(
        DataLoader(
            samples,
            batch_sampler=_Numbers(step, batch, index, count),
            num_workers=workers,
            collate_fn=list,
            persistent_workers=workers > 0,
        )
    )
