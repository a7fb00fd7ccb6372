"""Canvas: a picture that is being changed, with its labels; what all operators work on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.augment.region import (
    Matrix,
    Rect,
    Region,
    bounds_of,
    is_affine,
    meet,
    moved,
    scale_of,
    warped_pixels,
)
from simgen.augment.row import Row, Size, by_matrix, rows_of
from simgen.errors import DataError, Fault
from simgen.records.annotations import Annotations, Unlabelled, from_rows
from simgen.records.provenance import Step
from simgen.records.sample import Sample

TOO_HIDDEN = "below min_visibility"


class Canvas:
    """Pixels and rows of one picture; owned, so that operators may write into them.

    Args:
        sample: stays as it is.
        boxes_as_masks: let boxes of labels without mask stand for masks; without it something that
            takes pixels away from such a label is an error.
    """

    def __init__(self, sample: Sample, boxes_as_masks: bool = False) -> None:
        self.sample, self.boxes_as_masks = sample, boxes_as_masks
        self.rgb: NDArray[np.uint8] = sample.rgb.copy()
        self.depth_m = None if sample.depth_m is None else sample.depth_m.copy()
        self.instances = None if sample.instances is None else sample.instances.copy()
        self.rows = rows_of(sample.annotations, sample.size, boxes_as_masks, sample.instances)
        self.unlabelled = list(sample.unlabelled)
        self.moved = False  # whether pixels are elsewhere now: the camera no longer holds

    @property
    def size(self) -> Size:
        """Width and height, pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    @property
    def rect(self) -> Rect:
        """The whole picture."""
        return (0, 0, *self.size)

    def next_id(self) -> int:
        """An instance id that nothing has."""
        rows = [int(row.values["instance"]) for row in self.rows]
        return 1 + max([0, *rows, *(one.instance for one in self.unlabelled)])

    def cover(self, region: Region, owner: int = 0) -> None:
        """Give pixels to something new: all others lose them.

        Args:
            owner: its instance id; 0 is background, or something without label.

        Raises:
            DataError: a label without mask would lose pixels.
        """
        if not region.patch.size:
            return
        for row in self.rows:
            if meet(row.rect(), region.rect):
                self.masked(row)
                row.lose(region)
        if self.instances is not None:
            self.instances[region.at()][region.patch] = owner

    def masked(self, row: Row) -> None:
        """Make sure that a row has a mask, or that its box may stand for one.

        Raises:
            DataError: it has none.
        """
        if row.boxed and not self.boxes_as_masks:
            raise self._maskless(row)

    def add(self, values: dict[str, Any]) -> None:
        """A new label; its pixels were covered before."""
        self.rows.append(Row(values, self.size, self.boxes_as_masks))

    def warp(self, matrix: Matrix, size: Size, rect: Rect | None = None) -> None:
        """All through a projective map into a picture of another size.

        Args:
            matrix: float64[3, 3] of continuous coordinates (pixel centres at +0.5).
            rect: that the new picture's pixels come from, in its own coordinates; None: all of it.
                The others are black and belong to nobody.
        """
        here = rect or (0, 0, *size)
        shifted = moved(-here[0], -here[1]) @ matrix
        regions, points = by_matrix(matrix, here)
        # What ends up outside altogether needs not be decoded.
        self.rows = [row for row in self.rows if meet(bounds_of(row.rect(), matrix), here)]
        for row in self.rows:
            row.move(regions, points, _growth(matrix, row), here)
            row.enlarge(size)

        def placed(part: NDArray[Any]) -> NDArray[Any]:
            if here == (0, 0, *size):
                return part
            whole = np.zeros((size[1], size[0], *part.shape[2:]), part.dtype)
            whole[here[1] : here[1] + here[3], here[0] : here[0] + here[2]] = part
            return whole

        window = here[2:]
        self.rgb = placed(smoothly_warped(self.rgb, shifted, window))
        if self.depth_m is not None:
            self.depth_m = placed(warped_pixels(self.depth_m, shifted, window, nearest=True))
        if self.instances is not None:
            self.instances = placed(warped_pixels(self.instances, shifted, window, nearest=True))
        self.moved = True
        self.align()

    def join(self, other: Canvas, region: Region) -> None:
        """Show another canvas of the same size inside a region; its labels get new ids.

        Args:
            region: where this one has lost all its pixels before (`cover`).
        """
        where = region.at()
        patch: Any = ... if region.is_full else region.patch
        self.rgb[where][patch] = other.rgb[where][patch]
        if self.depth_m is not None and other.depth_m is not None:
            self.depth_m[where][patch] = other.depth_m[where][patch]
        first = self.next_id()
        fresh: dict[int, int] = {}
        for row in other.rows:
            fresh[int(row.values["instance"])] = first + len(fresh)
            row.values["instance"] = fresh[int(row.values["instance"])]
        for one in other.unlabelled:
            fresh[one.instance] = first + len(fresh)
            self.unlabelled.append(replace(one, instance=fresh[one.instance]))
        if self.instances is not None:
            whole = np.zeros_like(self.instances) if other.instances is None else other.instances
            theirs = whole[where]
            table = np.zeros(int(theirs.max(initial=0)) + 1, np.int32)
            for old, new in fresh.items():
                if old < len(table):
                    table[old] = new
            self.instances[where][patch] = table[theirs][patch]
        self.rows += other.rows

    def finished(
        self,
        operator: dict[str, Any],
        *,
        min_visibility: float = 0.0,
        min_pixels: int = 1,
        others: Sequence[Sample] = (),
        **changes: Any,
    ) -> Sample:
        """The new sample; labels that lost too much are left out.

        Args:
            operator: what was done and drawn, for provenance.
            min_visibility: a changed label is kept from this share of its pixels on.
            min_pixels: a changed label is kept from so many pixels on.
            others: samples beside the first that are to be seen.
            changes: fields of the sample.
        """
        kept: list[Row] = []
        lost: list[Row] = []
        for row in self.rows:
            # A move takes nothing but what it cuts off; what was hidden before was kept before.
            share = min(row.left(), row.seen() if row.covered else 1.0) if row.changed else 1.0
            area = row.modal.area if row.changed else min_pixels
            (kept if area >= max(1, min_pixels) and share >= min_visibility else lost).append(row)
        unlabelled = self._unlabelled(lost)
        first = self.sample
        fields: dict[str, Any] = {
            "rgb": self.rgb,
            "depth_m": self.depth_m,
            "instances": self.instances,
            "annotations": from_rows([row.finished() for row in kept]) if kept else Annotations(),
            "unlabelled": unlabelled,
            "captions": captions_of([first, *others]),
            "licences": tuple(dict.fromkeys(n for s in (first, *others) for n in s.licences)),
            "credits": _credits([first, *others]),
            **{name: None for name in ("normals", "albedo", "sensor_depth_m", "scene", "drawn")},
            "files": {},
        }
        if self.moved:
            fields |= {"camera": None, "rig": None, "agreement": None}
        step = Step("augment", operators=(operator,))
        return first.with_step(step, **(fields | changes))

    def _unlabelled(self, lost: Iterable[Row]) -> tuple[Unlabelled, ...]:
        """What is still in the map without a label, counted anew."""
        gone = [
            Unlabelled(int(r.values["instance"]), str(r.values["category"]), 0, TOO_HIDDEN)
            for r in lost
        ]
        if self.instances is None:
            return tuple(self.unlabelled)
        if not self.unlabelled and not gone:
            return ()
        pixels = np.bincount(self.instances.ravel())
        counted = [
            replace(one, area_px=int(pixels[one.instance]) if one.instance < len(pixels) else 0)
            for one in [*self.unlabelled, *gone]
        ]
        return tuple(one for one in counted if one.area_px)

    def align(self) -> None:
        """Masks are what the map of instances says; windows round differently from pictures."""
        if self.instances is None:
            return
        for row in self.rows:
            if row.boxed:
                continue
            x, y, w, h = row.modal.rect
            grown = (max(0, x - 1), max(0, y - 1), w + 2, h + 2)
            rows, columns = slice(grown[1], y + h + 1), slice(grown[0], x + w + 1)
            patch = self.instances[rows, columns] == int(row.values["instance"])
            row.replace_modal(Region(grown[0], grown[1], patch).tight())

    def _maskless(self, row: Row) -> DataError:
        number = self.sample.frame
        what = f"frame {number}: a {row.values['category']} has a box and no mask, so that nobody "
        what += "can say what of it would be hidden"
        cure = "set `boxes_as_masks: true` to let boxes stand for masks, or use a set with masks"
        return DataError(Fault("augment", what, cure))


