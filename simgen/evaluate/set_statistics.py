"""Statistics of a dataset: labels by class, sizes, visibility, and every recorded parameter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.named_values import frame_values, label_values
from simgen.dataset.reader import Dataset

_KEPT = 8192  # values of a parameter that quantiles are read off
_BINS = 24
_WORDS = 30  # different words of a parameter that are counted; more are names
_NUMBERS = ("frame", "world", "view", "instance", "id")  # count things, measure nothing


@dataclass(frozen=True)
class NumberStatistics:
    """Of a number.

    Args:
        count: values.
        low, high, mean: of all of them.
        median, p5, p95: of an even sample of them.
        edges, heights: histogram of that sample; heights are shares.
    """

    name: str
    count: int
    low: float
    high: float
    mean: float
    median: float
    p5: float
    p95: float
    edges: tuple[float, ...]
    heights: tuple[float, ...]


@dataclass(frozen=True)
class WordStatistics:
    """Of a word: how often each comes up, most often first."""

    name: str
    count: int
    shares: dict[str, float]


@dataclass(frozen=True)
class SetStatistics:
    """Of a dataset.

    Args:
        labels_by_category: in the order of the categories.
        frames_by_category: frames with at least one.
        label_numbers, label_words: parameters of labels.
        frame_numbers, frame_words: parameters of frames.
    """

    folder: str
    frames: int
    worlds: int
    labels: int
    ignored: int
    empty: int
    labels_by_category: dict[str, int]
    frames_by_category: dict[str, int]
    label_numbers: tuple[NumberStatistics, ...] = ()
    label_words: tuple[WordStatistics, ...] = ()
    frame_numbers: tuple[NumberStatistics, ...] = ()
    frame_words: tuple[WordStatistics, ...] = ()


@dataclass
class _Numbers:
    """An even sample of a stream: when it is full, every second value is forgotten."""

    count: int = 0
    total: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")
    step: int = 1
    kept: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        if self.count % self.step == 0:
            self.kept.append(value)
            if len(self.kept) >= _KEPT:
                self.kept, self.step = self.kept[::2], 2 * self.step
        self.count += 1
        self.total += value
        self.low, self.high = min(self.low, value), max(self.high, value)

    def summed_up(self, name: str) -> NumberStatistics:
        values = np.array(self.kept, np.float64)
        p5, median, p95 = (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
        heights, edges = np.histogram(values, _BINS)
        return NumberStatistics(
            name,
            self.count,
            self.low,
            self.high,
            self.total / self.count,
            median,
            p5,
            p95,
            tuple(float(v) for v in edges),
            tuple(float(v) / len(values) for v in heights),
        )


@dataclass
class _Tally:
    """All parameters of one scope."""

    numbers: dict[str, _Numbers] = field(default_factory=dict)
    words: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if name in _NUMBERS:
                continue
            if isinstance(value, (bool, str)):
                counter = self.words.setdefault(name, Counter())
                if len(counter) <= _WORDS:
                    counter[str(value)] += 1
            elif isinstance(value, (int, float)) and np.isfinite(value):
                self.numbers.setdefault(name, _Numbers()).add(float(value))

    def results(self) -> tuple[tuple[NumberStatistics, ...], tuple[WordStatistics, ...]]:
        words = []
        for name, counter in sorted(self.words.items()):
            if len(counter) <= _WORDS:  # with more it is a name, and no parameter
                total = counter.total()
                shares = {word: n / total for word, n in counter.most_common()}
                words.append(WordStatistics(name, total, shares))
        numbers = (n.summed_up(name) for name, n in sorted(self.numbers.items()))
        return tuple(numbers), tuple(words)


def set_statistics(
    root: Path, on_frame: Callable[[int], None] = lambda frame: None
) -> SetStatistics:
    """Statistics of all records in one pass; memory does not grow with their number.

    Raises:
        RunFolderError: not a dataset, or a damaged record.
    """
    dataset = Dataset.open(root)
    names = [category.name for category in dataset.manifest.categories]
    labels, shown = Counter(dict.fromkeys(names, 0)), Counter(dict.fromkeys(names, 0))
    of_labels, of_frames = _Tally(), _Tally()
    frames = empty = ignored = worlds = 0
    last_world = None
    for record in dataset.records():
        frames += 1
        empty += not len(record.annotations)
        worlds += record.world != last_world  # views of a world follow each other
        last_world = record.world
        labels.update(record.annotations.category)
        shown.update(set(record.annotations.category))
        of_frames.add(frame_values(dataset, record))
        for values in label_values(dataset, record):
            ignored += bool(values["ignored"])
            of_labels.add(values)
        on_frame(record.frame)
    label_numbers, label_words = of_labels.results()
    frame_numbers, frame_words = of_frames.results()
    return SetStatistics(
        dataset.layout.root.resolve().name,
        frames,
        worlds,
        labels.total(),
        ignored,
        empty,
        dict(labels),
        dict(shown),
        label_numbers,
        label_words,
        frame_numbers,
        frame_words,
    )
