"""Draws of scenes with planned class shares: kinds by `odds`, counts spread over the worlds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from simgen.plugin.cells import Cell, cells_of, probabilities
from simgen.plugin.protocols import Variant
from simgen.plugin.scene import Collection
from simgen.sampling.streams import KeyedStream
from simgen.spec.distributions import Distribution, values_of

_MOST_KEPT = 64


class OddsDrawer:
    """Draws cells of collections, natural probability times odds, spread over the worlds."""

    def __init__(self) -> None:
        self._choosers: dict[tuple[str, tuple[str, ...]], CellChooser] = {}

    def draw(
        self, collection: Collection, variants: Sequence[Variant], params: Any, rng: KeyedStream
    ) -> tuple[Variant, Mapping[str, str]]:
        """The variant, and the attributes that are decided together with it.

        Args:
            variants: that can be drawn.
            params: the source's drawn parameters.
            rng: the object's stream for this choice; its numbers are spread over the worlds.
        """
        key = (collection.key, tuple(variant.name for variant in variants))
        if key not in self._choosers:
            if len(self._choosers) >= _MOST_KEPT:
                self._choosers.clear()
            cells = cells_of(collection, variants, params)
            self._choosers[key] = CellChooser(cells, collection.section.odds)
        cell = self._choosers[key].at(rng.spread())
        return cell.variant, cell.attributes


class CellChooser:
    """Cells by a number in [0, 1): inverse of their distribution, natural share times odds."""

    def __init__(self, cells: Sequence[Cell], odds: Mapping[str, float]) -> None:
        self._cells = tuple(cells)
        weights = [cell.probability * odds.get(cell.key, 1.0) for cell in cells]
        self._ends = list(accumulate(weights))

    def at(self, mark: float) -> Cell:
        """The cell at a mark; never one of weight 0."""
        # Rounding must not carry the mark to the very end, where cells of weight 0 may lie.
        mark = min(mark * self._ends[-1], self._ends[-1] * (1 - 1e-12))
        return self._cells[bisect_right(self._ends, mark)]


def spread_count(count: Any, rng: KeyedStream) -> int:
    """A number of objects from its distribution, by a number that is spread over the worlds.

    With independent numbers, counts alone would move the shares of collections that draw one or
    two objects a world by several per cent over 500 worlds.

    Args:
        count: a whole number or a distribution over some.
    """
    if not isinstance(count, Distribution):
        return int(count)
    shares = probabilities(count)
    values = [value for value in values_of(count) or () if shares[str(value)] > 0]
    ends = list(accumulate(shares[str(value)] for value in values))
    drawn = int(values[min(bisect_right(ends, rng.spread() * ends[-1]), len(values) - 1)])
    if rng.ledger is not None:
        rng.ledger[rng.name] = drawn
    return drawn
