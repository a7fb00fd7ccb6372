"""Annotations: the labels of one frame as columns, one row per instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from simgen.records.absent import leave_out
from simgen.records.marks import KeypointPx
from simgen.records.masks import Rle
from simgen.records.pose import Pose

Px = int | float  # whole pixels where they come from a mask, fractions where a person drew them
BoxPx = tuple[Px, Px, Px, Px]
# What a row holds that says nothing; in columns that are not listed it is None.
_ABSENT: dict[str, Any] = {"keypoints": (), "parts": {}, "crowd": False, "ignore": False}


@dataclass(frozen=True)
class Annotations:
    """Columns of equal length; labelled rows first come in the order of instance ids.

    What a set does not know is None in its row: real photographs often have boxes alone.
    Columns that default to None are left out of JSON where no row has a value.

    Args:
        instance: instance id in the instance map, unique in the frame, from 1.
        category: category name.
        box_xywh_px: tight bound of the modal mask, or as a person drew it.
        mask: modal mask.
        area_px: pixels of the modal mask; of the box where there is no mask.
        amodal_box_xywh_px, amodal_mask: as if nothing stood in front, inside the image.
        visibility: modal pixels / amodal pixels inside the image, in (0, 1].
        truncation: share of the whole silhouette outside the image.
        T_cam_object: pose that maps the asset's metres (scaled) to the camera.
        distance_m: camera to the object's origin.
        facts: drawn parameters of the instance (material, scale, attributes, states).
        keypoints: named points; None: no instance of the frame has any.
        parts: modal masks by the part's name, visible ones only; None: no instance has any.
        crowd: one mask or box stands for many things (COCO's iscrowd).
        ignore: neither to be learnt nor held against a detector (too small, too hidden,
            VOC's `difficult`, KITTI's `DontCare`).
        extra: columns of annotator plugins by name; each as long as the others.
    """

    instance: tuple[int, ...] = ()
    category: tuple[str, ...] = ()
    box_xywh_px: tuple[BoxPx, ...] = ()
    mask: tuple[Rle | None, ...] = ()
    area_px: tuple[Px, ...] = ()
    amodal_box_xywh_px: tuple[BoxPx | None, ...] = ()
    amodal_mask: tuple[Rle | None, ...] = ()
    visibility: tuple[float | None, ...] = ()
    truncation: tuple[float | None, ...] = ()
    T_cam_object: tuple[Pose | None, ...] = ()
    distance_m: tuple[float | None, ...] = ()
    facts: tuple[dict[str, Any], ...] = ()
    keypoints: tuple[tuple[KeypointPx, ...], ...] | None = None
    parts: tuple[dict[str, Rle], ...] | None = None
    crowd: tuple[bool, ...] | None = None
    ignore: tuple[bool, ...] | None = None
    extra: dict[str, tuple[Any, ...]] | None = None

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Annotations: columns of different length: {lengths}")
        leave_out(self, *OPTIONAL)

    def __len__(self) -> int:
        return len(self.instance)

    def columns(self) -> dict[str, tuple[Any, ...]]:
        """Every column that is there by its name; those of plugins as `extra.NAME`."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "extra"}
        found = {name: column for name, column in own.items() if column is not None}
        return found | {f"extra.{name}": column for name, column in (self.extra or {}).items()}

    def take(self, rows: Sequence[int]) -> Annotations:
        """The rows of these positions, in this order, all columns alike."""
        return _from_columns({n: tuple(c[i] for i in rows) for n, c in self.columns().items()})

    def with_extra(self, **columns: Sequence[Any] | None) -> Annotations:
        """Columns of plugins added or replaced; None takes one away.

        Raises:
            ValueError: a column is not as long as the others.
        """
        given = {name: None if c is None else tuple(c) for name, c in columns.items()}
        extra = {n: c for n, c in {**(self.extra or {}), **given}.items() if c is not None}
        return replace(self, extra=extra or None)

    def is_ignored(self, row: int) -> bool:
        """Whether a row is neither to be learnt nor held against a detector."""
        return any(column is not None and column[row] for column in (self.crowd, self.ignore))


_NAMES = tuple(f.name for f in fields(Annotations))
OPTIONAL = tuple(f.name for f in fields(Annotations) if f.default is None)
# What a row that does not say holds; the others are needed in every row.
_UNKNOWN = ("mask", "amodal_box_xywh_px", "amodal_mask", "visibility", "truncation",
            "T_cam_object", "distance_m")  # fmt: skip


def from_rows(rows: Sequence[Mapping[str, Any]]) -> Annotations:
    """Annotations out of one mapping per instance; unknown names are columns of plugins.

    A row needs `category` and `box_xywh_px`; instance ids are counted from 1, the area is that of
    the box, and what else is not said is None.
    """
    complete = [_complete(row, number) for number, row in enumerate(rows, start=1)]
    seen = [name for name in _NAMES if name not in OPTIONAL]
    seen += dict.fromkeys(name for row in complete for name in row if name not in seen)
    table = {}
    for name in seen:
        absent = _ABSENT.get(name)
        column = tuple(row.get(name, absent) for row in complete)
        if name not in OPTIONAL or any(value != absent for value in column):
            table[name if name in _NAMES else f"extra.{name}"] = column
    return _from_columns(table)


def joined(parts: Sequence[Annotations]) -> Annotations:
    """The rows of several one after the other; what one lacks is empty there."""
    names = dict.fromkeys(name for part in parts for name in part.columns())
    table: dict[str, tuple[Any, ...]] = {}
    for name in names:
        absent = _ABSENT.get(name)
        columns = (part.columns().get(name, (absent,) * len(part)) for part in parts)
        table[name] = tuple(value for column in columns for value in column)
    return _from_columns(table)


def _complete(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    _, _, width, height = row["box_xywh_px"]
    usual: dict[str, Any] = {"instance": number, "area_px": width * height, "facts": {}}
    return usual | dict.fromkeys(_UNKNOWN) | dict(row)


def _from_columns(table: Mapping[str, tuple[Any, ...]]) -> Annotations:
    extra = {
        name.removeprefix("extra."): column for name, column in table.items() if name not in _NAMES
    }
    own = {name: column for name, column in table.items() if name in _NAMES}
    return Annotations(**own, extra=extra or None)


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
