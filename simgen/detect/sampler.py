"""Which image is sample number n: sources mixed by share, each shuffled anew every round.

Everything is a function of seed and n, so a training that goes on at step 700 sees what it
would have seen, on any number of processes and workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.detect.coco import LabelledImage

_GOLDEN = 0.6180339887498949
_BLOCK = 1 << 14


@dataclass(frozen=True)
class MixedSource:
    """What the sampler knows of a source.

    Args:
        share: relative part of the samples.
        repeats: float64[N] expected appearances of each image in one round, at least 1.
    """

    share: float
    repeats: NDArray[np.float64]


class MixedSampler:
    """Sample number -> source and image.

    Sources follow the golden-ratio sequence, which keeps the shares in every stretch of
    samples, so that even a small batch is mixed as asked for.
    """

    def __init__(self, sources: Sequence[MixedSource], seed: int) -> None:
        self._sources, self._seed = tuple(sources), seed
        shares = np.array([source.share for source in sources], np.float64)
        self._bounds = np.cumsum(shares / shares.sum())[:-1]
        self._start = float(_generator(seed, 0).random())
        self._blocks: list[NDArray[np.int64]] = []  # how many samples each source gave before
        self._rounds: dict[int, tuple[int, int, NDArray[np.int64]]] = {}
        self._last = (-1, np.zeros(0, np.int64))

    def __call__(self, number: int) -> tuple[int, int]:
        """Source and image of a sample."""
        block, offset = divmod(number, _BLOCK)
        while len(self._blocks) <= block:
            self._blocks.append(self._counts(len(self._blocks)))
        chosen = self._chosen(block)[: offset + 1]
        source = int(chosen[-1])
        draw = int(self._blocks[block][source]) + int((chosen[:-1] == source).sum())
        return source, self._item(source, draw)

    def _counts(self, block: int) -> NDArray[np.int64]:
        count = len(self._sources)
        if block == 0:
            return np.zeros(count, np.int64)
        return self._blocks[-1] + np.bincount(self._chosen(block - 1), minlength=count)

    def _chosen(self, block: int) -> NDArray[np.int64]:
        """Source of each sample of a block."""
        if self._last[0] != block:
            numbers = np.arange(block * _BLOCK, (block + 1) * _BLOCK)
            phase = (self._start + numbers * _GOLDEN) % 1.0
            self._last = (block, np.searchsorted(self._bounds, phase, "right"))
        return self._last[1]

    def _item(self, source: int, draw: int) -> int:
        """Image of the draw-th sample of a source; walks on from the last round that was used."""
        number, first, order = self._rounds.get(source, (-1, 0, np.zeros(0, np.int64)))
        if draw < first:
            number, first, order = -1, 0, np.zeros(0, np.int64)
        while draw >= first + len(order):
            number, first = number + 1, first + len(order)
            order = self._order(source, number)
        self._rounds[source] = (number, first, order)
        return int(order[draw - first])

    def _order(self, source: int, number: int) -> NDArray[np.int64]:
        rng = _generator(self._seed, source + 1, number)
        repeats = self._sources[source].repeats
        whole = np.floor(repeats)
        times = (whole + (rng.random(len(repeats)) < repeats - whole)).astype(np.int64)
        return rng.permutation(np.repeat(np.arange(len(repeats)), times))


def repeat_factors(
    images: Sequence[LabelledImage], categories: int, frequency: float
) -> NDArray[np.float64]:
    """Appearances of each image in a round, so that rare categories are seen more often.

    LVIS (Gupta et al. 2019, section 5.2): max over the image's categories of sqrt(t / f), where
    f is the part of the images that show the category and t is `frequency`; 0 is off.
    """
    factors = np.ones(len(images))
    if frequency == 0:
        return factors
    shown = np.zeros((len(images), categories), np.bool_)
    for row, image in zip(shown, images, strict=True):
        row[image.labels[~image.ignored]] = True
    part = shown.mean(axis=0).clip(min=1 / len(images))
    needed = np.maximum(1.0, np.sqrt(frequency / part))
    return np.maximum(factors, np.where(shown, needed, 1.0).max(axis=1))


def _generator(*key: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
