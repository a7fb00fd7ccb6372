"""Before/after/difference sheets of refined pictures, with their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.masks import decode
from simgen.records.sample import Sample
from simgen.report.overlay import draw_text

Image = NDArray[np.uint8]
_CELL = 360
_GAP = 4
_LINE = 20
_GAIN = 4  # of the difference, or nobody would see it


@dataclass(frozen=True)
class Pair:
    """One row of a sheet.

    Args:
        before: source.
        after: refinement.
        verdict: what was decided.
        doubted: instance ids whose labels were not believed.
        notes: a line of text.
    """

    before: Sample
    after: Sample
    verdict: str
    doubted: tuple[int, ...] = ()
    notes: str = ""


def refine_sheet(pairs: Sequence[Pair], title: str) -> Image:
    """uint8[H, W, 3]: a row each: before, after, difference times four about grey.

    Outlines of believed labels are green, of others red.
    """
    rows = [_row(pair) for pair in pairs]
    width = max(row.shape[1] for row in rows)
    head = np.zeros((_LINE + 8, width, 3), np.uint8)
    draw_text(head, title, (6, _LINE), 16)
    parts = [head]
    for row in rows:
        parts.append(np.pad(row, ((0, _GAP), (0, width - row.shape[1]), (0, 0))))
    return np.concatenate(parts)


def _row(pair: Pair) -> Image:
    import cv2

    scale = _CELL / max(pair.after.rgb.shape[:2])
    size = (round(pair.after.size[0] * scale), round(pair.after.size[1] * scale))
    before, after = (
        np.asarray(cv2.resize(s.rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        for s in (pair.before, pair.after)
    )
    change = after.astype(np.float32) - before
    difference = np.clip(128 + _GAIN * change, 0, 255).astype(np.uint8)
    outlined = after.copy()
    _draw_outlines(outlined, pair)
    gap = np.zeros((size[1], _GAP, 3), np.uint8)
    cells = np.concatenate([before, gap, outlined, gap, difference], axis=1)
    text = np.zeros((_LINE, cells.shape[1], 3), np.uint8)
    draw_text(text, f"frame {pair.after.frame}: {pair.verdict}   {pair.notes}", (6, 15), 13)
    return np.concatenate([text, cells])


def _draw_outlines(image: Image, pair: Pair) -> None:
    import cv2

    labels = pair.after.annotations
    scale = image.shape[1] / pair.after.size[0]
    for row, instance in enumerate(labels.instance):
        colour = (230, 40, 40) if instance in pair.doubted else (60, 220, 60)
        mask = labels.mask[row]
        if mask is None:
            x, y, w, h = (round(v * scale) for v in labels.box_xywh_px[row])
            cv2.rectangle(image, (x, y), (x + w, y + h), colour, 1)
            continue
        small = cv2.resize(decode(mask).astype(np.uint8), (image.shape[1], image.shape[0]))
        found, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(image, found, -1, colour, 1)
