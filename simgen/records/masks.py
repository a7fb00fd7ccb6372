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


def encode_window(patch: Mask, x: int, y: int, size: tuple[int, int]) -> Rle:
    """What `encode` gives for a mask that is empty outside a window; looks at its columns alone.

    Args:
        patch: bool[h, w] of the window.
        x, y: column and row of its first pixel.
        size: width and height of the whole mask.
    """
    from pycocotools import mask as coco_mask

    width, height = size
    columns = np.zeros((patch.shape[1], height), bool)  # COCO counts down the columns
    columns[:, y : y + patch.shape[0]] = patch.T
    flat = np.concatenate([[False], columns.ravel(), [False]])
    ends = np.flatnonzero(flat[1:] != flat[:-1]) + x * height
    total = width * height
    runs = np.diff(
        np.concatenate([[0], ends, [total] if not len(ends) or ends[-1] < total else []])
    )
    counts = {"size": [height, width], "counts": runs.astype(int).tolist()}
    rle = coco_mask.frPyObjects(counts, height, width)
    return {"size": [height, width], "counts": rle["counts"].decode("ascii")}


def decode(rle: Rle) -> Mask:
    """bool[H, W] of a compressed COCO RLE."""
    from pycocotools import mask as coco_mask

    coded = {"size": rle["size"], "counts": rle["counts"].encode("ascii")}
    return np.asarray(coco_mask.decode(coded), dtype=bool)


def is_whole(rle: Rle) -> bool:
    """Whether the runs of a compressed RLE are well-formed and fill the image exactly.

    pycocotools does not look, and decodes anything. Coding (maskApi.c): five bits a character from
    "0" on, least significant first, 0x20 goes on, 0x10 of the last is the sign; from the fourth
    run on each is the difference to the run before the last.
    """
    codes = np.frombuffer(rle["counts"].encode("ascii", "replace"), np.uint8).astype(np.int64) - 48
    more = (codes & 0x20) != 0
    if codes.size == 0 or codes.min() < 0 or codes.max() > 0x3F or more[-1]:
        return codes.size == 0 and 0 in rle["size"]
    first = np.flatnonzero(np.concatenate([[True], ~more[:-1]]))
    place = np.arange(codes.size) - np.repeat(first, np.diff([*first, codes.size]))
    if place.max() > 8:
        return False
    values = np.add.reduceat((codes & 0x1F) << (5 * place), first)
    last = np.flatnonzero(~more)
    values -= np.where(codes[last] & 0x10, np.int64(1) << (5 * (place[last] + 1)), 0)
    runs = np.concatenate([values[:1], np.zeros_like(values[1:])])
    runs[1::2], runs[2::2] = np.cumsum(values[1::2]), np.cumsum(values[2::2])
    height, width = rle["size"]
    return bool(runs.min() >= 0 and runs.sum() == height * width)


def tight_box(mask: Mask) -> tuple[int, int, int, int] | None:
    """Tight bound (x, y, w, h) in pixels of bool[H, W]; None when the mask is empty."""
    columns = np.flatnonzero(mask.any(axis=0))
    if columns.size == 0:
        return None
    rows = np.flatnonzero(mask.any(axis=1))
    x, y = int(columns[0]), int(rows[0])
    return (x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)
