"""Recorded values of frames and labels by dotted name, as expressions and statistics use them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simgen.dataset.coco_index import KEY
from simgen.dataset.coco_rows import annotation_rows, image_row
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord

_LEFT_OUT = ("files", "provenance", "unlabelled", "licences", "amodal_segmentation", "parts")


def frame_values(dataset: Dataset, record: FrameRecord) -> dict[str, Any]:
    """Of a frame: `frame`, `world`, `width`, `height`, `labels` (their number) and all that COCO
    has under `simgen`, `camera.elevation_deg` for one."""
    row = image_row(record, dataset.scene(record), dataset.size(record))
    out = {"width": row["width"], "height": row["height"]}
    out |= dict(_flat(row[KEY], ""))
    return out | {"labels": len(record.annotations)}


def label_values(dataset: Dataset, record: FrameRecord) -> list[dict[str, Any]]:
    """Of each label: `category`, `x y w h`, `size_px`, `area`, `aspect`, and what is recorded."""
    categories = {category.name: category for category in dataset.manifest.categories}
    out = []
    for name, row in zip(
        record.annotations.category, annotation_rows(record, categories, 1), strict=True
    ):
        x, y, w, h = row["bbox"]
        values = dict(_flat(row.get(KEY, {}), ""))
        values |= {"category": name, "area": row["area"], "x": x, "y": y, "w": w, "h": h}
        values |= {"size_px": (w * h) ** 0.5, "aspect": w / h if h else None}
        values |= {"ignored": bool(row["iscrowd"])}
        out.append(values)
    return out


def _flat(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Numbers, words and truth values by dotted name; lists and long things are left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _LEFT_OUT:
                yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (bool, int, float, str)):
        yield name, value
