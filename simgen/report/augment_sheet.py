"""Before/after sheets of augmented pictures, with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.records.sample import Sample
from simgen.report.overlay import draw_labels, draw_text

Image = NDArray[np.uint8]
_CELL = 360
_GAP = 4
_LINE = 20
_COLUMNS = 2  # pairs side by side


def augment_sheet(
    pairs: Sequence[tuple[Sample, Sample]], colours: Mapping[str, int], title: str
) -> Image:
    """uint8[H, W, 3]: for each pair the picture before, after, and after with its labels.

    Args:
        colours: number by category, for the colours of labels.
    """
    cells = [_cell(before, after, colours) for before, after in pairs]
    lines = [cells[i : i + _COLUMNS] for i in range(0, len(cells), _COLUMNS)]
    rows = []
    for line in lines:
        height = max(cell.shape[0] for cell in line)
        rows.append(
            np.concatenate(
                [np.pad(c, ((0, height - c.shape[0]), (0, 3 * _GAP), (0, 0))) for c in line], 1
            )
        )
    width = max(row.shape[1] for row in rows)
    head = np.zeros((_LINE + 8, width, 3), np.uint8)
    draw_text(head, title, (6, _LINE), 16)
    body = [np.pad(row, ((0, _GAP), (0, width - row.shape[1]), (0, 0))) for row in rows]
    return np.concatenate([head, *body])


def _cell(before: Sample, after: Sample, colours: Mapping[str, int]) -> Image:
    first, second = _fitted(before.rgb), _fitted(after.rgb)
    scale = second.shape[1] / after.size[0]
    labelled = draw_labels(second, after.annotations, dict(colours), scale, {})
    height = max(first.shape[0], second.shape[0])
    parts = []
    for one in (first, second, labelled):
        parts.append(np.pad(one, ((0, height - one.shape[0]), (0, _GAP), (0, 0))))
    cells = np.concatenate(parts, axis=1)
    operators = after.provenance[-1].operators or () if after.provenance else ()
    done = ", ".join(str(o.get("name")) for o in operators) or "nothing"
    text = np.zeros((_LINE, cells.shape[1], 3), np.uint8)
    labels = f"{len(before.annotations)} labels, {len(after.annotations)} after"
    draw_text(text, f"frame {before.frame}: {done}   {labels}", (6, 15), 13)
    return np.concatenate([text, cells])


def _fitted(rgb: Image) -> Image:
    import cv2

    scale = _CELL / max(rgb.shape[:2])
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
