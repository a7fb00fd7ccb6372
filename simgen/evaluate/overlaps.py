"""How much each detection overlaps the labels of its image, of any category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.coco_files import LabelFile, Row
from simgen.evaluate.matching import IouType, Matches

Ints = NDArray[np.int64]
BACKGROUND_IOU = 0.1  # below it a detection has nothing to do with a label (TIDE, section 2.2)


@dataclass(frozen=True)
class ImageOverlaps:
    """Overlaps in one image.

    Args:
        image: index of the image.
        det: int64[D], indices of its detections by falling score.
        gt: int64[G], indices of its labels, crowds left out.
        iou: float64[D, G].
    """

    image: int
    det: Ints
    gt: Ints
    iou: NDArray[np.float64]


def overlaps(
    labels: LabelFile, detections: Sequence[Row], matches: Matches, iou: IouType = "bbox"
) -> Iterator[ImageOverlaps]:
    """Overlaps of every image that has labels or detections, by image."""
    det_of = _groups(matches.det_image, len(matches.image_ids))
    gt_of = _groups(np.where(matches.gt_ignored, -1, matches.gt_image), len(matches.image_ids))
    sizes = {row["id"]: (row["height"], row["width"]) for row in labels.images}
    for image, number in enumerate(matches.image_ids):
        det, gt = det_of[image], gt_of[image]
        det = det[np.argsort(-matches.det_score[det], kind="stable")]
        if iou == "bbox":
            table = _iou(matches.det_box[det], matches.gt_box[gt])
        else:
            shape = sizes[int(number)]
            found = [_rle(detections[i], shape) for i in matches.det_row[det]]
            truth = [_rle(labels.annotations[i], shape) for i in matches.gt_row[gt]]
            table = _iou(found, truth)
        yield ImageOverlaps(image, det, gt, table)


def nearest_labels(per_image: Sequence[ImageOverlaps], detections: int) -> Ints:
    """int64[D]: the label that each detection overlaps most, -1 below the background IoU."""
    out = np.full(detections, -1, np.int64)
    for o in per_image:
        if o.iou.size:
            best = o.iou.argmax(axis=1)
            near = o.iou[np.arange(len(best)), best] >= BACKGROUND_IOU
            out[o.det[near]] = o.gt[best[near]]
    return out


def _groups(image: Ints, images: int) -> list[Ints]:
    order = np.argsort(image, kind="stable")
    edges = np.searchsorted(image[order], np.arange(images + 1))
    return [order[edges[i] : edges[i + 1]] for i in range(images)]


def _iou(found: object, truth: object) -> NDArray[np.float64]:
    from pycocotools import mask

    rows, columns = len(found), len(truth)  # type: ignore[arg-type]
    if not rows or not columns:
        return np.zeros((rows, columns))
    return np.asarray(mask.iou(found, truth, [0] * columns), np.float64)


def _rle(row: Row, shape: tuple[int, int]) -> Row:
    from pycocotools import mask

    segmentation = row["segmentation"]
    if isinstance(segmentation, list):
        return mask.merge(mask.frPyObjects(segmentation, *shape))  # type: ignore[no-any-return]
    if isinstance(segmentation["counts"], list):
        return mask.frPyObjects(segmentation, *shape)  # type: ignore[no-any-return]
    return segmentation  # type: ignore[no-any-return]
