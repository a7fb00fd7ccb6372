"""The page of an evaluation: what to change first, then where and why detections fail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simgen.evaluate.advice import MIN_LABELS, is_weak, ranked
from simgen.evaluate.coco_files import LabelFile
from simgen.evaluate.evaluation import Evaluation
from simgen.evaluate.metrics import Category
from simgen.evaluate.worst import Mistake
from simgen.report.page import write_page
from simgen.report.thumbnails import crop

_SHOWN_SLICES = 10
_WIDE = 16  # categories beyond which a confusion matrix is a list
_CURVES = 12

EXPLAINED = {
    "missed": "no detection at this object, nor one that only needs mending",
    "classification": "on an object, with the wrong category",
    "localisation": "right category, box off (IoU 0.1 to 0.5)",
    "background": "nothing labelled there",
    "duplicate": "object already found by a better score",
    "both": "wrong category and box off",
}


def write_evaluation(evaluation: Evaluation, labels: LabelFile, out: Path) -> Path:
    """Write report.json, report.md and report.html; the path of the last is returned.

    Raises:
        StorageError: it cannot be written.
    """
    order = ranked(evaluation.slices)
    return write_page(
        out,
        "evaluation",
        evaluation,
        explained=EXPLAINED,
        min_labels=MIN_LABELS,
        weakest=order[:_SHOWN_SLICES],
        others=order[_SHOWN_SLICES:],
        weak={(s.parameter, s.label) for s in evaluation.slices if is_weak(s)},
        parameters=_by_parameter(evaluation),
        errors=sorted(evaluation.errors, key=lambda e: -(e.gain.value or 0.0)),
        curves=_curves(evaluation.categories),
        confused=_confused(evaluation),
        wide=len(evaluation.categories) > _WIDE,
        gallery=_gallery(evaluation.mistakes, labels),
    )


def _by_parameter(evaluation: Evaluation) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {}
    for part in evaluation.slices:
        out.setdefault(part.parameter, []).append(part)
    return out


def _curves(categories: Sequence[Category]) -> list[dict[str, Any]]:
    """Precision over recall as SVG points in a unit of 100; weakest categories first."""
    known = [c for c in categories if c.mAP50.value is not None]
    known.sort(key=lambda c: c.mAP50.value or 0.0)
    out = []
    for number, category in enumerate(known[:_CURVES]):
        points = " ".join(f"{i},{100 - 100 * p:.1f}" for i, p in enumerate(category.precision))
        hue = round(360 * number / min(len(known), _CURVES))
        out.append({"name": category.name, "points": points, "hue": hue, "ap": category.mAP50})
    return out


def _confused(evaluation: Evaluation) -> list[tuple[int, str, str]]:
    """Most frequent mix-ups: count, label, taken for."""
    table = evaluation.confusion
    found = [
        (number, table.names[i], table.names[j])
        for i, row in enumerate(table.counts[:-1])
        for j, number in enumerate(row[:-1])
        if i != j and number
    ]
    return sorted(found, key=lambda f: (-f[0], f[1], f[2]))[:10]


def _gallery(mistakes: Sequence[Mistake], labels: LabelFile) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {}
    for mistake in mistakes:
        path = labels.image_path({"file_name": mistake.file_name})
        if path is not None and path.is_file():
            picture = crop(path, mistake.found_box, mistake.truth_box)
            out.setdefault(mistake.kind, []).append((mistake, picture))
    return out
