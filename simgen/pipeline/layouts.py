"""`simgen layouts fit`: a COCO file becomes the law of its layouts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.atomic import write_atomic
from simgen.errors import DataError, Fault
from simgen.evaluate.coco_files import LabelFile, check_sizes, read_labels
from simgen.generate.layouts.fitting import fit_layout
from simgen.generate.layouts.observing import Picture
from simgen.sampling.layouts.file import layout_text

_FEWEST = 8


def fit_layout_file(labels: Path, out: Path) -> dict[str, Any]:
    """Fit the law of the layouts of a COCO file or dataset and write it.

    Crowds and boxes without area are left out.

    Args:
        labels: JSON file or dataset folder.
        out: JSON file.

    Returns:
        What it was fitted to.

    Raises:
        DataError: not COCO, damaged, or fewer than 8 pictures with labels.
        StorageError: `out` cannot be written.
    """
    read = read_labels(labels)
    pictures = _pictures(read)
    full = sum(len(one.boxes) > 0 for one in pictures)
    if full < _FEWEST:
        what = f"{full} pictures with labels are too few to fit a layout"
        raise DataError(Fault(str(read.path), what, f"give at least {_FEWEST}"))
    law = fit_layout(pictures, tuple(read.names.values()), read.path.name)
    write_atomic(out, layout_text(law).encode())
    own = sum(one.law is not None for one in law.classes)
    left = len(read.annotations) - law.labels
    return {
        "pictures": law.images,
        "labels": law.labels,
        "left_out": left,
        "classes": len(law.classes),
        "classes_with_a_law_of_their_own": own,
    }


def _pictures(labels: LabelFile) -> list[Picture]:
    check_sizes(labels)
    _check_names(labels)
    position = {number: i for i, number in enumerate(labels.names)}
    boxes: dict[Any, list[list[float]]] = {row["id"]: [] for row in labels.images}
    kinds: dict[Any, list[int]] = {row["id"]: [] for row in labels.images}
    for row in labels.annotations:
        if not row["iscrowd"] and min(row["bbox"][2:]) > 0:
            boxes[row["image_id"]].append(row["bbox"])
            kinds[row["image_id"]].append(position[int(row["category_id"])])
    return [
        Picture(
            float(row["width"]),
            float(row["height"]),
            np.array(boxes[row["id"]], np.float64).reshape(-1, 4),
            np.array(kinds[row["id"]], np.int64),
        )
        for row in labels.images
    ]


def _check_names(labels: LabelFile) -> None:
    twice = [name for name, n in Counter(labels.names.values()).items() if n > 1]
    if twice:
        what = f"two categories are called {twice[0]!r}"
        raise DataError(Fault(str(labels.path), what, "give each category its own name"))
