"""Samples of a dataset and its donors, augmented one by one: the core of stage and wrapper."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from simgen.augment.chain import Link, augmented
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.plugin import Stream
from simgen.records.sample import ARRAYS, Sample
from simgen.spec.splits import split_of

# Decoded donor pictures that a process remembers: so many bytes, and no more than so many.
_REMEMBERED_BYTES, _MOST_REMEMBERED = 256 << 20, 64
_BYTES_A_PIXEL = 11  # colour, depth and ids


class AugmentedSource:
    """Makes augmented samples of a set; any of them alone, in any order.

    Args:
        root: of the dataset.
        donors: of other datasets, in the order of their numbers from 1.
        links: the chain.
        outputs: that results are to have.

    Raises:
        DataError: there is nothing to take from, or categories do not agree.
    """

    def __init__(
        self,
        root: Path,
        donors: Sequence[Path],
        links: Sequence[Link],
        outputs: Sequence[str],
    ) -> None:
        self._sets = [Dataset.open(path) for path in (root, *donors)]
        self._links = links
        self._outputs = tuple(name for name in outputs if name in ARRAYS)
        self._frames = [list(one.frames()) for one in self._sets]
        self._splits = self._by_split()
        check_categories(self._sets)
        self._read = lru_cache(_remembered(self._sets, self._frames))(self._decoded)

    @property
    def frames(self) -> Sequence[int]:
        """Numbers of the set's own frames."""
        return self._frames[0]

    def sample(self, frame: int, rng: Stream, *, as_it_is: bool = False) -> Sample:
        """Frame `frame` of the set, augmented with this stream, or as it is but for the step."""
        sample = self._read(0, frame)

        def fetch(source: int, own: Stream) -> tuple[Sample, int]:
            number = self._other(source, sample, own)
            return self._read(source, number), number

        return augmented(sample, () if as_it_is else self._links, rng, fetch)

    def _other(self, source: int, sample: Sample, rng: Stream) -> int:
        """Number of another frame."""
        if source:
            return rng.choice(self._frames[source])
        shares = self._sets[0].manifest.splits
        # A picture of a split may hold nothing of another, or evaluation would see training.
        numbers = self._splits["" if shares is None else split_of(sample.world, shares)]
        if len(numbers) == 1:  # a set of one picture lends to itself
            return numbers[0]
        own = bisect_left(numbers, sample.frame)
        place = rng.integer(0, len(numbers) - 2)
        return numbers[place + (place >= own)]

    def _by_split(self) -> dict[str, list[int]]:
        own, shares = self._sets[0], self._sets[0].manifest.splits
        if shares is None:
            return {"": self._frames[0]}
        out: dict[str, list[int]] = {name: [] for name in shares}
        for record in own.records():
            out[split_of(record.world, shares)].append(record.frame)
        return out

    def _decoded(self, source: int, frame: int) -> Sample:
        return self._sets[source].sample(frame, outputs=self._outputs)


def _remembered(sets: Sequence[Dataset], frames: Sequence[Sequence[int]]) -> int:
    """How many pictures of these sets fit into what may be remembered."""
    largest = 1
    for one, numbers in zip(sets, frames, strict=True):
        if numbers:
            width, height = one.size(one.record(numbers[0]))
            largest = max(largest, width * height * _BYTES_A_PIXEL)
    return max(1, min(_MOST_REMEMBERED, _REMEMBERED_BYTES // largest))


def check_categories(sets: Sequence[Dataset]) -> None:
    """Make sure that donors bring no category that the set does not have.

    Raises:
        DataError: they do; with the names.
    """
    own = {category.name for category in sets[0].manifest.categories}
    for other in sets[1:]:
        names = {category.name for category in other.manifest.categories}
        unknown = sorted(names - own)
        if not names & own or unknown:
            where = str(other.layout.root)
            what = f"categories that the augmented set does not have: {', '.join(unknown)}"
            cure = f"it has: {', '.join(sorted(own))}; filter or import the donors with these names"
            raise DataError(Fault(where, what, cure))
