"""Two detectors on the same labels: by how much one is better, with an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from simgen.evaluate.bootstrap import Estimate, difference, image_weights
from simgen.evaluate.coco_files import LabelFile, read_detections
from simgen.evaluate.evaluation import Settings, clusters_of
from simgen.evaluate.matching import match
from simgen.evaluate.metrics import METRICS, replicate
from simgen.evaluate.precision import rankings


def contrast(
    labels: LabelFile,
    ours: Sequence[Path],
    theirs: Sequence[Path],
    settings: Settings | None = None,
    mapping: Mapping[str, str] | None = None,
) -> dict[str, Estimate]:
    """Headline metrics of `ours` minus those of `theirs`.

    Both are weighted by the same resamples of the images, so what is hard about an image
    cancels; the interval is narrower than those of the two metrics suggest.

    Args:
        labels: ground truth.
        ours, theirs: COCO results files, one a seed.
        settings: resamples and seed of the bootstrap.
        mapping: see `coco_files.read_detections`.

    Raises:
        DataError: files that do not fit.
    """
    settings = settings or Settings()
    sides = []
    for paths in (ours, theirs):
        rows = [read_detections(path, labels, mapping, settings.iou) for path in paths]
        matches = [match(labels, found, settings.iou, settings.evaluator) for found in rows]
        clusters, _ = clusters_of(labels, matches[0])
        weights = image_weights(clusters, settings.resamples, settings.seed)
        sides.append(replicate([rankings(found) for found in matches], weights))
    a, b = sides
    return {n: difference(a.metric(n), b.metric(n), settings.seed) for n in METRICS}
