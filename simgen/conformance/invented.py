"""Invented pictures with exact labels, for the laws of augmenters: shapes at depths, on noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.annotations import Annotations, Unlabelled, from_rows
from simgen.records.marks import KeypointPx
from simgen.records.masks import encode, tight_box
from simgen.records.sample import Sample

NAMES = ("disc", "bar", "ring")


@dataclass(frozen=True)
class Kind:
    """What invented pictures have.

    Args:
        instances: whether there is a map of ids; without one there is no depth either.
        masks: whether labels have masks; else boxes alone.
        amodal: whether hidden parts are known.
    """

    instances: bool = True
    masks: bool = True
    amodal: bool = True


def invented(
    seed: int, frame: int = 0, size: tuple[int, int] = (96, 72), kind: Kind | None = None
) -> Sample:
    """A picture with up to six shapes, some cut off, some behind others, one without a label.

    Args:
        seed: of the picture.
        frame: its number.
        size: width and height.
    """
    kind = kind or Kind()
    rng = np.random.Generator(np.random.PCG64(seed))
    width, height = size
    rgb = np.asarray(rng.integers(90, 160, (height, width, 3)), np.uint8)
    depth = np.full((height, width), 4.0, np.float32)
    ids = np.zeros((height, width), np.int32)
    shapes = [_shape(rng, size) for _ in range(int(rng.integers(1, 7)))]
    for number, (mask, _) in enumerate(shapes, start=1):
        near = np.float32(1.0 + 2.0 * rng.random())
        front = mask[:height, :width] & (near < depth)
        ids[front], depth[front] = number, near
        rgb[front] = rng.integers(0, 256, 3)
    rows, unlabelled = [], []
    for number, (mask, whole_px) in enumerate(shapes, start=1):
        modal = ids == number
        area = int(modal.sum())
        if area < 4 or number == 6:
            if area:
                unlabelled.append(Unlabelled(number, "thing", area, "distractor"))
            continue
        rows.append(_row(number, modal, mask, whole_px, kind))
    labels = from_rows(rows) if rows else Annotations()
    return Sample(
        rgb,
        labels,
        frame=frame,
        world=frame,
        instances=ids if kind.instances else None,
        depth_m=depth if kind.instances else None,
        unlabelled=tuple(unlabelled) if kind.instances else (),
        captions=(f"picture {seed}",),
    )


def _shape(rng: np.random.Generator, size: tuple[int, int]) -> tuple[NDArray[np.bool_], float]:
    """bool[H, W] inside the picture, and the pixels of the whole shape."""
    width, height = size
    margin = 24
    y, x = np.mgrid[-margin : height + margin, -margin : width + margin] + 0.5
    cx, cy = rng.uniform(0, width), rng.uniform(0, height)
    radius = rng.uniform(4, 20)
    distance = np.hypot(x - cx, y - cy)
    form = int(rng.integers(0, 3))
    if form == 0:
        whole = distance <= radius
    elif form == 1:
        whole = (np.abs(x - cx) <= radius) & (np.abs(y - cy) <= radius / 3)
    else:
        whole = (distance <= radius) & (distance >= radius / 2)
    return whole[margin:-margin, margin:-margin], float(whole.sum())


def _row(
    number: int, modal: NDArray[np.bool_], whole: NDArray[np.bool_], whole_px: float, kind: Kind
) -> dict[str, Any]:
    box = tight_box(modal)
    assert box is not None
    row: dict[str, Any] = {
        "instance": number,
        "category": NAMES[number % len(NAMES)],
        "box_xywh_px": box,
        "area_px": int(modal.sum()),
    }
    if not kind.masks:
        return row | {"area_px": box[2] * box[3]}
    row["mask"] = encode(modal)
    if kind.amodal:
        inside = int(whole.sum())
        row |= {
            "amodal_mask": encode(whole),
            "amodal_box_xywh_px": tight_box(whole),
            "visibility": int(modal.sum()) / inside,
            "truncation": 1 - inside / whole_px,
        }
        ys, xs = np.nonzero(whole)
        point = (float(xs[0]) + 0.5, float(ys[0]) + 0.5)
        seen = 2 if modal[ys[0], xs[0]] else 1
        row["keypoints"] = (KeypointPx("first", point, None, seen),)  # type: ignore[arg-type]
        half = modal.copy()
        half[:, : box[0] + box[2] // 2] = False
        row["parts"] = {"right": encode(half)} if half.any() else {}
    return row
