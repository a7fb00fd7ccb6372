"""COCO's matching as columns: which detection got which label at which IoU threshold."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simgen.errors import Fault, MissingExtraError
from simgen.evaluate.coco_files import LabelFile, Row

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
IouType = Literal["bbox", "segm"]
Evaluator = Literal["pycocotools", "hotcoco"]

IOU_THRESHOLDS: Floats = np.linspace(0.5, 0.95, 10)
MAX_DETECTIONS = 100


@dataclass(frozen=True)
class Matches:
    """Outcome of one matching over all labels; detections beyond 100 a class and image are cut.

    Args:
        names: K category names, in order of their ids.
        image_ids: int64[I], ascending.
        det_row: int64[D], position in the list of detections.
        det_image: int64[D], index of the image.
        det_category: int64[D], index of the category.
        det_score: float64[D].
        det_box: float64[D, 4], x y width height in pixels.
        det_match: int64[T, D], index of the matched label, -1 for none.
        det_ignored: bool[T, D], matched to a crowd label: neither right nor wrong.
        gt_row: int64[G], position in the list of annotations.
        gt_image: int64[G], index of the image.
        gt_category: int64[G], index of the category.
        gt_box: float64[G, 4], as `det_box`.
        gt_ignored: bool[G], crowd.
        stats: COCO's twelve summary numbers by name, of the evaluator itself.
    """

    names: tuple[str, ...]
    image_ids: Ints
    det_row: Ints
    det_image: Ints
    det_category: Ints
    det_score: Floats
    det_box: Floats
    det_match: Ints
    det_ignored: Bools
    gt_row: Ints
    gt_image: Ints
    gt_category: Ints
    gt_box: Floats
    gt_ignored: Bools
    stats: dict[str, float]


STATS = ("mAP50_95", "mAP50", "mAP75", "mAP_small", "mAP_medium", "mAP_large",
         "AR1", "AR10", "AR100", "AR_small", "AR_medium", "AR_large")  # fmt: skip


def match(
    labels: LabelFile,
    detections: Sequence[Row],
    iou: IouType = "bbox",
    evaluator: Evaluator = "pycocotools",
) -> Matches:
    """Match detections to labels as COCO does.

    Args:
        labels: ground truth.
        detections: COCO results with the category ids of the labels.
        iou: overlap of boxes or of masks.
        evaluator: `pycocotools`, or `hotcoco` (equal and faster; must be installed).

    Raises:
        MissingExtraError: hotcoco is asked for and not installed.
    """
    rows, stats = _evaluate(labels, detections, iou, evaluator)
    category_ids = sorted(labels.names)
    images = np.array(sorted(row["id"] for row in labels.images), np.int64)
    category_at = {number: i for i, number in enumerate(category_ids)}
    image_at = {int(number): i for i, number in enumerate(images)}
    det_row = np.array([i for row in rows for i in row["dtIds"]], np.int64) - 1
    matched = [np.asarray(row["dtMatches"], np.float64).reshape(10, -1) for row in rows]
    ignored = [np.asarray(row["dtIgnore"], bool).reshape(10, -1) for row in rows]
    none = np.zeros((len(IOU_THRESHOLDS), 0))
    annotations = labels.annotations
    return Matches(
        names=tuple(labels.names[number] for number in category_ids),
        image_ids=images,
        det_row=det_row,
        det_image=_index(image_at, (detections[i]["image_id"] for i in det_row)),
        det_category=_index(category_at, (detections[i]["category_id"] for i in det_row)),
        det_score=np.array([detections[i]["score"] for i in det_row], np.float64),
        det_box=_boxes([_box(detections[i]) for i in det_row]),
        # Ids of labels were given from 1 on in _evaluate, so 0 (no match) becomes -1.
        det_match=np.concatenate([none, *matched], axis=1).astype(np.int64) - 1,
        det_ignored=np.concatenate([none.astype(bool), *ignored], axis=1),
        gt_row=np.arange(len(annotations)),
        gt_image=_index(image_at, (row["image_id"] for row in annotations)),
        gt_category=_index(category_at, (row["category_id"] for row in annotations)),
        gt_box=_boxes([row["bbox"] for row in annotations]),
        gt_ignored=np.array([bool(row["iscrowd"]) for row in annotations]),
        stats=stats,
    )


def _evaluate(
    labels: LabelFile, detections: Sequence[Row], iou: IouType, evaluator: Evaluator
) -> tuple[list[Row], dict[str, float]]:
    """Rows per image and category over all areas, and the summary."""
    # pycocotools takes label id 0 for "no match", so labels are numbered anew from 1.
    truth = [{**_lean(row, iou), "id": i} for i, row in enumerate(labels.annotations, start=1)]
    found = [{**_found(row, iou), "id": i} for i, row in enumerate(detections, start=1)]
    images = [{key: row.get(key) for key in ("id", "width", "height")} for row in labels.images]
    categories = [{"id": number, "name": name} for number, name in labels.names.items()]
    make, judge = _machinery(evaluator)
    with contextlib.redirect_stdout(io.StringIO()):
        sets = [make({"images": images, "categories": categories, "annotations": rows})
                for rows in (truth, found)]  # fmt: skip
        run = judge(*sets, iou)
        run.evaluate()
        run.accumulate()
        run.summarize()
    stats = {name: float(value) for name, value in zip(STATS, run.stats, strict=True)}
    everything = list(run.params.areaRng[0])
    rows = [r for r in run.evalImgs if r is not None and list(r["aRng"]) == everything]
    return sorted(rows, key=lambda r: (r["category_id"], r["image_id"])), stats


def _machinery(evaluator: Evaluator) -> tuple[Any, Any]:
    if evaluator == "hotcoco":
        try:
            import hotcoco  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            what = "the evaluator hotcoco is not installed"
            cure = "pip install hotcoco, or leave --evaluator away"
            raise MissingExtraError(Fault("--evaluator", what, cure)) from None
        return hotcoco.COCO, hotcoco.COCOeval
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def make(data: Row) -> Any:
        coco = COCO()
        coco.dataset = data
        coco.createIndex()
        return coco

    return make, COCOeval


def _lean(row: Row, iou: IouType) -> Row:
    keys = ["image_id", "category_id", "bbox", "area", "iscrowd"]
    keys += ["segmentation"] if iou == "segm" else []
    return {key: row[key] for key in keys if key in row}


def _found(row: Row, iou: IouType) -> Row:
    box = _box(row)
    lean = {**_lean(row, iou), "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
    return {**lean, "score": float(row["score"])}


def _box(row: Row) -> list[float]:
    if row.get("bbox"):
        return [float(v) for v in row["bbox"]]
    from pycocotools import mask

    return [float(v) for v in mask.toBbox(row["segmentation"])]


def _boxes(rows: list[list[float]]) -> Floats:
    return np.array(rows, np.float64).reshape(-1, 4)


def _index(places: dict[int, int], numbers: Any) -> Ints:
    return np.array([places[number] for number in numbers], np.int64)
