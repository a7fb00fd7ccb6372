"""Confusion matrix at one IoU and score; and how detected boxes differ from labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.matching import Matches
from simgen.evaluate.overlaps import ImageOverlaps

Ints = NDArray[np.int64]
_CLEAR_IOU = 0.3


@dataclass(frozen=True)
class Confusion:
    """Who is taken for whom.

    Args:
        names: K categories.
        counts: (K + 1) x (K + 1); row: the label's category, last row background; column: the
            detection's category, last column not detected.
        score: detections of at least this score.
        iou: a detection stands for the label that it overlaps at least so much.
    """

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    score: float
    iou: float


@dataclass(frozen=True)
class BoxBias:
    """Median ratio of detected to labelled boxes, of pairs of one category with IoU >= 0.3.

    Args:
        pairs: how many.
        width: detected / labelled width.
        height: detected / labelled height.
        across: offset of centres to the right, in label widths.
        down: offset of centres downwards, in label heights.
    """

    pairs: int
    width: float
    height: float
    across: float
    down: float


def confusion(
    matches: Matches, per_image: Sequence[ImageOverlaps], score: float, iou: float = 0.5
) -> Confusion:
    """Pair detections with labels of any category, best overlap first, each used once."""
    size = len(matches.names) + 1
    counts = np.zeros((size, size), np.int64)
    for o in per_image:
        rows = np.flatnonzero(matches.det_score[o.det] >= score)
        rows, columns = _pairs(o.iou[rows], rows, iou)
        truth = matches.gt_category[o.gt]
        found = matches.det_category[o.det]
        counts += _counted(truth[columns], found[rows], size)
        alone = np.setdiff1d(np.flatnonzero(matches.det_score[o.det] >= score), rows)
        counts += _counted(np.full(len(alone), size - 1), found[alone], size)
        missed = np.setdiff1d(np.arange(len(truth)), columns)
        counts += _counted(truth[missed], np.full(len(missed), size - 1), size)
    return Confusion(matches.names, tuple(tuple(map(int, row)) for row in counts), score, iou)


def box_bias(matches: Matches, per_image: Sequence[ImageOverlaps]) -> BoxBias | None:
    """Whether detected boxes are too tight, loose or off; None without pairs."""
    found: list[int] = []
    truth: list[int] = []
    for o in per_image:
        same = matches.det_category[o.det][:, None] == matches.gt_category[o.gt][None]
        rows, columns = _pairs(o.iou * same, np.arange(len(o.det)), _CLEAR_IOU)
        found += list(o.det[rows])
        truth += list(o.gt[columns])
    if not found:
        return None
    a, b = matches.det_box[found], matches.gt_box[truth]
    offset = (a[:, :2] + a[:, 2:] / 2 - b[:, :2] - b[:, 2:] / 2) / np.maximum(b[:, 2:], 1e-9)
    width, height = np.median(a[:, 2:] / np.maximum(b[:, 2:], 1e-9), axis=0)
    across, down = np.median(offset, axis=0)
    return BoxBias(len(found), float(width), float(height), float(across), float(down))


def _counted(rows: Ints, columns: Ints, size: int) -> Ints:
    """int64[size, size]: how often each pair occurs."""
    flat = np.bincount(rows * size + columns, minlength=size * size)
    return flat.reshape(size, size)


def _pairs(iou: NDArray[np.float64], rows: Ints, least: float) -> tuple[Ints, Ints]:
    """Greedy one to one pairs of at least `least`, largest overlap first."""
    taken_rows: list[int] = []
    columns: list[int] = []
    if iou.size:
        for flat in np.argsort(-iou, axis=None, kind="stable"):
            row, column = divmod(int(flat), iou.shape[1])
            if iou[row, column] < least:
                break
            if rows[row] not in taken_rows and column not in columns:
                taken_rows.append(int(rows[row]))
                columns.append(column)
    return np.array(taken_rows, np.int64), np.array(columns, np.int64)
