"""COCO's spelling of keypoints: triples x, y, visibility in the order of the category's list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simgen.records.marks import KeypointPx

_CENTRE = 0.5  # COCO's keypoints are pixel indices: their centres lie at whole numbers


def keypoint_fields(names: Sequence[str] | None, points: Sequence[KeypointPx]) -> dict[str, Any]:
    """`keypoints` and `num_keypoints` of an annotation; nothing if the category has none.

    COCO's rule: 0, 0, 0 for points that are not labelled. Those are points outside the image,
    and points of the category that this object does not have; the frame's record has the
    places of the former.
    """
    if names is None:
        return {}
    seen = {point.name: point for point in points if point.visibility}
    out: list[float] = []
    for name in names:
        point = seen.get(name)
        if point is None:
            out += [0, 0, 0]
        else:
            u, v = point.xy_px
            out += [u - _CENTRE, v - _CENTRE, point.visibility]
    return {"keypoints": out, "num_keypoints": len(set(names) & set(seen))}
