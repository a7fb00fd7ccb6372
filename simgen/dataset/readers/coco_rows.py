"""One annotation of a COCO file as a row of `Annotations`."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from simgen.dataset.coco_index import KEY
from simgen.errors import DataError, Fault
from simgen.plugin.scene import Category
from simgen.records.marks import KeypointPx
from simgen.records.masks import Rle, decode, encode, is_whole, tight_box
from simgen.records.pose import Pose
from simgen.records.serial import from_plain

_KNOWN = {"id", "image_id", "category_id", "bbox", "area", "segmentation", "iscrowd", "ignore",
          "keypoints", "num_keypoints", KEY}  # fmt: skip
_CENTRE = 0.5  # COCO's keypoints are pixel indices: their centres lie at whole numbers
# Keys under `simgen` that are columns: ours -> (column, type).
_COLUMNS: dict[str, tuple[str, Any]] = {
    "instance": ("instance", int),
    "visibility": ("visibility", float | None),
    "truncation": ("truncation", float | None),
    "amodal_bbox": ("amodal_box_xywh_px", tuple[int | float, ...] | None),
    "amodal_segmentation": ("amodal_mask", Rle | None),
    "T_cam_object": ("T_cam_object", Pose | None),
    "distance_m": ("distance_m", float | None),
    "parts": ("parts", dict[str, Rle]),
}


def annotation_row(
    row: dict[str, Any], categories: dict[int, Category], size: tuple[int, int], where: str
) -> dict[str, Any]:
    """Columns of one annotation; keys of other tools go to its facts under `source`.

    Args:
        categories: by id.
        size: width and height of the image.
        where: for messages.

    Raises:
        DataError: box or segmentation are no such thing.
    """
    at = f"{where} annotation {row.get('id')}"
    mask = _mask(row.get("segmentation"), size, at)
    box = _box(row.get("bbox"), mask, at)
    found = row.get(KEY)
    own: dict[str, Any] = found if isinstance(found, dict) else {}
    category = categories[row["category_id"]] if "category_id" in row else _no_category(at)
    out: dict[str, Any] = {
        "category": category.name,
        "box_xywh_px": box,
        "mask": mask,
        "area_px": _area(row.get("area"), box, mask, at),
        "crowd": bool(row.get("iscrowd")) and not row.get("ignore"),
        "ignore": bool(row.get("ignore")),
        "keypoints": _keypoints(row.get("keypoints"), category.keypoints, at),
        "facts": {name: value for name, value in own.items() if name not in _COLUMNS},
    }
    others = {name: value for name, value in row.items() if name not in _KNOWN}
    if others:
        out["facts"]["source"] = others
    try:
        columns = {c: from_plain(kind, own[n]) for n, (c, kind) in _COLUMNS.items() if n in own}
    except msgspec.ValidationError as error:
        raise DataError(Fault(f"{at} {KEY}", f"not of simgen: {error}", "repair it")) from None
    return out | columns


def _box(bbox: Any, mask: Rle | None, at: str) -> tuple[Any, ...]:
    if bbox is None and mask is not None:
        return tight_box(decode(mask)) or (0, 0, 0, 0)
    numbers = isinstance(bbox, list) and len(bbox) == 4 and all(_is_number(v) for v in bbox)
    if not numbers or bbox[2] < 0 or bbox[3] < 0:
        what = f"expected `bbox` as x, y, width, height in pixels, got {bbox}"
        raise DataError(Fault(at, what, "repair the file"))
    return tuple(bbox)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _area(area: Any, box: tuple[Any, ...], mask: Rle | None, at: str) -> int | float:
    if area is None:
        return int(decode(mask).sum()) if mask is not None else box[2] * box[3]
    if not _is_number(area) or area < 0:
        raise DataError(Fault(at, f"expected `area` in pixels, got {area}", "repair the file"))
    found: int | float = area
    return found


def _mask(segmentation: Any, size: tuple[int, int], at: str) -> Rle | None:
    """Canonical RLE of polygons, or of compressed or uncompressed RLE; None for nothing."""
    if not segmentation:
        return None
    from pycocotools import mask as coco_mask

    width, height = size
    try:
        if isinstance(segmentation, dict):
            if list(segmentation["size"]) != [height, width]:
                what = f"the mask has size {segmentation['size']}, the image [{height}, {width}]"
                raise DataError(Fault(at, what, "repair the file"))
            coded = segmentation
            if isinstance(coded["counts"], list):
                coded = coco_mask.frPyObjects(coded, height, width)
            elif not is_whole({"size": [height, width], "counts": coded["counts"]}):
                raise ValueError("the runs do not fill the image")
        else:
            polygons = [np.asarray(p, np.float64).ravel().tolist() for p in segmentation]
            if any(len(p) < 6 or len(p) % 2 or not np.isfinite(p).all() for p in polygons):
                raise ValueError("a polygon needs at least three points x, y")
            coded = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
        mask = np.asarray(coco_mask.decode(coded), bool)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        what = f"`segmentation` is neither polygons nor RLE: {error}"
        raise DataError(Fault(at, what, "repair the file")) from None
    if mask.shape != (height, width):
        raise DataError(Fault(at, f"the mask has shape {mask.shape}", "repair the file"))
    return encode(mask) if mask.any() else None


def _keypoints(flat: Any, names: tuple[str, ...] | None, at: str) -> tuple[KeypointPx, ...]:
    """Labelled points only: COCO writes 0, 0, 0 for the others."""
    if not flat:
        return ()
    plain = isinstance(flat, list) and all(_is_number(v) for v in flat)
    if (
        names is None
        or not plain
        or len(flat) != 3 * len(names)
        or not set(flat[2::3]) <= {0, 1, 2}
    ):
        wanted = "none" if names is None else f"{3 * len(names)} numbers"
        what = f"expected `keypoints` as the category has them ({wanted}), got {flat}"
        raise DataError(Fault(at, what, "repair the file"))
    return tuple(
        KeypointPx(name, (flat[3 * i] + _CENTRE, flat[3 * i + 1] + _CENTRE), None, flat[3 * i + 2])
        for i, name in enumerate(names)
        if flat[3 * i + 2]
    )


def _no_category(at: str) -> Category:
    raise DataError(Fault(at, "there is no `category_id`", "repair the file"))
