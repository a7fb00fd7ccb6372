"""From labelled pictures to the law of their layouts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.generate.layouts.norta import copula_of
from simgen.generate.layouts.observing import Observed, Picture, observe
from simgen.sampling.layouts.model import ClassLaw, Copula, Counts, LayoutLaw, Margin, ObjectLaw

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_QUANTILES = 33
_MIN_OWN = 60  # labels of a class from which it has a law of its own


def fit_layout(pictures: Sequence[Picture], classes: Sequence[str], source: str = "") -> LayoutLaw:
    """The law of layouts of some pictures.

    Args:
        pictures: also those without objects.
        classes: names, by number.
        source: where the pictures are from.

    Raises:
        ValueError: there are no objects.
    """
    if not any(len(one.boxes) for one in pictures):
        raise ValueError("there are no objects")
    seen = observe(pictures, len(classes))
    totals = seen.counts.sum(axis=1)
    total, picture = _counts(totals), _margins(seen.picture)
    counts = [_counts(column) for column in seen.counts.T]
    columns = np.column_stack([totals, seen.counts, seen.picture])
    copula = Copula(_rows(copula_of(columns, [total, *counts, *[None] * len(picture)])))
    pooled = _law(seen.objects)
    return LayoutLaw(
        len(pictures),
        len(seen.sizes),
        source,
        total,
        tuple(_class(k, name, counts[k], seen) for k, name in enumerate(classes)),
        picture,
        copula,
        pooled,
        _ends(seen.sizes),
        _ends(seen.across),
        _ends(seen.down),
    )


def _class(k: int, name: str, counts: Counts, seen: Observed) -> ClassLaw:
    own = seen.objects[seen.classes == k]
    labels = int((seen.classes == k).sum())
    size, across, down = (float(v) for v in seen.means[k])
    # What is alone in its picture tells nothing about deviations.
    enough = int(np.isfinite(own).all(axis=1).sum()) >= _MIN_OWN
    return ClassLaw(name, labels, counts, size, across, down, _law(own) if enough else None)


def _law(rows: Floats) -> ObjectLaw:
    copula = Copula(_rows(copula_of(rows, [None] * rows.shape[1])))
    return ObjectLaw(_margins(rows), copula)


def _margins(rows: Floats) -> tuple[Margin, Margin, Margin, Margin]:
    a, b, c, d = (_margin(column) for column in rows.T)
    return (a, b, c, d)


def _margin(values: Floats) -> Margin:
    """Quantiles; nothing seen (all pictures have one object): no deviation."""
    values = values[np.isfinite(values)]
    if not len(values):
        return Margin((0.0, 0.0))
    steps = np.quantile(values, np.linspace(0, 1, _QUANTILES))
    return Margin(tuple(float(v) for v in steps))


def _counts(values: Ints) -> Counts:
    shares = np.bincount(values) / len(values)
    return Counts(tuple(float(v) for v in shares))


def _ends(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _rows(matrix: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(v) for v in row) for row in matrix)
