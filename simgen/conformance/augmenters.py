"""Laws of augmenters: labels follow the pixels, inputs stay, the same stream gives the same."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from simgen.conformance.invented import NAMES, Kind, invented
from simgen.errors import DataError
from simgen.plugin.conformance import Law, LawBroken, Subject, require
from simgen.records.masks import decode, tight_box
from simgen.records.sample import Sample
from simgen.records.serial import to_json
from simgen.sampling.streams import KeyedStream

_TRIES = 12
_SLACK = 1e-6


def suite(subject: Subject) -> list[Law]:
    """The laws of an augmenter."""
    return [
        Law("labels follow the pixels", lambda: _every(subject, Kind(), true_labels)),
        Law(
            "labels of photographs follow, too",
            lambda: _every(subject, Kind(instances=False, amodal=False), true_labels),
        ),
        Law("box-only labels are moved or refused", lambda: _maskless(subject)),
        Law(
            "nothing is more visible than it was", lambda: _every(subject, Kind(), _no_less_hidden)
        ),
        Law("samples that are given stay as they are", lambda: _untouched(subject)),
        Law("the same stream gives the same sample", lambda: _same(subject)),
        Law("its step says what was done", lambda: _every(subject, Kind(), _told)),
    ]


def true_labels(given: list[Sample], result: Sample) -> None:
    """Check a result's labels against its masks, its map and its size.

    Raises:
        LawBroken: they do not agree.
    """
    labels, (width, height) = result.annotations, result.size
    owned = np.zeros((height, width), np.int32)
    require(len(set(labels.instance)) == len(labels), "two labels have one instance id")
    for row in range(len(labels)):
        where = f"{labels.category[row]} {labels.instance[row]}"
        require(labels.category[row] in NAMES, f"{where} is of a category that nobody gave")
        x, y, w, h = labels.box_xywh_px[row]
        inside = x >= 0 and y >= 0 and x + w <= width + _SLACK and y + h <= height + _SLACK
        require(inside and w > 0 and h > 0, f"{where}: the box {x, y, w, h} lies outside")
        rle = labels.mask[row]
        if rle is None:
            continue
        mask = decode(rle)
        require(mask.shape == (height, width), f"{where}: the mask has another size")
        require(tight_box(mask) == tuple(labels.box_xywh_px[row]), f"{where}: a loose box")
        require(labels.area_px[row] == int(mask.sum()), f"{where}: a wrong area")
        require(not owned[mask].any(), f"{where} shares pixels with another label")
        owned[mask] = labels.instance[row]
        _amodal(where, result, row, mask)
    if result.instances is not None:
        known = set(labels.instance) | {one.instance for one in result.unlabelled} | {0}
        found = set(np.unique(result.instances).tolist())
        require(found <= known, f"the map has ids that nothing explains: {found - known}")
        listed = np.isin(result.instances, labels.instance)
        require(bool((owned[listed] == result.instances[listed]).all()), "map and masks differ")
        require(bool((owned[~listed] == 0).all()), "a mask has pixels that the map does not")


def _amodal(where: str, result: Sample, row: int, mask: Any) -> None:
    labels = result.annotations
    seen, cut = labels.visibility[row], labels.truncation[row]
    require(seen is None or 0 < seen <= 1, f"{where}: visibility {seen}")
    require(cut is None or 0 <= cut <= 1, f"{where}: truncation {cut}")
    whole = labels.amodal_mask[row]
    if whole is not None:
        covering = decode(whole)
        require(bool(covering[mask].all()), f"{where}: the amodal mask is not all of it")
        share = mask.sum() / covering.sum()
        require(abs(share - (seen or 0)) < 1e-3, f"{where}: visibility {seen}, masks say {share}")
        require(labels.amodal_box_xywh_px[row] == tight_box(covering), f"{where}: amodal box")
    for part in (labels.parts or ({},) * len(labels))[row].values():
        require(not (decode(part) & ~mask).any(), f"{where}: a part reaches out of it")
    for point in (labels.keypoints or ((),) * len(labels))[row]:
        x, y = point.xy_px
        inside = 0 <= x < result.size[0] and 0 <= y < result.size[1]
        require(inside or point.visibility == 0, f"{where}: a visible point outside")


def _every(subject: Subject, kind: Kind, check: Callable[[list[Sample], Sample], None]) -> str:
    labels = 0
    for given, rng in _trials(subject, kind):
        result = _run(subject, given, rng)
        check(given, result)
        labels += len(result.annotations)
    return f"{labels} labels in {_TRIES} results"


def _no_less_hidden(given: list[Sample], result: Sample) -> None:
    best: dict[str, float] = {}
    for sample in given:
        for name, seen in zip(
            sample.annotations.category, sample.annotations.visibility, strict=True
        ):
            best[name] = max(best.get(name, 0.0), seen or 0.0)
    labels = result.annotations
    for name, seen, area in zip(labels.category, labels.visibility, labels.area_px, strict=True):
        if area >= 60:  # of tiny ones a pixel more or less, as resampling gives, is a great deal
            require((seen or 0) <= best[name] + 0.1, f"a {name} is more visible than any before")


def _maskless(subject: Subject) -> str:
    moved = refused = 0
    for given, rng in _trials(subject, Kind(instances=False, masks=False, amodal=False)):
        try:
            true_labels(given, _run(subject, given, rng))
            moved += 1
        except DataError as error:
            require("mask" in str(error), f"the refusal does not say why: {error}")
            refused += 1
    return f"{moved} moved, {refused} refused"


def _untouched(subject: Subject) -> str:
    for given, rng in _trials(subject, Kind()):
        before: list[tuple[Any, ...]] = [
            copy.deepcopy((s.rgb, s.depth_m, s.instances)) for s in given
        ]
        labels = [to_json(s.annotations) for s in given]
        _run(subject, given, rng)
        for sample, arrays, text in zip(given, before, labels, strict=True):
            now: tuple[Any, ...] = (sample.rgb, sample.depth_m, sample.instances)
            require(all(np.array_equal(a, b) for a, b in zip(arrays, now, strict=True)), "pixels")
            require(to_json(sample.annotations) == text, "the labels of an input were changed")
    return ""


def _same(subject: Subject) -> str:
    different = set()
    for (given, rng), (again, same) in zip(
        _trials(subject, Kind()), _trials(subject, Kind()), strict=True
    ):
        one, two = _run(subject, given, rng), _run(subject, again, same)
        require(np.array_equal(one.rgb, two.rgb), "the same stream gives other pixels")
        require(to_json(one.annotations) == to_json(two.annotations), "or other labels")
        different.add(one.rgb.tobytes())
    require(len(different) > 1, "all results are the same picture")
    return ""


def _told(given: list[Sample], result: Sample) -> None:
    step = result.provenance[-1] if result.provenance else None
    require(step is not None and step.stage == "augment", "the last step is not of `augment`")
    assert step is not None
    require(len(step.operators or ()) == 1, "the step has not one operator")
    require("name" in (step.operators or ({},))[0], "the operator has no name")
    require(result.frame == given[0].frame, "the result has not the first sample's number")


def _trials(subject: Subject, kind: Kind) -> Iterator[tuple[list[Sample], KeyedStream]]:
    needed = subject.plugin.needs(_params(subject))
    for number in range(_TRIES):
        seeds = range(number * 16, number * 16 + needed)
        samples = [invented(seed, frame=seed, kind=kind) for seed in seeds]
        for sample in samples:  # a plugin that writes into its input fails where it does so
            for array in (sample.rgb, sample.depth_m, sample.instances):
                if array is not None:
                    array.flags.writeable = False
        yield samples, KeyedStream(3, "frame", number, "augment")


def _params(subject: Subject) -> Any:
    from simgen.plugin.section_gate import SectionGate
    from simgen.spec.document import Document

    data = {k: v for k, v in subject.settings.items() if k != "kind"}
    gate = SectionGate(Document(data), subject.registry)
    params = subject.plugin.Params.model_validate(data)
    return gate.rooted(params, ())


def _run(subject: Subject, given: list[Sample], rng: KeyedStream) -> Sample:
    try:
        result: Sample = subject.plugin.augment(given, _params(subject), rng)
    except ValueError as error:
        raise LawBroken(f"it cannot work on an invented picture: {error}") from error
    return result
