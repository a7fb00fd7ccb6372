"""Rows: one label on its way through an operator, its regions decoded when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.augment.region import Matrix, Rect, Region, bounds_of, overlap, through
from simgen.records.annotations import Annotations
from simgen.records.marks import KeypointPx

Size = tuple[int, int]
Ids = NDArray[np.int32]
# Moves points float64[N, 2].
PointMap = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class Row:
    """One label.

    Args:
        values: by column of `Annotations`; those of plugins by `extra.NAME`.
        size: width and height of its picture.
        as_mask: let the box of a label without mask stand for one.
        ids: its picture's map of instances; quicker to read than masks.
    """

    def __init__(
        self, values: dict[str, Any], size: Size, as_mask: bool = False, ids: Ids | None = None
    ) -> None:
        self.values, self.size = values, size
        self.boxed = values.get("mask") is None
        self.as_mask = as_mask
        self._ids = ids
        self.changed = False
        self.covered = False  # whether something lies on it now
        self._modal: Region | None = None
        self._amodal: Region | None = None
        self._parts: dict[str, Region] | None = None
        # Pixels that it had, at today's scale, before anything was taken away; None: all.
        self.before_px: float | None = None
        self._seen = values.get("visibility")
        cut = values.get("truncation")
        self._outside = 0.0 if cut is None else float(cut)
        self._whole_px: float | None = None  # of the silhouette, outside the picture included

    @property
    def modal(self) -> Region:
        """Pixels that belong to it."""
        if self._modal is None:
            if self.boxed:
                self._modal = Region.of_box(self.values["box_xywh_px"], self.size)
            elif self._ids is not None:
                values = self.values
                self._modal = Region.of_ids(self._ids, values["instance"], values["box_xywh_px"])
            else:
                self._modal = Region.of_rle(self.values["mask"])
            self._ids = None
        return self._modal

    @property
    def amodal(self) -> Region | None:
        """Pixels of its silhouette inside the picture; None: nobody knows."""
        rle = self.values.get("amodal_mask")
        if self._amodal is None and rle is not None:
            self._amodal = Region.of_rle(rle)
        return self._amodal

    def rect(self) -> Rect:
        """Window that all its pixels lie in; decodes nothing."""
        if self._modal is not None:
            return self._modal.rect
        return bounds_of(self.values["box_xywh_px"], np.eye(3))

    def lose(self, region: Region) -> None:
        """Pixels that something else has now."""
        left = self.modal.minus(region)
        if left is self.modal or left.area == self.modal.area:
            return
        self._begin()
        self.covered = True
        if self._parts is not None:
            self._parts = {name: part.minus(region) for name, part in self._parts.items()}
        self._modal = left
        marks = self.values.get("keypoints") or ()
        self.values["keypoints"] = tuple(
            replace(p, visibility=1) if p.visibility == 2 and region.holds(*p.xy_px) else p
            for p in marks
        )

    def move(
        self, regions: Callable[[Region], Region], points: PointMap, growth: float, rect: Rect
    ) -> None:
        """Through a map of the picture, then cut at a rectangle, which is the picture now.

        Args:
            regions: moves regions and cuts them at the rectangle.
            points: moves points.
            growth: factor on areas about here.
            rect: of pixels that the new picture shows of the old one.
        """
        self._begin()
        amodal = self.amodal
        whole = self.whole_px * growth
        if self.boxed:
            self._move_box(points, rect)
        else:
            self._modal = regions(self.modal)
        if amodal is not None:
            self._amodal = regions(amodal)
        self._parts = {name: regions(part) for name, part in (self._parts or {}).items()}
        assert self.before_px is not None
        self.before_px *= growth
        self._whole_px = whole
        seen = self._amodal if self._amodal is not None else self.modal
        share = 1.0 if self._amodal is not None else max(self._seen or 1.0, 1e-6)
        self._outside = min(max(1.0 - seen.area / share / max(whole, 1e-6), 0.0), 1.0)
        self.values["keypoints"] = tuple(_moved(p, points, rect) for p in self._points())
        self.values |= {"T_cam_object": None, "distance_m": None}

    def replace_modal(self, region: Region) -> None:
        """Its pixels as the map of instances says, after a move."""
        self._modal = region

    def enlarge(self, size: Size) -> None:
        """The picture that it is in has this width and height now."""
        self.size = size

    @property
    def whole_px(self) -> float:
        """Pixels of its whole silhouette, hidden and cut-off ones included."""
        if self._whole_px is None:
            if self.amodal is not None:
                inside = float(self.amodal.area)
            else:
                inside = self.modal.area / max(float(self._seen or 1.0), 1e-6)
            self._whole_px = inside / max(1.0 - self._outside, 1e-6)
        return self._whole_px

    def left(self) -> float:
        """Share of its pixels that it still has, in [0, 1]."""
        if self.before_px is None:
            return 1.0
        return min(1.0, self.modal.area / self.before_px) if self.before_px > 0 else 0.0

    def seen(self) -> float:
        """Visibility: what is to be seen of what is inside the picture."""
        if not self.changed and self._seen is not None:
            return float(self._seen)
        if self.amodal is not None:
            whole = self.amodal.plus(self.modal)
            return self.modal.area / max(whole.area, 1)
        known = 1.0 if self._seen is None else float(self._seen)
        return known * self.left()

    def finished(self) -> dict[str, Any]:
        """Values that follow from its regions; of one that did not change, those it came with."""
        if not self.changed:
            return self.values
        out = dict(self.values)
        if self.boxed:
            out["area_px"] = out["box_xywh_px"][2] * out["box_xywh_px"][3]
        else:
            modal = self.modal.tight()
            out |= {"mask": modal.rle(self.size), "box_xywh_px": modal.rect, "area_px": modal.area}
        if self.amodal is not None:
            whole = self.amodal.plus(self.modal).tight()  # nearest pixels may differ by one
            out |= {"amodal_mask": whole.rle(self.size), "amodal_box_xywh_px": whole.rect}
        elif out.get("amodal_box_xywh_px") is not None:
            out["amodal_box_xywh_px"] = None
        if out.get("truncation") is not None or self._outside > 0:
            out["truncation"] = round(self._outside, 6)
        if not self.boxed or self.as_mask:
            out["visibility"] = self.seen()
        if out.get("parts"):
            parts = self._parts or {}
            if not self.boxed:  # nearest pixels may differ by one
                parts = {name: part.within(self.modal) for name, part in parts.items()}
            out["parts"] = {n: p.rle(self.size) for n, p in parts.items() if p.area}
        # What plugins said of it (3D boxes, oriented boxes) is no longer so.
        return {n: None if n.startswith("extra.") else v for n, v in out.items()}

    def _begin(self) -> None:
        """Decode what will change."""
        if not self.changed:
            self.changed = True
            self.before_px = float(self.modal.area)
            self._parts = {n: Region.of_rle(r) for n, r in (self.values.get("parts") or {}).items()}

    def _points(self) -> tuple[KeypointPx, ...]:
        return tuple(self.values.get("keypoints") or ())

    def _move_box(self, points: PointMap, rect: Rect) -> None:
        x, y, w, h = self.values["box_xywh_px"]
        ends = points(np.array([[x, y], [x + w, y], [x, y + h], [x + w, y + h]], np.float64))
        low = np.clip(ends.min(axis=0), rect[:2], np.add(rect[:2], rect[2:]))
        high = np.clip(ends.max(axis=0), rect[:2], np.add(rect[:2], rect[2:]))
        box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        self.values["box_xywh_px"] = box
        here = overlap(bounds_of(box, np.eye(3)), rect)
        self._modal = Region(here[0], here[1], np.ones((here[3], here[2]), bool))


def rows_of(
    labels: Annotations, size: Size, as_mask: bool = False, ids: Ids | None = None
) -> list[Row]:
    """One row for each label; arguments as those of `Row`."""
    columns = labels.columns()
    return [
        Row({name: column[i] for name, column in columns.items()}, size, as_mask, ids)
        for i in range(len(labels))
    ]


def by_matrix(matrix: Matrix, rect: Rect) -> tuple[Callable[[Region], Region], PointMap]:
    """How a projective map moves regions (cut at a rectangle) and points."""
    return lambda region: region.warped(matrix, rect), lambda points: through(matrix, points)


def _moved(point: KeypointPx, points: PointMap, rect: Rect) -> KeypointPx:
    x, y = (float(v) for v in points(np.array([point.xy_px], np.float64))[0])
    inside = rect[0] <= x < rect[0] + rect[2] and rect[1] <= y < rect[1] + rect[3]
    return replace(point, xy_px=(x, y), visibility=point.visibility if inside else 0)
