"""Samples by number: which image, which crop, which colours; nothing depends on the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from simgen.detect._torch_crops import cut, draw_crop, labels_in, turn
from simgen.detect._torch_images import ImageCache
from simgen.detect.coco import LabelledImage
from simgen.detect.colours import recolour
from simgen.detect.job import Augment, View
from simgen.detect.label_style import squared
from simgen.detect.sampler import MixedSampler


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
        pixels_out = recolour(patch.permute(1, 2, 0).numpy(), self._augment, rng)
        return Sample(torch.from_numpy(pixels_out).permute(2, 0, 1), target, str(image.path))


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch and OpenCV on one thread: for crops, waiting for a second costs more than it does.

    Measured on two busy cores: 6 ms a crop instead of 90.
    """
    before, before_cv = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        cv2.setNumThreads(before_cv)


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
