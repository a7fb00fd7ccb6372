"""COCO metrics with intervals, over all categories and for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.bootstrap import Estimate, estimate
from simgen.evaluate.matching import Matches
from simgen.evaluate.precision import (
    Ranking,
    average_precision,
    mean_over_categories,
    precision_curve,
    rankings,
)

Floats = NDArray[np.float64]
AT_50, AT_75 = 0, 5  # places in IOU_THRESHOLDS
METRICS = ("mAP50_95", "mAP50", "mAP75", "AR100")


@dataclass(frozen=True)
class Category:
    """Metrics of one category.

    Args:
        name: of the category.
        labels: how many there are.
        detections: how many there are, of any score.
        mAP50_95: AP, mean over IoU 0.5 to 0.95.
        mAP50: AP at IoU 0.5.
        precision: at recalls 0, 0.01, ..., 1, IoU 0.5; of the first predictions.
        best_f1: largest F1 on this curve.
        best_score: score that reaches it: a threshold to start from.
    """

    name: str
    labels: int
    detections: int
    mAP50_95: Estimate
    mAP50: Estimate
    precision: tuple[float, ...]
    best_f1: float
    best_score: float


@dataclass(frozen=True)
class Replicates:
    """A metric under all weightings.

    Args:
        ap: float64[B + 1, S, T, K], NaN where a weighting has no labels.
        recall: the same of recall with 100 detections.
    """

    ap: Floats
    recall: Floats

    def metric(self, name: str) -> Floats:
        """float64[B + 1, S] of mAP50_95, mAP50, mAP75 or AR100."""
        if name == "AR100":
            return mean_over_categories(self.recall.mean(axis=2))
        return mean_over_categories(_at(self.ap, name))

    def by_seed(self, name: str) -> tuple[float | None, ...]:
        """A metric of each repeat on all images; None where there are no labels."""
        return tuple(float(v) if np.isfinite(v) else None for v in self.metric(name)[0])

    def category(self, name: str, k: int) -> Floats:
        """float64[B + 1, S] of a metric of category number k."""
        return _at(self.ap, name)[..., k]


def replicate(repeats: Sequence[Sequence[Ranking]], weights: Floats) -> Replicates:
    """AP and recall of rankings (a list by category for each repeat) under all weightings."""
    both = [[average_precision(r, weights) for r in ranked] for ranked in repeats]
    ap, recall = (
        np.stack([np.stack([pair[i] for pair in pairs], axis=-1) for pairs in both], axis=1)
        for i in (0, 1)
    )
    return Replicates(ap, recall)


def summary(replicates: Replicates, seed: int) -> dict[str, Estimate]:
    """Headline metrics over all categories that have labels."""
    return {name: estimate(replicates.metric(name), seed) for name in METRICS}


def by_category(matches: Matches, replicates: Replicates, seed: int) -> tuple[Category, ...]:
    """Metrics of each category; curves and counts are of `matches`."""
    out = []
    for k, (name, ranking) in enumerate(zip(matches.names, rankings(matches), strict=True)):
        precision, scores = precision_curve(ranking, AT_50)
        recalls = np.linspace(0, 1, len(precision))
        f1 = 2 * precision * recalls / np.maximum(precision + recalls, 1e-12)
        out.append(
            Category(
                name,
                int(ranking.labels.sum()),
                len(ranking.score),
                estimate(replicates.category("mAP50_95", k), seed),
                estimate(replicates.category("mAP50", k), seed),
                tuple(round(float(p), 4) for p in precision),
                float(f1.max()),
                float(scores[f1.argmax()]),
            )
        )
    return tuple(out)


def _at(ap: Floats, name: str) -> Floats:
    if name == "mAP50_95":
        return np.asarray(ap.mean(axis=2))
    return np.asarray(ap[:, :, AT_50 if name == "mAP50" else AT_75])
