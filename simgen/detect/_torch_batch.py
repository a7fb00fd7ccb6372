"""Batches on their way from the processes that make them to the training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from simgen.detect._torch_crops import to_image
from simgen.detect._torch_pyramid import Pyramid
from simgen.detect._torch_samples import Plan, Sample, Samples

# Columns of `Batch.values`: what makes the pixels of a planned crop.
VALUES = {
    "map": 6,  # 2x3, from pixels of the crop to pixels of the copy of the image
    "fill": 3,
    "matrix": 9,
    "mean_factor": 1,
    "blur_sigma": 1,
    "noise": 1,
    "jpeg": 1,
}


@dataclass(frozen=True)
class Batch:
    """Crops of one step, with pixels or with what they are to be made of.

    Args:
        targets, names: as in `Sample`.
        images: uint8[B, 3, S, S]; empty where the device makes the pixels.
        places: int64[B, 3] of the copy to read: first pixel in the pool, width and height.
        values: float32[B, 22], see `VALUES`.
    """

    targets: tuple[dict[str, NDArray[Any]], ...]
    names: tuple[str, ...]
    images: Tensor
    places: NDArray[np.int64]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        """Crops."""
        return len(self.targets)

    def __getitem__(self, part: slice) -> Batch:
        """Some of the crops."""
        return Batch(
            self.targets[part],
            self.names[part],
            self.images[part],
            self.places[part],
            self.values[part],
        )


class _Plans(Dataset[Plan]):
    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def __getitem__(self, number: int) -> Plan:
        return self._samples.plan(number)


class Planned:
    """Joins plans; a few hundred bytes a crop, which matters between processes.

    Args:
        samples: whose plans they are.
    """

    def __init__(self, samples: Samples) -> None:
        self._pyramid = Pyramid(samples)
        self._side = samples.view.crop

    def __call__(self, plans: Sequence[Plan]) -> Batch:
        """A batch without pixels."""
        rows = [self._row(plan) for plan in plans]
        return Batch(
            tuple(plan.target for plan in plans),
            tuple(plan.name for plan in plans),
            torch.empty(len(plans), 0),
            np.stack([place for place, _ in rows]),
            np.stack([values for _, values in rows]),
        )

    def _row(self, plan: Plan) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        colours, crop = plan.colours, plan.crop
        shrink = min(crop.width, crop.height) / self._side
        place, size = self._pyramid.place(plan.image, shrink)
        affine = to_image(crop, self._side, plan.flip, plan.quarters) * size[:, None]
        last = (colours.mean_factor, colours.blur_sigma, colours.noise, colours.jpeg)
        parts = (affine.ravel(), plan.fill, colours.matrix.ravel(), last)
        return place, np.concatenate(parts).astype(np.float32)


def joined(samples: Sequence[Sample]) -> Batch:
    """A batch with its pixels."""
    count = len(samples)
    return Batch(
        tuple(sample.target for sample in samples),
        tuple(sample.name for sample in samples),
        torch.stack([sample.image for sample in samples]),
        np.zeros((count, 0), np.int64),
        np.zeros((count, 0), np.float32),
    )


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
    samples: Samples, step: int, batch: int, index: int, count: int, workers: int, plans: bool
) -> Iterator[Batch]:
    """Batches of process `index` of `count`, beginning with the given step.

    Args:
        samples: of the training.
        step: number of the first.
        batch: crops in each.
        index, count: of the processes that share a step.
        workers: processes that make the batches; 0: this one.
        plans: whether the device makes the pixels.
    """
    source: Dataset[Any] = _Plans(samples) if plans else samples
    join: Callable[[Any], Batch] = Planned(samples) if plans else joined
    return iter(
        DataLoader(
            source,
            batch_sampler=_Numbers(step, batch, index, count),
            num_workers=workers,
            collate_fn=join,
            persistent_workers=workers > 0,
        )
    )
