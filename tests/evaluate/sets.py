"""Small sets of labels and detections, by hand and at random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from simgen.evaluate.coco_files import LabelFile
from simgen.evaluate.matching import Matches, match
from simgen.evaluate.overlaps import ImageOverlaps, nearest_labels, overlaps
from simgen.evaluate.slices import Repeat

Row = dict[str, Any]
NAMES = {3: "cat", 7: "dog", 9: "owl"}


def label(image: int, category: int, box: list[float], **more: Any) -> Row:
    """A COCO annotation without id."""
    return {"image_id": image, "category_id": category, "bbox": box, "area": box[2] * box[3],
            "iscrowd": 0, **more}  # fmt: skip


def found(image: int, category: int, box: list[float], score: float) -> Row:
    """A COCO result."""
    return {"image_id": image, "category_id": category, "bbox": box, "score": score}


def labels(rows: list[Row], images: int = 1, **simgen: Any) -> LabelFile:
    """Labels of images 1, 2, ... of 200 x 200 pixels."""
    pictures = [{"id": i, "file_name": f"{i}.png", "width": 200, "height": 200, **simgen}
                for i in range(1, images + 1)]  # fmt: skip
    numbered = tuple({**row, "id": i} for i, row in enumerate(rows))
    return LabelFile(Path("labels.json"), tuple(pictures), numbered, NAMES, None)


def random_set(seed: int, images: int = 8, crowds: bool = True) -> tuple[LabelFile, list[Row]]:
    """Labels and noisy detections with distinct scores."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rows: list[Row] = []
    dets: list[Row] = []
    for image in range(1, images + 1):
        for _ in range(rng.integers(0, 6)):
            box = [*rng.uniform(0, 120, 2), *rng.uniform(5, 70, 2)]
            category = int(rng.choice(list(NAMES)))
            crowd = int(crowds and rng.random() < 0.1)
            box = [float(v) for v in box]
            rows.append(label(image, category, box, iscrowd=crowd, depth=float(rng.random())))
            for _ in range(rng.integers(0, 3)):
                moved = np.array(box) + rng.normal(0, 0.12, 4) * [box[2], box[3], box[2], box[3]]
                moved[2:] = np.maximum(moved[2:], 1)
                said = category if rng.random() < 0.8 else int(rng.choice(list(NAMES)))
                dets.append(found(image, said, moved.tolist(), float(rng.random())))
        for _ in range(rng.integers(0, 3)):
            box = [*rng.uniform(0, 150, 2).tolist(), *rng.uniform(5, 40, 2).tolist()]
            dets.append(found(image, int(rng.choice(list(NAMES))), box, float(rng.random())))
    if not rows:
        rows.append(label(1, 3, [10.0, 10.0, 20.0, 20.0], depth=0.5))
    return labels(rows, images), dets


def judged(truth: LabelFile, dets: list[Row]) -> tuple[Matches, list[ImageOverlaps], Repeat]:
    """Everything that slices and error types start from."""
    matches = match(truth, dets)
    per_image = list(overlaps(truth, dets, matches))
    return matches, per_image, Repeat(matches, nearest_labels(per_image, len(matches.det_score)))


def as_detections(truth: LabelFile) -> list[Row]:
    """The labels themselves, crowds left out."""
    return [found(a["image_id"], a["category_id"], a["bbox"], 0.9)
            for a in truth.annotations if not a["iscrowd"]]  # fmt: skip
