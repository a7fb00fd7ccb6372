"""COCO panoptic: every pixel has one segment (Kirillov et al. 2019, "Panoptic Segmentation")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.images import encode_rgb
from simgen.dataset.writers.pictures import cannot
from simgen.plugin.scene import Category
from simgen.records.masks import decode, tight_box
from simgen.records.sample import Sample

_VOID = 0


def panoptic_categories(
    categories: Sequence[Category], background: str | None
) -> list[dict[str, Any]]:
    """Categories with `isthing`; the background is the one stuff category."""
    rows: list[dict[str, Any]] = [
        {"id": c.id, "name": c.name, "supercategory": c.supercategory, "isthing": 1}
        for c in categories
    ]
    if background is not None:
        number = max((c.id for c in categories), default=0) + 1
        rows.append({"id": number, "name": background, "supercategory": "", "isthing": 0})
    return rows


def panoptic(
    sample: Sample,
    rows: Sequence[dict[str, Any]],
    categories: Sequence[dict[str, Any]],
    background: str | None,
) -> tuple[bytes, dict[str, Any]]:
    """The PNG, ids as R + 256 G + 256^2 B, and its annotation.

    Where masks overlap, which only those that people drew do, the smaller one is on top. Pixels of
    instances without a label are void. A segment's id is that of its instance; the background's
    is one more than the largest.

    Args:
        rows: COCO annotations of the sample, in its order.
        categories: as `panoptic_categories` gives.

    Raises:
        DataError: a label has no mask.
    """
    labels = sample.annotations
    ids = np.zeros(sample.rgb.shape[:2], np.int32)
    for i in sorted(range(len(labels)), key=lambda i: -labels.area_px[i]):
        mask = labels.mask[i]
        if mask is None:
            what = f"label {i} ({labels.category[i]}) has a box and no mask"
            raise cannot(sample, what, "leave `panoptic` out of `parts`")
        ids[decode(mask)] = labels.instance[i]
    segments = []
    for i, row in enumerate(rows):
        mine = ids == labels.instance[i]
        if mine.any():
            segments.append(_segment(labels.instance[i], mine, row["category_id"], row["iscrowd"]))
    if background is not None:
        free = ids == _VOID
        if sample.instances is not None:
            free &= sample.instances == 0
        number = max(labels.instance, default=0) + 1
        ids[free] = number
        if free.any():
            segments.append(_segment(number, free, categories[-1]["id"], 0))
    coded = np.stack([ids % 256, ids // 256 % 256, ids // 256**2], axis=-1).astype(np.uint8)
    name = f"{sample.frame:08d}.png"
    row = {"image_id": sample.frame + 1, "file_name": name, "segments_info": segments}
    return encode_rgb(coded), row


def _segment(number: int, mask: NDArray[np.bool_], category: int, crowd: int) -> dict[str, Any]:
    return {
        "id": number,
        "category_id": category,
        "area": int(mask.sum()),
        "bbox": list(tight_box(mask) or (0, 0, 0, 0)),
        "iscrowd": crowd,
    }
