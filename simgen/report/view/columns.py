"""What a page needs at once: values of all frames to filter by, and histograms of labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_LEFT_OUT = ("frame", "view", "labels", "width", "height")
_MOST_WORDS = 40  # different words of a parameter that one can choose from
_OF_LABELS = ("size_px", "visibility", "truncation", "distance_m", "area", "aspect")
_BINS = 24
_DIGITS = 5


@dataclass
class Columns:
    """Filled frame by frame.

    Args:
        categories: names in the order of their ids.
    """

    categories: tuple[str, ...]
    frames: list[int] = field(default_factory=list)
    counts: list[dict[int, int]] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    ranges: dict[str, list[tuple[float, float] | None]] = field(default_factory=dict)
    labels: dict[str, list[float]] = field(default_factory=dict)

    def add(self, frame: dict[str, Any], labels: list[dict[str, Any]]) -> None:
        """Take in a frame's values and its labels' values."""
        place = len(self.frames)
        self.frames.append(int(frame["frame"]))
        index = {name: number for number, name in enumerate(self.categories)}
        self.counts.append(dict(Counter(index[v["category"]] for v in labels)))
        plain = {n: v for n, v in frame.items() if n not in _LEFT_OUT}
        plain["labels"] = len(labels)
        for name, value in plain.items():
            column = self.values.setdefault(name, [None] * place)
            column.append(_short(value))
        for column in self.values.values():
            column += [None] * (place + 1 - len(column))
        for name in _OF_LABELS:
            numbers = [v[name] for v in labels if isinstance(v.get(name), (int, float))]
            ends = (_short(min(numbers)), _short(max(numbers))) if numbers else None
            self.ranges.setdefault(name, []).append(ends)
            self.labels.setdefault(name, []).extend(float(v) for v in numbers)

    def plain(self) -> dict[str, Any]:
        """As JSON; columns that say nothing are left out."""
        numbers, words = {}, {}
        for name, column in self.values.items():
            known = [v for v in column if v is not None]
            if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in known):
                if len(set(known)) > 1:
                    numbers[name] = column
                continue
            texts = [None if v is None else str(v) for v in column]
            names = sorted({t for t in texts if t is not None})
            if 1 < len(names) <= _MOST_WORDS:
                places = {text: number for number, text in enumerate(names)}
                index = [-1 if t is None else places[t] for t in texts]
                words[name] = {"names": names, "index": index}
        ranges = {
            f"label {name}": {"ends": self.ranges[name], "histogram": _histogram(values)}
            for name, values in self.labels.items()
            if len(set(values)) > 1
        }
        counts = [[[c, n] for c, n in sorted(row.items())] for row in self.counts]
        return {"frames": self.frames, "counts": counts, "numbers": numbers, "words": words,
                "ranges": ranges}  # fmt: skip


def _histogram(values: list[float]) -> dict[str, Any]:
    heights, edges = np.histogram(np.array(values), _BINS)
    return {"low": _short(float(edges[0])), "high": _short(float(edges[-1])),
            "heights": [int(v) for v in heights]}  # fmt: skip


def _short(value: Any) -> Any:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
