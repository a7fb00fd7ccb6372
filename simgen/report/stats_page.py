"""The page of a dataset's statistics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simgen.evaluate.set_statistics import NumberStatistics, SetStatistics
from simgen.report.page import write_page

_HEIGHT = 34.0  # of a chart whose width is 100


def write_stats(found: SetStatistics, out: Path) -> Path:
    """Write report.json, report.md and report.html; the path of the last is returned.

    Raises:
        StorageError: it cannot be written.
    """
    top = max(found.labels_by_category.values(), default=1) or 1
    return write_page(out, "stats", found, top=top, bars=_bars)


def _bars(one: NumberStatistics) -> list[dict[str, Any]]:
    """Bars of a histogram."""
    top, width = max(one.heights) or 1.0, 100 / len(one.heights)
    return [
        {
            "x": f"{n * width:.2f}",
            "y": f"{_HEIGHT * (1 - height / top):.2f}",
            "width": f"{width * 0.92:.2f}",
            "height": f"{_HEIGHT * height / top:.2f}",
            "title": f"{one.edges[n]:.4g} to {one.edges[n + 1]:.4g}: {100 * height:.1f} %",
        }
        for n, height in enumerate(one.heights)
    ]
