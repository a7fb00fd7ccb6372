"""Error types and what each costs, as TIDE (Bolya et al. 2020, "TIDE: A General Toolbox for
Identifying Object Detection Errors", sections 2.2 and 2.3), at IoU 0.5 and background IoU 0.1.

Every false positive is exactly one of: localisation (right category, IoU in [0.1, 0.5)),
classification (IoU >= 0.5 with a label of another category), duplicate (its label is taken by a
higher score), background (no label above 0.1), both (anything else). A missed label is one that
no detection found and none would find if its category or box were right. The cost of a type is
the mAP50 gained if an oracle mended it alone; costs do not add up, as errors hide each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.bootstrap import Estimate, estimate
from simgen.evaluate.matching import Matches
from simgen.evaluate.metrics import AT_50
from simgen.evaluate.overlaps import BACKGROUND_IOU, ImageOverlaps
from simgen.evaluate.precision import (
    Ranking,
    average_precision,
    mean_over_categories,
    rankings,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
POSITIVE_IOU = 0.5
TYPES = ("classification", "localisation", "both", "duplicate", "background", "missed")
_RIGHT = -1


@dataclass(frozen=True)
class Errors:
    """What is wrong with each detection and label.

    Args:
        kind: int64[D], place in TYPES; -1 for true positives and ignored ones.
        label: int64[D], the label that an error is about; -1 for none.
        mends: bool[D], a classification or localisation error which, mended, finds its label.
        unfound: bool[G], no detection matched the label.
        missed: bool[G], nor would a mended one.
    """

    kind: Ints
    label: Ints
    mends: NDArray[np.bool_]
    unfound: NDArray[np.bool_]
    missed: NDArray[np.bool_]


@dataclass(frozen=True)
class Cost:
    """One type of error.

    Args:
        name: of TYPES.
        count: how many.
        gain: mAP50 to win by mending this type alone.
    """

    name: str
    count: int
    gain: Estimate


def classify(matches: Matches, per_image: Sequence[ImageOverlaps]) -> Errors:
    """Type of every error."""
    detections, labels = len(matches.det_score), len(matches.gt_image)
    kind, label = np.full(detections, _RIGHT), np.full(detections, -1)
    match = matches.det_match[AT_50]
    wrong = (match < 0) & ~matches.det_ignored[AT_50]
    taken = np.zeros(labels, bool)
    taken[match[match >= 0]] = True
    for o in per_image:
        same = matches.det_category[o.det][:, None] == matches.gt_category[o.gt][None]
        for row in np.flatnonzero(wrong[o.det]):
            name, column = _kind(o.iou[row], same[row], taken[o.gt])
            kind[o.det[row]] = TYPES.index(name)
            label[o.det[row]] = o.gt[column] if column >= 0 else -1
    unfound = ~taken & ~matches.gt_ignored
    mends = _mends(matches.det_score, kind, label, unfound)
    missed = unfound.copy()
    missed[label[mends]] = False
    return Errors(kind, label, mends, unfound, missed)


def costs(matches: Matches, errors: Errors, weights: Floats, seed: int) -> tuple[Cost, ...]:
    """Count and cost of every type, as TYPES; rows of `weights` as in `bootstrap`."""
    base = _map50(rankings(matches), weights)
    out = []
    for number, name in enumerate(TYPES):
        mended = _map50(_mended(matches, errors, number), weights)
        count = errors.missed.sum() if name == "missed" else (errors.kind == number).sum()
        gain = np.maximum(mended - base, 0.0)  # as TIDE: below 0 is the 101 points' rounding
        out.append(Cost(name, int(count), estimate(gain[:, None], seed)))
    return tuple(out)


def _kind(iou: Floats, same: NDArray[np.bool_], taken: NDArray[np.bool_]) -> tuple[str, int]:
    if not iou.size:
        return "background", -1
    own, other, used = iou * same, iou * ~same, iou * (same & taken)
    if BACKGROUND_IOU <= own.max() < POSITIVE_IOU:
        return "localisation", int(own.argmax())
    if other.max() >= POSITIVE_IOU:
        return "classification", int(other.argmax())
    if used.max() >= POSITIVE_IOU:
        return "duplicate", int(used.argmax())
    if iou.max() < BACKGROUND_IOU:
        return "background", -1
    return "both", int(iou.argmax())


def _mends(score: Floats, kind: Ints, label: Ints, unfound: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool[D]: the best scored of the mendable errors about each unfound label."""
    mendable = np.isin(kind, [TYPES.index("classification"), TYPES.index("localisation")])
    mendable &= np.append(unfound, False)[label]
    out = np.zeros(len(kind), bool)
    order = np.flatnonzero(mendable)
    order = order[np.argsort(-score[order], kind="stable")]
    _, first = np.unique(label[order], return_index=True)
    out[order[first]] = True
    return out


def _mended(matches: Matches, errors: Errors, number: int) -> list[Ranking]:
    """Rankings after one type was mended: true where an oracle can, gone elsewhere."""
    ranked = rankings(matches)
    if TYPES[number] == "missed":
        gone = matches.gt_category[errors.missed], matches.gt_image[errors.missed]
        images = len(matches.image_ids)
        return [
            Ranking(r.image, r.score, r.right, r.counted,
                    r.labels - np.bincount(gone[1][gone[0] == k], minlength=images))
            for k, r in enumerate(ranked)
        ]  # fmt: skip
    of = errors.kind == number
    heals = of & errors.mends
    match = matches.det_match[AT_50]
    right = (match >= 0) & ~matches.det_ignored[AT_50]
    wrong = (match < 0) & ~matches.det_ignored[AT_50] & ~of
    # A mended classification error moves to the category of its label.
    category = np.where(heals, matches.gt_category[errors.label], matches.det_category)
    out = []
    for k, r in enumerate(ranked):
        mine = np.flatnonzero((category == k) & (right | wrong | heals))
        mine = mine[np.argsort(-matches.det_score[mine], kind="stable")]
        good = (right | heals)[mine][None]
        out.append(
            Ranking(
                matches.det_image[mine],
                matches.det_score[mine],
                good,
                np.ones(good.shape),
                r.labels,
            )
        )
    return out


def _map50(ranked: Sequence[Ranking], weights: Floats) -> Floats:
    at_50 = [Ranking(r.image, r.score, r.right[:1], r.counted[:1], r.labels) for r in ranked]
    return mean_over_categories(
        np.stack([average_precision(r, weights)[0][:, 0] for r in at_50], axis=-1)
    )
