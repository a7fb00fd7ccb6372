"""Annotations: the labels of one frame as columns, one row per instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simgen.records.absent import leave_out
from simgen.records.marks import KeypointPx
from simgen.records.masks import Rle
from simgen.records.pose import Pose

BoxPx = tuple[int, int, int, int]


@dataclass(frozen=True)
class Annotations:
    """Columns of equal length; labelled rows first come in the order of instance ids.

    Args:
        instance: instance id in the instance map.
        category: category name.
        box_xywh_px: tight bound of the modal mask.
        mask: modal mask.
        area_px: pixels of the modal mask.
        amodal_box_xywh_px, amodal_mask: as if nothing stood in front, inside the image.
        visibility: modal pixels / amodal pixels inside the image, in (0, 1].
        truncation: share of the whole silhouette outside the image.
        T_cam_object: pose that maps the asset's metres (scaled) to the camera.
        distance_m: camera to the object's origin.
        facts: drawn parameters of the instance (material, scale, attributes, states).
        keypoints: named points; None: no instance of the frame has any.
        parts: modal masks by the part's name, visible ones only; None: no instance has any.
    """

    instance: tuple[int, ...] = ()
    category: tuple[str, ...] = ()
    box_xywh_px: tuple[BoxPx, ...] = ()
    mask: tuple[Rle, ...] = ()
    area_px: tuple[int, ...] = ()
    amodal_box_xywh_px: tuple[BoxPx, ...] = ()
    amodal_mask: tuple[Rle, ...] = ()
    visibility: tuple[float, ...] = ()
    truncation: tuple[float, ...] = ()
    T_cam_object: tuple[Pose, ...] = ()
    distance_m: tuple[float, ...] = ()
    facts: tuple[dict[str, Any], ...] = ()
    keypoints: tuple[tuple[KeypointPx, ...], ...] | None = None
    parts: tuple[dict[str, Rle], ...] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "keypoints", "parts")
        columns = {name: getattr(self, name) for name in self.__dataclass_fields__}
        lengths = {name: len(column) for name, column in columns.items() if column is not None}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Annotations: columns of different length: {lengths}")

    def __len__(self) -> int:
        return len(self.instance)


@dataclass(frozen=True)
class Unlabelled:
    """An instance that is in the map but carries no annotation, and why.

    Args:
        reason: `distractor`, `no category` or `below min_pixels`.
    """

    instance: int
    name: str
    area_px: int
    reason: str
