"""Samples by number: which image, which crop, which colours; nothing depends on the order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from simgen.detect._torch_crops import Crop, cut, draw_crop, labels_in, turn, turned
from simgen.detect._torch_images import ImageCache
from simgen.detect.coco import LabelledImage
from simgen.detect.colours import Colours, draw_colours, recolour
from simgen.detect.job import Augment, View
from simgen.detect.label_style import squared
from simgen.detect.sampler import MixedSampler


@dataclass(frozen=True)
class Sample:
    """One training crop.

    Args:
        image: uint8[3, S, S].
        target: boxes float32[N, 4], labels int64[N] (from 1, as torchvision counts) and boxes to
            ignore.
        name: file that it was cut from, for messages.
    """

    image: Tensor
    target: dict[str, NDArray[Any]]
    name: str


@dataclass(frozen=True)
class Plan:
    """A training crop before there are pixels.

    Args:
        image: number in the cache.
        crop: window, in pixels of the cached image.
        fill: uint8[3], colour of what is outside the image.
        flip, quarters: mirrored left to right, then turned counter-clockwise by quarters.
        colours: changes of the pixels.
        target, name: as in `Sample`.
    """

    image: int
    crop: Crop
    fill: NDArray[np.uint8]
    flip: bool
    quarters: int
    colours: Colours
    target: dict[str, NDArray[Any]]
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
            return self._realised(self.plan(number))

    @property
    def cache(self) -> ImageCache:
        """Pixels of all images; `Plan.image` counts them."""
        return self._cache

    @property
    def view(self) -> View:
        """How crops are cut."""
        return self._view

    @property
    def largest_shrink(self) -> float:
        """Pixels of a cached image per pixel of a crop, where they are most."""
        least = min(
            self._magnified(source, self._cache.size(int(first) + item))
            for source, first in zip(self._sources, self._first[:-1], strict=True)
            for item in range(len(source.images))
        )
        return math.exp(self._view.stretch / 2) / (least * self._view.scale[0])

    def plan(self, number: int) -> Plan:
        """All that is random about a sample; pixels are not looked at."""
        source, item = self._sampler(number)
        image = self._sources[source].images[item]
        index = int(self._first[source]) + item
        size = self._cache.size(index)
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((self._seed, number, 1))))
        boxes = squared(image.boxes, self._sources[source].square_boxes)
        kept = np.array([size[0] / image.width, size[1] / image.height] * 2)
        boxes = (boxes * kept).astype(np.float32)
        magnified = self._magnified(self._sources[source], size)
        crop = draw_crop(size, boxes[~image.ignored], magnified, self._view, rng)
        fill = rng.integers(0, 256, 3, np.uint8)
        labels = labels_in(crop, boxes, image.labels, image.ignored, self._view)
        flip, quarters = rng.random() < 0.5, int(rng.integers(4))
        flip, quarters = flip and self._augment.flip, quarters * self._augment.quarter_turns
        labels = turned(labels, self._view.crop, flip, quarters)
        target = {
            "boxes": labels.boxes,
            "labels": labels.labels + 1,
            "ignore": labels.ignore,
        }
        colours = draw_colours(self._augment, rng)
        return Plan(index, crop, fill, flip, quarters, colours, target, str(image.path))

    def _magnified(self, source: LoadedSource, size: tuple[int, int]) -> float:
        """Pixels of a crop per pixel of an image of this size, at scale 1."""
        return self._view.side / max(size) * source.zoom

    def _realised(self, plan: Plan) -> Sample:
        patch = cut(self._cache(plan.image), plan.crop, self._view.crop, plan.fill)
        patch = turn(patch, plan.flip, plan.quarters)
        pixels = recolour(patch.permute(1, 2, 0).numpy(), plan.colours)
        return Sample(torch.from_numpy(pixels).permute(2, 0, 1), plan.target, plan.name)


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
