"""Masks and boxes: run-length encoding (COCO's), tight bounds."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


class Rle(TypedDict):
    """COCO's compressed run-length encoding; `size` is [height, width]."""

    size: list[int]
    counts: str


def encode(mask: Mask) -> Rle:
    """Compressed COCO RLE of bool[H, W]."""
    from pycocotools import mask as coco_mask  # C extension: not needed to import the nouns

    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(n) for n in rle["size"]], "counts": rle["counts"].decode("ascii")}


def decode(rle: Rle) -> Mask:
    """bool[H, W] of a compressed COCO RLE."""
    from pycocotools import mask as coco_mask

    coded = {"size": rle["size"], "counts": rle["counts"].encode("ascii")}
    return np.asarray(coco_mask.decode(coded), dtype=bool)


def tight_box(mask: Mask) -> tuple[int, int, int, int] | None:
    """Tight bound (x, y, w, h) in pixels of bool[H, W]; None when the mask is empty."""
    columns = np.flatnonzero(mask.any(axis=0))
    if columns.size == 0:
        return None
    rows = np.flatnonzero(mask.any(axis=1))
    x, y = int(columns[0]), int(rows[0])
    return (x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)
