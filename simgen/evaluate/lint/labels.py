"""Checks of one frame's labels: against their masks, against each other, against the map."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.records import FrameRecord
from simgen.evaluate.lint.finding import Finding, Thresholds
from simgen.records.masks import Mask, Rle, decode, is_whole, tight_box

_SLACK_PX = 0.51  # people round boxes
_SHARE = 0.005  # by which visibility may differ from what masks say


def label_findings(
    record: FrameRecord,
    size: tuple[int, int],
    known: Collection[str],
    limits: Thresholds,
    ids: NDArray[np.int32] | None,
    depth_m: NDArray[np.float32] | None,
) -> Iterator[Finding]:
    """What is wrong with the labels of a frame.

    Args:
        size: width and height that the record says.
        known: categories of the set.
        ids, depth_m: instance map and depth, where the set has them.
    """
    labels, frame = record.annotations, record.frame
    for instance, count in Counter(labels.instance).items():
        if count > 1:
            yield Finding("duplicate-id", f"{count} labels have it", frame, instance)
    owner = np.zeros((size[1], size[0]), np.int32)
    for row, instance in enumerate(labels.instance):
        for code, what in _row_findings(record, row, size, known, limits):
            yield Finding(code, what, frame, instance)
        mask = _mask(labels.mask[row], size)
        if mask is None or labels.is_ignored(row):
            continue
        other = owner[mask]
        if other.any():
            first = int(other[other > 0][0])
            what = f"shares {int((other > 0).sum())} pixels with label {first}"
            yield Finding("overlap", what, frame, instance)
        owner[mask] = instance
        yield from _against_maps(frame, instance, mask, ids, depth_m, limits)


def _row_findings(
    record: FrameRecord, row: int, size: tuple[int, int], known: Collection[str], limits: Thresholds
) -> Iterator[tuple[str, str]]:
    labels = record.annotations
    if labels.category[row] not in known:
        yield "unknown-category", f"{labels.category[row]!r}"
    x, y, w, h = labels.box_xywh_px[row]
    width, height = size
    if not all(math.isfinite(v) for v in (x, y, w, h)):
        yield "box-outside", f"{x, y, w, h}"
        return
    outside = x < -_SLACK_PX or y < -_SLACK_PX
    if outside or x + w > width + _SLACK_PX or y + h > height + _SLACK_PX or w <= 0 or h <= 0:
        yield "box-outside", f"{x:g}, {y:g}, {w:g}, {h:g} in {width} x {height}"
    elif min(w, h) < limits.tiny_px and not labels.is_ignored(row):
        yield "tiny-box", f"{w:g} x {h:g} pixels"
    rle = labels.mask[row]
    if rle is not None:
        mask = _mask(rle, size)
        if mask is None:
            yield "broken-mask", f"of size {rle.get('size')} in {height} x {width}"
        else:
            yield from _mask_findings(record, row, mask, size)
    for point in (labels.keypoints or ((),) * len(labels))[row]:
        u, v = point.xy_px
        if point.visibility and not (-_SLACK_PX <= u <= width and -_SLACK_PX <= v <= height):
            yield "keypoint", f"{point.name} at {u:g}, {v:g}"


def _mask_findings(
    record: FrameRecord, row: int, mask: Mask, size: tuple[int, int]
) -> Iterator[tuple[str, str]]:
    labels = record.annotations
    bound, box = tight_box(mask), labels.box_xywh_px[row]
    if bound is None:
        yield "broken-mask", "it has no pixels"
        return
    drawn = any(isinstance(v, float) and v != int(v) for v in box)  # a person's, not a mask's
    if not drawn and tuple(box) != bound:
        yield "loose-box", f"box {tuple(box)}, mask {bound}"
    area, counted = labels.area_px[row], int(mask.sum())
    if not drawn and area != counted:
        yield "wrong-area", f"{area:g}, the mask has {counted}"
    seen = labels.visibility[row]
    whole = labels.amodal_mask[row]
    if seen is not None and not (math.isfinite(seen) and 0 < seen <= 1):
        yield "wrong-visibility", f"{seen}"
        seen = None
    if whole is None:
        return
    covering = _mask(whole, size)
    if covering is None:
        yield "amodal", "its code is damaged"
        return
    if not covering[mask].all():
        yield "amodal", f"{int((mask & ~covering).sum())} pixels of the modal mask are not in it"
    share = counted / max(int((covering | mask).sum()), 1)
    if seen is not None and abs(share - seen) > _SHARE:
        yield "wrong-visibility", f"{seen:.3f}, the masks say {share:.3f}"
    if labels.amodal_box_xywh_px[row] != tight_box(covering):
        what = f"box {labels.amodal_box_xywh_px[row]}, mask {tight_box(covering)}"
        yield "amodal", what


def _against_maps(
    frame: int,
    instance: int,
    mask: Mask,
    ids: NDArray[np.int32] | None,
    depth_m: NDArray[np.float32] | None,
    limits: Thresholds,
) -> Iterator[Finding]:
    if ids is not None and ids.shape == mask.shape:
        differ = int(((ids == instance) != mask).sum())
        if differ:
            yield Finding("map-disagrees", f"in {differ} pixels", frame, instance)
    if depth_m is not None and depth_m.shape == mask.shape:
        share = float((depth_m[mask] <= 0).mean()) if mask.any() else 0.0
        if share > limits.hole:
            yield Finding("depth-hole", f"{100 * share:.0f} % of its pixels", frame, instance)


def _mask(rle: Rle | None, size: tuple[int, int]) -> Mask | None:
    """bool[H, W]; None where there is none or its code cannot be trusted."""
    if rle is None or list(rle.get("size", ())) != [size[1], size[0]] or not is_whole(rle):
        return None
    return decode(rle)
