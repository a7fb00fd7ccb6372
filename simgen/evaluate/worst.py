"""The mistakes to look at: confident false positives and labels that should have been easy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.coco_index import KEY
from simgen.evaluate.coco_files import LabelFile
from simgen.evaluate.error_types import TYPES, Errors
from simgen.evaluate.matching import Matches

Ints = NDArray[np.int64]
Box = tuple[float, float, float, float]
PER_KIND = 6
_SHOWN = ("classification", "background", "missed", "localisation", "both", "duplicate")


@dataclass(frozen=True)
class Mistake:
    """One wrong detection, or one label that was not found.

    Args:
        kind: of `error_types.TYPES`.
        image_id: COCO id.
        file_name: of the image.
        found: category of the detection, or None.
        score: of the detection, or None.
        found_box: x y w h, or None.
        truth: category of the label that it is about, or None.
        truth_box: x y w h, or None.
    """

    kind: str
    image_id: int
    file_name: str
    found: str | None
    score: float | None
    found_box: Box | None
    truth: str | None
    truth_box: Box | None


def worst(labels: LabelFile, matches: Matches, errors: Errors) -> tuple[Mistake, ...]:
    """Up to PER_KIND mistakes of each kind, at most one of a kind in an image."""
    out = []
    for kind in _SHOWN:
        if kind == "missed":
            order = _easiest(labels, matches, np.flatnonzero(errors.missed))
            images = matches.gt_image[order]
        else:
            order = np.flatnonzero(errors.kind == TYPES.index(kind))
            order = order[np.argsort(-matches.det_score[order], kind="stable")]
            images = matches.det_image[order]
        _, first = np.unique(images, return_index=True)
        for i in order[np.sort(first)][:PER_KIND]:
            out.append(_mistake(kind, int(i), labels, matches, errors))
    return tuple(out)


def _easiest(labels: LabelFile, matches: Matches, missed: Ints) -> Ints:
    """Missed labels, the most visible and largest first: what is easy to see tells most."""
    seen = [labels.annotations[i].get(KEY, {}).get("visibility", 1.0) for i in missed]
    area = matches.gt_box[missed, 2] * matches.gt_box[missed, 3]
    order = np.argsort(-area * np.array(seen), kind="stable")
    return missed[order]


def _mistake(kind: str, i: int, labels: LabelFile, m: Matches, errors: Errors) -> Mistake:
    gt = i if kind == "missed" else int(errors.label[i])
    image = m.gt_image[i] if kind == "missed" else m.det_image[i]
    number = int(m.image_ids[image])
    file = next(str(row["file_name"]) for row in labels.images if row["id"] == number)
    truth = (m.names[m.gt_category[gt]], _box(m.gt_box[gt])) if gt >= 0 else (None, None)
    if kind == "missed":
        return Mistake(kind, number, file, None, None, None, *truth)
    name, score = m.names[m.det_category[i]], float(m.det_score[i])
    return Mistake(kind, number, file, name, score, _box(m.det_box[i]), *truth)


def _box(row: Sequence[float]) -> Box:
    x, y, w, h = (round(float(v), 1) for v in row)
    return (x, y, w, h)
