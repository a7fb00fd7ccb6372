"""Average precision of weighted columns: COCO's 101 points for many weightings at once.

COCO reads the precision envelope at recalls 0, 0.01, ..., 1. The envelope only changes at true
positives, so the sum over 101 points is a sum over true positives, each weighted by the number
of points that its recall newly reaches. An image drawn m times in a bootstrap resample weighs m:
its true positives are then m points in a row whose envelope is that of the last, which is
exactly what one point of weight m gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.matching import Matches

Floats = NDArray[np.float64]

RECALLS: Floats = np.linspace(0.0, 1.0, 101)
_CELLS = 3_000_000  # of one block of resamples x detections: 24 MB


@dataclass(frozen=True)
class Ranking:
    """Detections of one category by falling score.

    Args:
        image: int64[D], index of the image.
        score: float64[D].
        right: bool[T, D], true positive at each threshold.
        counted: float64[T, D], share with which a detection counts: 1 for true positives, 0 to 1
            for false positives, 0 for what is ignored.
        labels: float64[I], labels to find in each image.
    """

    image: NDArray[np.int64]
    score: Floats
    right: NDArray[np.bool_]
    counted: Floats
    labels: Floats


def rankings(
    matches: Matches,
    in_slice: NDArray[np.bool_] | None = None,
    false_share: Floats | None = None,
) -> list[Ranking]:
    """One ranking per category.

    Args:
        matches: matched detections.
        in_slice: bool[G], labels that count; all when not given.
        false_share: float64[D], share with which an unmatched detection counts as false
            positive; 1 when not given.
    """
    kept = ~matches.gt_ignored if in_slice is None else in_slice & ~matches.gt_ignored
    hit = matches.det_match >= 0
    right = hit & ~matches.det_ignored
    right &= np.append(kept, False)[matches.det_match]
    share = 1.0 if false_share is None else false_share
    counted = np.where(hit, right, np.where(matches.det_ignored, 0.0, share)).astype(np.float64)
    out = []
    for k in range(len(matches.names)):
        of = np.flatnonzero(matches.det_category == k)
        # Stable, on rows in order of images: ties fall as in pycocotools.
        of = of[np.argsort(-matches.det_score[of], kind="stable")]
        mine = kept & (matches.gt_category == k)
        number = np.bincount(matches.gt_image[mine], minlength=len(matches.image_ids))
        out.append(
            Ranking(
                matches.det_image[of],
                matches.det_score[of],
                right[:, of],
                counted[:, of],
                number.astype(np.float64),
            )
        )
    return out


def average_precision(ranking: Ranking, weights: Floats) -> tuple[Floats, Floats]:
    """AP and recall of a category under each weighting of the images.

    Args:
        ranking: detections of the category.
        weights: float64[B, I], how often each image counts.

    Returns:
        float64[B, T] each; NaN where a weighting has no label of the category.
    """
    thresholds = len(ranking.right)
    wanted = weights @ ranking.labels
    found = ranking.right.any(axis=0)
    last = int(np.flatnonzero(found)[-1]) + 1 if found.any() else 0  # later ones change nothing
    ap = np.zeros((len(weights), thresholds))
    recall = np.zeros_like(ap)
    for block in _blocks(len(weights), last):
        weight = weights[block][:, ranking.image[:last]]
        before = np.full(last, np.nan)
        for t in range(thresholds):
            counted = ranking.counted[t, :last]
            if not np.array_equal(counted, before):
                passed, before = np.cumsum(weight * counted, axis=1), counted
            hits = np.flatnonzero(ranking.right[t, :last])
            if len(hits):
                right = np.cumsum(weight[:, hits], axis=1)
                ap[block, t] = _area(right, passed[:, hits], wanted[block])
                recall[block, t] = right[:, -1]
    none = wanted == 0
    ap[none] = recall[none] = np.nan
    return ap, recall / np.where(none, 1.0, wanted)[:, None]


def mean_over_categories(values: Floats) -> Floats:
    """Mean over the last axis of the categories that have labels; NaN when none has."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=-1)
    number = known.sum(axis=-1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def precision_curve(ranking: Ranking, threshold: int) -> tuple[Floats, Floats]:
    """Precision envelope and score at the 101 recalls, 0 beyond the largest recall."""
    right = np.cumsum(ranking.right[threshold])
    counted = np.cumsum(ranking.counted[threshold])
    precision = right / np.maximum(counted, 1e-12)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    wanted = max(float(ranking.labels.sum()), 1e-12)
    at = np.searchsorted(right / wanted, RECALLS, side="left")
    reached = at < len(right)
    places = at[reached]
    out, scores = np.zeros(len(RECALLS)), np.zeros(len(RECALLS))
    out[reached], scores[reached] = precision[places], ranking.score[places]
    return out, scores


def _area(right: Floats, passed: Floats, wanted: Floats) -> Floats:
    precision = right / np.maximum(passed, 1e-12)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = right / np.where(wanted == 0, 1.0, wanted)[:, None]
    reached = np.searchsorted(RECALLS, recall, side="right")
    points = np.diff(reached, axis=1, prepend=0)
    area: Floats = (envelope * points).sum(axis=1) / len(RECALLS)
    return area


def _blocks(rows: int, columns: int) -> Iterator[slice]:
    step = max(1, _CELLS // max(columns, 1))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))
