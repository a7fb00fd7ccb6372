"""Everything about detections on one set of labels, in one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.coco_index import KEY
from simgen.errors import DataError
from simgen.evaluate.advice import Advice, advise
from simgen.evaluate.bins import split_spec
from simgen.evaluate.bootstrap import Estimate, image_weights
from simgen.evaluate.coco_files import LabelFile, Row, read_detections
from simgen.evaluate.confusion import BoxBias, Confusion, box_bias, confusion
from simgen.evaluate.error_types import Cost, classify, costs
from simgen.evaluate.matching import Evaluator, IouType, Matches, match
from simgen.evaluate.metrics import (
    AT_50,
    Category,
    Replicates,
    by_category,
    replicate,
    summary,
)
from simgen.evaluate.overlaps import ImageOverlaps, nearest_labels, overlaps
from simgen.evaluate.parameters import USUAL, Parameter, has, parameter
from simgen.evaluate.precision import rankings
from simgen.evaluate.slices import Repeat, Slice, slices
from simgen.evaluate.worst import Mistake, worst


@dataclass(frozen=True)
class Settings:
    """How to evaluate.

    Args:
        slices: `NAME`, `NAME:BINS` or `NAME=EDGE,...`; empty: the usual ones that are recorded.
        iou: overlap of boxes or masks.
        evaluator: which library matches.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        score: threshold of the confusion matrix; None: the one with the largest F1.
    """

    slices: tuple[str, ...] = ()
    iou: IouType = "bbox"
    evaluator: Evaluator = "pycocotools"
    resamples: int = 1000
    seed: int = 0
    score: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """Metrics, slices and errors.

    Args:
        labels: path of the labels.
        predictions: paths of the detections, one a seed.
        images: how many.
        objects: labels that are no crowds.
        synthetic: whether the labels are simgen's.
        resampled: what the bootstrap draws: `images` or `worlds`.
        settings: how it was evaluated.
        metrics: headline numbers with intervals.
        coco: the twelve numbers of pycocotools, mean over seeds; None where there is nothing.
        categories: per category.
        slices: per bin of every parameter, in order of parameters.
        errors: error types and costs, of the first predictions.
        confusion: of the first predictions.
        boxes: bias of detected boxes, of the first predictions.
        mistakes: to look at, of the first predictions.
        advice: what to change.
    """

    labels: str
    predictions: tuple[str, ...]
    images: int
    objects: int
    synthetic: bool
    resampled: str
    settings: Settings
    metrics: dict[str, Estimate]
    coco: dict[str, float | None]
    categories: tuple[Category, ...]
    slices: tuple[Slice, ...]
    errors: tuple[Cost, ...]
    confusion: Confusion
    boxes: BoxBias | None
    mistakes: tuple[Mistake, ...]
    advice: tuple[Advice, ...]


@dataclass(frozen=True)
class _Judged:
    repeat: Repeat
    overlaps: tuple[ImageOverlaps, ...]


def evaluate(
    labels: LabelFile,
    predictions: Sequence[Path],
    settings: Settings | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Evaluation:
    """Judge detections by labels; several files are seeds of one training.

    Args:
        labels: ground truth.
        predictions: COCO results files.
        settings: see there.
        mapping: see `coco_files.read_detections`.

    Raises:
        DataError: files or slices that do not fit.
    """
    settings = settings or Settings()
    # Asked for before any matching, so that a wrong name is said at once.
    specs = [split_spec(spec) for spec in settings.slices]
    judged = [
        _judge(labels, read_detections(path, labels, mapping, settings.iou), settings)
        for path in predictions
    ]
    first = judged[0].repeat.matches
    clusters, resampled = clusters_of(labels, first)
    weights = image_weights(clusters, settings.resamples, settings.seed)
    whole = replicate([rankings(j.repeat.matches) for j in judged], weights)
    found, hows = _parameters(specs, labels, first)
    parts = slices(found, hows, [j.repeat for j in judged], weights, whole, settings.seed)
    return _assembled(labels, predictions, settings, judged, weights, whole, parts, resampled)


def _assembled(
    labels: LabelFile,
    predictions: Sequence[Path],
    settings: Settings,
    judged: Sequence[_Judged],
    weights: NDArray[np.float64],
    whole: Replicates,
    parts: tuple[Slice, ...],
    resampled: str,
) -> Evaluation:
    matches, per_image = judged[0].repeat.matches, judged[0].overlaps
    errors = classify(matches, per_image)
    priced = costs(matches, errors, weights, settings.seed)
    score = best_score(matches) if settings.score is None else settings.score
    table, bias = confusion(matches, per_image, score), box_bias(matches, per_image)
    metrics = summary(whole, settings.seed)
    return Evaluation(
        labels=str(labels.path),
        predictions=tuple(map(str, predictions)),
        images=len(matches.image_ids),
        objects=int((~matches.gt_ignored).sum()),
        synthetic=KEY in labels.images[0],
        resampled=resampled,
        settings=settings,
        metrics=metrics,
        coco=_coco([j.repeat.matches for j in judged]),
        categories=by_category(matches, whole, settings.seed),
        slices=parts,
        errors=priced,
        confusion=table,
        boxes=bias,
        mistakes=worst(labels, matches, errors),
        advice=advise(metrics["mAP50"], parts, priced, table, bias),
    )


def best_score(matches: Matches) -> float:
    """The score threshold with the largest F1 over all categories together, at IoU 0.5."""
    keep = ~matches.det_ignored[AT_50]
    score, right = matches.det_score[keep], (matches.det_match[AT_50] >= 0)[keep]
    if not right.any():
        return 0.5
    order = np.argsort(-score, kind="stable")
    number = np.arange(1, len(order) + 1)
    f1 = 2 * np.cumsum(right[order]) / (number + (~matches.gt_ignored).sum())
    return float(score[order][f1.argmax()])


def _judge(labels: LabelFile, detections: tuple[Row, ...], settings: Settings) -> _Judged:
    matches = match(labels, detections, settings.iou, settings.evaluator)
    per_image = tuple(overlaps(labels, detections, matches, settings.iou))
    nearest = nearest_labels(per_image, len(matches.det_score))
    return _Judged(Repeat(matches, nearest), per_image)


def clusters_of(labels: LabelFile, matches: Matches) -> tuple[NDArray[np.int64], str]:
    """What is drawn together: views of one world, or each image by itself."""
    worlds = {row["id"]: row.get(KEY, {}).get("world") for row in labels.images}
    found = [worlds[int(number)] for number in matches.image_ids]
    if any(world is None for world in found):
        return np.arange(len(found)), "images"
    return np.array(found, np.int64), "worlds"


def _parameters(
    specs: Sequence[tuple[str, list[float] | int | None]], labels: LabelFile, matches: Matches
) -> tuple[list[Parameter], list[list[float] | int | None]]:
    if specs:
        return [parameter(name, labels, matches) for name, _ in specs], [how for _, how in specs]
    found = []
    for name in USUAL:
        try:
            found.append(parameter(name, labels, matches))
        except DataError:  # not recorded: real labels have no lights
            continue
    kept = [p for p in found if has(p)]
    return kept, [None] * len(kept)


def _coco(repeats: Sequence[Matches]) -> dict[str, float | None]:
    names = repeats[0].stats
    means = {name: float(np.mean([m.stats[name] for m in repeats])) for name in names}
    return {name: None if value < 0 else value for name, value in means.items()}
