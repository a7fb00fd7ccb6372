"""The page of a gap: what to change first, then measures, features and the pictures behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simgen.evaluate.coco_files import LabelFile
from simgen.evaluate.gap import Compared, Gap, Pair
from simgen.report.page import write_page
from simgen.report.thumbnails import Box, whole


def write_gap(gap: Gap, synthetic: LabelFile, real: LabelFile, out: Path) -> Path:
    """Write report.json, report.md and report.html; the path of the last is returned.

    Raises:
        StorageError: it cannot be written.
    """
    sets = _Pictures(synthetic), _Pictures(real)
    features = gap.features
    return write_page(
        out,
        "gap",
        gap,
        to_change=[c for c in gap.compared if c.advice],
        ranges={c.name: _range(c) for c in gap.compared},
        spectrum=_spectrum(gap.spectrum),
        places=[_shades(p) for p in gap.places],
        alike=_pairs(features.alike, *sets),
        apart=_pairs(features.apart, *sets),
        uncovered=_pairs(features.uncovered, *sets),
        copies=_pairs(gap.copies.pairs, *sets),
    )


class _Pictures:
    """Thumbnails of a set by file name, made once each."""

    def __init__(self, labels: LabelFile) -> None:
        self._labels = labels
        self._boxes: dict[int, list[Box]] = {}
        for row in labels.annotations:
            self._boxes.setdefault(row["image_id"], []).append(row["bbox"])
        self._ids = {str(row["file_name"]): row["id"] for row in labels.images}
        self._made: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Data URI of an image with its boxes."""
        if name not in self._made:
            path = self._labels.image_path({"file_name": name}) or Path(name)
            self._made[name] = whole(path, self._boxes.get(self._ids[name], []))
        return self._made[name]


def _pairs(pairs: Sequence[Pair], synthetic: _Pictures, real: _Pictures) -> list[Any]:
    return [(pair, synthetic.of(pair.synthetic), real.of(pair.real)) for pair in pairs]


def _range(compared: Compared) -> dict[str, tuple[float, float, float]]:
    """Percentiles of both sets on one scale from 0 to 100."""
    values = [*compared.synthetic, *compared.real]
    low, high = min(values), max(values)
    width = max(high - low, 1e-12)

    def scaled(three: tuple[float, float, float]) -> tuple[float, float, float]:
        a, b, c = (round(4 + 92 * (v - low) / width, 1) for v in three)
        return (a, b, c)

    return {"synthetic": scaled(compared.synthetic), "real": scaled(compared.real)}


def _spectrum(both: Sequence[Sequence[float]]) -> list[str]:
    """SVG points of both curves in a box of 100 x 60."""
    top, bottom = np.max(both), np.min(both)
    height = max(float(top - bottom), 1e-9)
    out = []
    for curve in both:
        step = 100 / (len(curve) - 1)
        points = (f"{i * step:.1f},{60 * (top - v) / height:.1f}" for i, v in enumerate(curve))
        out.append(" ".join(points))
    return out


def _shades(places: Sequence[Sequence[float]]) -> list[float]:
    """Opacities of the cells of a heat map, row by row."""
    most = max(max(row) for row in places) or 1.0
    return [round(v / most, 2) for row in places for v in row]
