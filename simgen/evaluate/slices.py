"""Average precision of slices; the rules for what counts are in the room's docstring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.bins import Bin, bins
from simgen.evaluate.bootstrap import Estimate, estimate
from simgen.evaluate.matching import Matches
from simgen.evaluate.metrics import Replicates, replicate
from simgen.evaluate.parameters import Parameter, box_value
from simgen.evaluate.precision import Ranking, rankings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Slice:
    """Metrics of the labels (or images) with one range of values.

    Args:
        parameter: its name.
        label: the values.
        scope: `instance` or `image`.
        images: images that hold labels of the slice.
        labels: labels in the slice.
        mAP50: AP at IoU 0.5.
        mAP50_95: AP, mean over IoU 0.5 to 0.95.
        recall50: share of labels found at IoU 0.5.
        against_rest: mAP50 minus that of all labels, under the same resamples.
    """

    parameter: str
    label: str
    scope: str
    images: int
    labels: int
    mAP50: Estimate
    mAP50_95: Estimate
    recall50: float
    against_rest: Estimate


@dataclass(frozen=True)
class Repeat:
    """Detections of one seed.

    Args:
        matches: to the labels.
        nearest: int64[D], label that each detection overlaps most, -1 for background.
    """

    matches: Matches
    nearest: NDArray[np.int64]


def slices(
    parameters: Sequence[Parameter],
    hows: Sequence[list[float] | int | None],
    repeats: Sequence[Repeat],
    weights: Floats,
    whole: Replicates,
    seed: int,
) -> tuple[Slice, ...]:
    """Metrics of every bin of every parameter.

    Args:
        parameters: values.
        hows: bins of each parameter, see `bins.bins`.
        repeats: one for each seed.
        weights: float64[B + 1, I] of the images.
        whole: AP without slicing, under the same weights.
        seed: of the draws among repeats.
    """
    out = []
    for found, how in zip(parameters, hows, strict=True):
        parts = bins(found.values, how)
        for number, part in enumerate(parts):
            ranked = [slice_rankings(found, parts, number, r) for r in repeats]
            part_of = replicate(ranked, weights)
            out.append(_slice(found, part, repeats[0].matches, part_of, whole, seed))
    return tuple(out)


def slice_rankings(
    found: Parameter, parts: Sequence[Bin], number: int, repeat: Repeat
) -> list[Ranking]:
    """Rankings of bin `number` of a parameter, one per category."""
    m, part = repeat.matches, parts[number]
    if found.scope == "image":
        return rankings(m, part.member[m.gt_image], part.member[m.det_image].astype(np.float64))
    if found.read_off == "category":
        own = np.array([name == part.label for name in m.names])
        return rankings(m, part.member, own[m.det_category].astype(np.float64))
    share = _background_share(part, m)[m.det_category]
    if found.read_off == "box":
        share = _falls_into(box_value(found.name, m.det_box), parts, number).astype(np.float64)
    near = repeat.nearest >= 0
    share = np.where(near, np.append(part.member, False)[repeat.nearest], share)
    return rankings(m, part.member, share)


def _background_share(part: Bin, m: Matches) -> Floats:
    """float64[K]: the slice's part of the labels of each category."""
    counted = ~m.gt_ignored
    all_of = np.bincount(m.gt_category[counted], minlength=len(m.names))
    of = np.bincount(m.gt_category[counted & part.member], minlength=len(m.names))
    return np.asarray(of / np.maximum(all_of, 1), np.float64)


def _falls_into(values: Floats, parts: Sequence[Bin], number: int) -> Bools:
    """Whether values belong to a bin; outer bins are open and gaps go to the nearer bin, so that
    no error is lost."""
    edges = [((a.high or 0.0) + (b.low or 0.0)) / 2 for a, b in pairwise(parts)]
    return np.asarray(np.searchsorted(edges, values, side="right") == number)


def _slice(
    found: Parameter, part: Bin, m: Matches, own: Replicates, whole: Replicates, seed: int
) -> Slice:
    member = part.member[m.gt_image] if found.scope == "image" else part.member
    member = member & ~m.gt_ignored
    labels = np.array([(member & (m.gt_category == k)).sum() for k in range(len(m.names))])
    recall = np.nan_to_num(own.recall[0, :, 0].mean(axis=0))  # at IoU 0.5, by category
    return Slice(
        found.name,
        part.label,
        found.scope,
        len(np.unique(m.gt_image[member])),
        int(labels.sum()),
        estimate(own.metric("mAP50"), seed),
        estimate(own.metric("mAP50_95"), seed),
        float((recall * labels).sum() / max(labels.sum(), 1)),
        estimate(own.metric("mAP50") - whole.metric("mAP50"), seed),
    )
