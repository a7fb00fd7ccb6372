"""Bins of a parameter's values: given edges, quantiles, or one for each word or small number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simgen.errors import DataError, Fault
from simgen.evaluate.parameters import Value

QUANTILE_BINS = 4
_MOST_WORDS = 12
_FEW = 5
_COMMON = 0.4
_LEAST = 10


@dataclass(frozen=True)
class Bin:
    """Values that are looked at together.

    Args:
        label: for people.
        member: bool per value.
        low: smallest value, None for words.
        high: values are below it (or equal, in the last bin), None for words.
    """

    label: str
    member: NDArray[np.bool_]
    low: float | None = None
    high: float | None = None


def split_spec(spec: str) -> tuple[str, list[float] | int | None]:
    """`NAME`, `NAME:BINS` or `NAME=EDGE,EDGE,...` as name and edges, number or None.

    Raises:
        DataError: numbers that are none, or edges that do not rise.
    """
    name, equals, edges = spec.partition("=")
    name, colon, number = name.partition(":")
    if colon:
        if not number.isdecimal() or not 2 <= int(number) <= 100:
            what = f"expected a number of bins from 2 to 100, got {number!r}"
            raise DataError(Fault(f"--slice {spec}", what, f"write --slice {name}:4"))
        return name, int(number)
    if not equals:
        return name, None
    try:
        values = [float(text) for text in edges.split(",")]
    except ValueError:
        values = []
    if len(values) < 2 or values != sorted(set(values)) or not np.isfinite(values).all():
        what = f"expected at least two rising numbers, got {edges!r}"
        raise DataError(Fault(f"--slice {spec}", what, f"write --slice {name}=0,32,96"))
    return name, values


def bins(values: Sequence[Value], how: list[float] | int | None = None) -> list[Bin]:
    """Bins of some values; missing values are in none.

    Args:
        values: numbers or words; None is missing.
        how: edges, number of quantile bins, or None: as fits the values.
    """
    if any(isinstance(v, str) for v in values):
        return _words([None if v is None else str(v) for v in values])
    numbers = np.array([np.nan if v is None else float(v) for v in values])
    known = np.sort(numbers[np.isfinite(numbers)])
    distinct = np.unique(known)
    if isinstance(how, list):
        return _between(numbers, how)
    if how is None and len(distinct) <= _FEW:
        return [Bin(_show(v), numbers == v, float(v), float(v)) for v in distinct]
    return _between(numbers, _quantile_edges(known, how or QUANTILE_BINS))


def _quantile_edges(known: NDArray[np.float64], number: int) -> list[float]:
    values, counts = np.unique(known, return_counts=True)
    mode = values[counts.argmax()]
    edges = np.quantile(known, np.linspace(0, 1, number + 1), method="nearest")
    if counts.max() >= _COMMON * len(known):
        # One value is so common (nothing hidden, nothing cut off) that it is a bin of its own.
        rest = known[known != mode]
        parts = min(number - 1, max(len(rest) // _LEAST, 1))
        edges = np.quantile(rest, np.linspace(0, 1, parts + 1), method="nearest")
        below = edges[edges < mode]
        if len(below) > 1:  # or the largest value below would be a bin of one
            edges = np.setdiff1d(edges, below[-1:])
        edges = np.concatenate([edges, [mode, np.nextafter(mode, np.inf)], [known[0], known[-1]]])
    return [float(v) for v in np.unique(edges)]


def _between(numbers: NDArray[np.float64], edges: list[float]) -> list[Bin]:
    out = []
    for i, (low, high) in enumerate(pairwise(edges)):
        last = i == len(edges) - 2
        member = (numbers >= low) & ((numbers <= high) if last else (numbers < high))
        if member.any():
            whole = bool((numbers[np.isfinite(numbers)] % 1 == 0).all())
            shown = high - 1 if whole and not last else high
            out.append(Bin(_range(low, shown), member, low, high))
    return out


def _words(values: Sequence[str | None]) -> list[Bin]:
    given = np.array([v or "" for v in values])
    known = np.array([v is not None for v in values])
    names, counts = np.unique(given[known], return_counts=True)
    ranked = [str(names[i]) for i in np.argsort(-counts, kind="stable")]
    shown = ranked if len(ranked) <= _MOST_WORDS else ranked[: _MOST_WORDS - 1]
    out = [Bin(name, known & (given == name)) for name in sorted(shown)]
    if len(shown) < len(ranked):
        out.append(Bin(f"{len(ranked) - len(shown)} others", known & ~np.isin(given, shown)))
    return out


def _range(low: float, high: float) -> str:
    if high in (low, np.nextafter(low, np.inf)):
        return _show(low)
    return f"{_show(low)} to {_show(high)}"


def _show(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 0.1 else f"{value:.2g}"
