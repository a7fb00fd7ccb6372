"""The page of a coverage report: what came out otherwise than asked, then every distribution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simgen.evaluate.coverage.coverage import Coverage
from simgen.evaluate.coverage.judging import Bin, Covered
from simgen.report.page import write_page

_HEIGHT = 34.0  # of a chart whose width is 100
_MOST_MARKS = 24


def write_coverage(found: Coverage, out: Path) -> Path:
    """Write report.json, report.md and report.html; the path of the last is returned.

    Raises:
        StorageError: it cannot be written.
    """
    sections: dict[str, list[Any]] = {}
    for one in found.settings:
        sections.setdefault(one.section, []).append((one, _chart(one)))
    missed = [c for c in found.rates.classes if c.wanted is not None and c.wanted > 0]
    worst = max((abs(c.share / (c.wanted or 1) - 1) for c in missed), default=None)
    asked = sum(p.asked for p in found.rates.placed)
    placed = sum(p.placed for p in found.rates.placed)
    return write_page(
        out,
        "coverage",
        found,
        sections=sections,
        shifted=found.shifted,
        lacking=found.lacking,
        worst_class=worst,
        dropped=1 - placed / asked if asked else 0.0,
    )


def _chart(one: Covered) -> dict[str, Any]:
    """SVG of requested (line) over realised (bars), or None's place for bar rows."""
    numeric = all(b.low is not None for b in one.bins)
    if not numeric:
        top = max((max(b.requested, b.realised) for b in one.bins), default=1.0) or 1.0
        return {"numeric": False, "top": top}
    top = max((max(b.requested, b.realised) for b in one.bins), default=1.0) or 1.0
    width = 100 / len(one.bins)
    bars = [_bar(i, b, width, top) for i, b in enumerate(one.bins)]
    line = []
    for i, b in enumerate(one.bins):
        y = _HEIGHT * (1 - b.requested / top)
        line += [f"{i * width:.2f},{y:.2f}", f"{(i + 1) * width:.2f},{y:.2f}"]
    first, last = one.bins[0].low, one.bins[-1].high
    return {"numeric": True, "bars": bars, "line": " ".join(line), "ends": (first, last)}


def _bar(index: int, one: Bin, width: float, top: float) -> dict[str, Any]:
    height = _HEIGHT * one.realised / top
    return {
        "x": round(index * width + width * 0.08, 2),
        "width": round(width * 0.84, 2),
        "y": round(_HEIGHT - height, 2),
        "height": round(height, 2),
        "missing": one.missing,
        "title": f"{one.label}: asked {one.requested:.3f}, came {one.realised:.3f}",
    }
