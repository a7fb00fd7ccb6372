"""What became of the objects of a run's worlds, counted from the world files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from simgen.dataset.layout import Layout
from simgen.dataset.urls import ahead
from simgen.records.serial import from_json
from simgen.records.world import PlacementCounts, drop_reason


@dataclass(frozen=True)
class Placement:
    """Sums over worlds.

    Args:
        worlds: that were counted.
        requested, placed, redrawn, dropped: objects, as in `PlacementCounts`.
        reasons: dropped objects by reason, the most frequent first; instance numbers left out.
    """

    worlds: int = 0
    requested: int = 0
    placed: int = 0
    redrawn: int = 0
    dropped: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Counted:
    # Decoding the counts alone skips the objects: a long run has many worlds.
    counts: PlacementCounts


def counts_of(layout: Layout, worlds: Iterable[int]) -> Iterator[PlacementCounts]:
    """Counts of the stored ones of these worlds."""
    for _, load in ahead(layout.world(index) for index in worlds):
        with suppress(OSError, msgspec.DecodeError):  # a failed world has no file
            yield from_json(_Counted, load()).counts


def placement_of(layout: Layout, worlds: Iterable[int]) -> Placement:
    """Sums over the stored ones of these worlds."""
    sums: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for counts in counts_of(layout, worlds):
        sums.update(worlds=1, requested=counts.requested)
        sums.update(placed=counts.placed, redrawn=counts.redrawn, dropped=len(counts.dropped))
        reasons.update(drop_reason(text)[1] for text in counts.dropped)
    return Placement(**sums, reasons=dict(reasons.most_common()))
