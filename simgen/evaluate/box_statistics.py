"""How boxes lie in the images of a set: sizes, shapes, places, number, overlap, categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.coco_files import LabelFile

Floats = NDArray[np.float64]
MEASURES = ("size", "aspect", "across", "down", "objects", "overlap")
PLACE_BINS = 8


@dataclass(frozen=True)
class Boxes:
    """Box statistics of a set; shares are of the image's side or diagonal.

    Args:
        values: by name of MEASURES: size (root of box area over root of image area), aspect
            (width / height), across and down (centre, share of width and height), all per label;
            objects (labels) per image; overlap (largest IoU with another label) per label.
        places: float64[8, 8], share of label centres by place in the image, top row first.
        shares: category name -> share of the labels.
        median_px: median root of box area in pixels.
    """

    values: dict[str, Floats]
    places: Floats
    shares: dict[str, float]
    median_px: float


def box_statistics(labels: LabelFile) -> Boxes:
    """Statistics of all labels that are no crowds."""
    rows = [row for row in labels.annotations if not row["iscrowd"]]
    sizes = {row["id"]: (row["width"], row["height"]) for row in labels.images}
    boxes = np.array([row["bbox"] for row in rows], np.float64).reshape(-1, 4)
    image = np.array([row["image_id"] for row in rows])
    width, height = np.array([sizes[i] for i in image], np.float64).reshape(-1, 2).T
    side = np.sqrt(boxes[:, 2] * boxes[:, 3])
    across = (boxes[:, 0] + boxes[:, 2] / 2) / width
    down = (boxes[:, 1] + boxes[:, 3] / 2) / height
    number = {row["id"]: 0 for row in labels.images}
    for i in image:
        number[i] += 1
    places, _, _ = np.histogram2d(down, across, PLACE_BINS, ((0, 1), (0, 1)))
    names = [labels.names[row["category_id"]] for row in rows]
    values = {
        "size": side / np.sqrt(width * height),
        "aspect": boxes[:, 2] / np.maximum(boxes[:, 3], 1e-9),
        "across": across,
        "down": down,
        "objects": np.array(list(number.values()), np.float64),
        "overlap": largest_overlap(boxes, image),
    }
    shares = {name: names.count(name) / max(len(names), 1) for name in labels.names.values()}
    median = float(np.median(side)) if len(side) else 0.0
    return Boxes(values, places / max(places.sum(), 1), shares, median)


def largest_overlap(boxes: Floats, image: NDArray[np.int64]) -> Floats:
    """float64[N]: largest IoU of each box, float64[N, 4], with another of the same image."""
    from pycocotools import mask

    out = np.zeros(len(boxes))
    for number in np.unique(image):
        of = np.flatnonzero(image == number)
        table = np.array(mask.iou(boxes[of], boxes[of], [0] * len(of)))
        np.fill_diagonal(table, 0.0)
        out[of] = table.max(axis=1)
    return out