def captions_of(samples: Sequence[Sample]) -> tuple[str, ...]:
    """The captions of several pictures in one: joined one by one, as MixGen does (Hao 2023)."""
    lists = [sample.captions for sample in samples if sample.captions]
    return tuple(" ".join(parts) for parts in zip_longest(*lists, fillvalue="") if any(parts))


def smoothly_warped(
    rgb: NDArray[np.uint8], matrix: Matrix, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """A picture through a projective map; made smaller first where much of it is lost."""
    import cv2

    scale = scale_of(matrix)
    if scale < 0.75 and is_affine(matrix):
        width = max(1, round(rgb.shape[1] * scale))
        height = max(1, round(rgb.shape[0] * scale))
        small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.diag([rgb.shape[1] / width, rgb.shape[0] / height, 1.0])
        return np.asarray(warped_pixels(np.asarray(small, np.uint8), matrix, size), np.uint8)
    return np.asarray(warped_pixels(rgb, matrix, size), np.uint8)


def _growth(matrix: Matrix, row: Row) -> float:
    """Factor on areas about the middle of a row's box."""
    x, y, w, h = row.values["box_xywh_px"]
    at = np.array([x + w / 2, y + h / 2, 1.0])
    depth = float(matrix[2] @ at)
    # Determinant of the Jacobian of a projective map (Hartley and Zisserman 2004, 2.4).
    return float(abs(np.linalg.det(matrix)) / max(abs(depth) ** 3, 1e-12))


def _credits(samples: Sequence[Sample]) -> Any:
    every = [credit for sample in samples for credit in sample.credits or ()]
    return tuple(dict.fromkeys(every)) if every else samples[0].credits
