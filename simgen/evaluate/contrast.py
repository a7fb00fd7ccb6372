"""Detectors on the same labels: by how much one is better than another, with an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from simgen.evaluate.bootstrap import Estimate, difference, image_weights
from simgen.evaluate.coco_files import LabelFile, read_detections
from simgen.evaluate.evaluation import Settings, clusters_of
from simgen.evaluate.matching import match
from simgen.evaluate.metrics import METRICS, Replicates, replicate
from simgen.evaluate.precision import rankings


def replicates_of(
    labels: LabelFile,
    predictions: Sequence[Path],
    settings: Settings | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Replicates:
    """Metrics of detections under all resamples of the images, to be compared with others'.

    Args:
        labels: ground truth.
        predictions: COCO results files, one a seed.
        settings: resamples and seed of the bootstrap.
        mapping: see `coco_files.read_detections`.

    Raises:
        DataError: files that do not fit.
    """
    settings = settings or Settings()
    rows = [read_detections(path, labels, mapping, settings.iou) for path in predictions]
    matches = [match(labels, found, settings.iou, settings.evaluator) for found in rows]
    clusters, _ = clusters_of(labels, matches[0])
    weights = image_weights(clusters, settings.resamples, settings.seed)
    return replicate([rankings(found) for found in matches], weights)


def contrast(ours: Replicates, theirs: Replicates, seed: int = 0) -> dict[str, Estimate]:
    """Headline metrics of `ours` minus those of `theirs`.

    Both are weighted by the same resamples of the images, so what is hard about an image
    cancels; the interval is narrower than those of the two metrics suggest.

    Args:
        ours, theirs: of the same labels and settings.
        seed: of the draws among repeats.
    """
    return {n: difference(ours.metric(n), theirs.metric(n), seed) for n in METRICS}
