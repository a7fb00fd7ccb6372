"""Reader `yolo`: text labels with data.yaml, as ultralytics documents them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from simgen.dataset.readers.photos import at_most, read_photo
from simgen.dataset.readers.yolo_listing import (
    description,
    label_file,
    pictures,
    read_description,
)
from simgen.errors import DataError, Fault
from simgen.plugin.scene import Category
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.annotations import from_rows
from simgen.records.marks import KeypointPx
from simgen.records.masks import Mask, encode, tight_box
from simgen.records.provenance import Origin, Step
from simgen.records.sample import Sample
from simgen.spec.fields import Params, Root

Task = Literal["auto", "detect", "segment", "obb", "pose"]
_BOX, _OBB = 4, 8


class YoloReaderParams(Params):
    """Which pictures are read, and what their lines mean."""

    root: Root | None = Field(
        None, description="folder that holds everything; default: that of data.yaml"
    )
    split: str = Field("", description="`train`, `val` or `test` of data.yaml; default: all")
    task: Task = Field(
        "auto", description="kind of label lines; `auto`: boxes and polygons, pose by kpt_shape"
    )


class YoloReader:
    """YOLO text labels with data.yaml: boxes, polygons, oriented boxes, keypoints."""

    api = 1
    Params = YoloReaderParams

    def recognises(self, path: Path) -> bool:
        """A data.yaml, or the folder of one."""
        return description(path) is not None

    def open(self, params: YoloReaderParams, path: Path) -> YoloSession:
        """Read and check the label files; see `plugin.Reader`."""
        return YoloSession(params, path)


@dataclass(frozen=True)
class _Line:
    """A label: class number and shares of width and height."""

    label: int
    numbers: tuple[float, ...]


class YoloSession:
    """An open YOLO set; frames are numbered in the order of splits and names."""

    def __init__(self, params: YoloReaderParams, path: Path) -> None:
        file = description(path)
        if file is None:
            what = "there is no data.yaml with `names`"
            raise DataError(Fault(str(path), what, "give the folder of data.yaml, or the file"))
        about = read_description(file)
        names = about["names"]
        self.names: dict[int, str] = dict(enumerate(names)) if isinstance(names, list) else names
        self.root = params.root.location if params.root else file.parent
        self.points = int((about.get("kpt_shape") or [0])[0])
        self.sides = int((about.get("kpt_shape") or [0, 3])[1])
        self.task = params.task
        if params.task == "auto":
            self.task = "pose" if self.points else "segment"
        digest = hashlib.sha256(file.read_bytes())
        self.pictures = pictures(about, self.root, params.split, file)
        faults: list[Fault] = []
        self.lines: list[tuple[_Line, ...]] = []
        for picture in self.pictures:
            labels = label_file(picture)
            text = labels.read_bytes() if labels.is_file() else b""
            digest.update(hashlib.sha256(text).digest())
            self.lines.append(tuple(self._checked(labels, text, faults)))
        if faults:
            raise DataError(at_most(faults, path))
        self.digest = digest.hexdigest()
        self.numbers: Sequence[int] = range(len(self.pictures))
        points = tuple(f"point_{i}" for i in range(self.points)) if self.task == "pose" else None
        categories = [Category(i + 1, n, "", points) for i, n in sorted(self.names.items())]
        self.facts = SetFacts(self.root.resolve().name, tuple(categories))

    def _checked(self, file: Path, text: bytes, faults: list[Fault]) -> Iterator[_Line]:
        for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), start=1):
            if not line.strip():
                continue
            what = self._problem(line.split())
            if what:
                faults.append(Fault(f"{file}:{number}", what, "repair the line"))
            else:
                label, *numbers = line.split()
                yield _Line(int(label), tuple(map(float, numbers)))

    def _problem(self, words: list[str]) -> str:
        try:
            label, numbers = int(words[0]), [float(word) for word in words[1:]]
        except ValueError:
            return f"expected a class number and numbers, got {' '.join(words)[:60]!r}"
        if label not in self.names:
            return f"there is no class {label}; data.yaml has {len(self.names)}"
        count = len(numbers)
        fits = {
            "detect": count == _BOX,
            "segment": count == _BOX or (count >= 6 and count % 2 == 0),
            "obb": count == _OBB,
            "pose": count == _BOX + self.points * self.sides,
        }
        if not fits[self.task]:
            return f"{count} numbers are no label of the task {self.task}"
        where = numbers
        if self.task == "pose" and self.sides == 3:
            where = [v for i, v in enumerate(numbers) if i < _BOX or (i - _BOX) % 3 != 2]
        if not all(math.isfinite(v) for v in numbers) or not all(-0.01 <= v <= 1.01 for v in where):
            return "a number is not a share of width or height in [0, 1]"
        return ""

    def read(self, number: int) -> Sample:
        """One photograph with its labels; YOLO does not say its size."""
        path = self.pictures[number]
        rgb, original = read_photo(path, None)
        size = (rgb.shape[1], rgb.shape[0])
        rows = [self._row(line, size) for line in self.lines[number]]
        name = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else ""
        return Sample(
            rgb,
            from_rows(rows),
            frame=number,
            world=number,
            provenance=(Step("import", (Origin(file=name or path.name),)),),
            files={"rgb": original} if original else {},
        )

    def _row(self, line: _Line, size: tuple[int, int]) -> dict[str, Any]:
        row: dict[str, Any] = {"category": self.names[line.label]}
        if self.task in ("detect", "pose") or len(line.numbers) == _BOX:
            cx, cy, w, h = (v * s for v, s in zip(line.numbers, size * 2, strict=False))
            row["box_xywh_px"] = _rounded((cx - w / 2, cy - h / 2, w, h))
        else:
            points = np.array(line.numbers, np.float64).reshape(-1, 2) * size
            row |= _polygon(points, size) if self.task == "segment" else _oriented(points)
        if self.task == "pose":
            row["keypoints"] = self._keypoints(line.numbers[_BOX:], size)
        return row

    def _keypoints(self, numbers: Sequence[float], size: tuple[int, int]) -> tuple[KeypointPx, ...]:
        found = []
        for i in range(self.points):
            x, y, *seen = numbers[i * self.sides : (i + 1) * self.sides]
            mark = int(seen[0]) if seen else 2 * bool(x or y)
            if mark in (1, 2):
                place = _rounded((x * size[0], y * size[1]))
                found.append(KeypointPx(f"point_{i}", (place[0], place[1]), None, mark))  # type: ignore[arg-type]
        return tuple(found)


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    # Shares have six digits or so; without this a box at 3 px would be read at 3.0000003.
    return tuple(round(v, 3) for v in values)


def _polygon(points: Any, size: tuple[int, int]) -> dict[str, Any]:
    """Mask and its box, filled as ultralytics does: cut to whole pixels, border drawn."""
    import cv2

    pixels = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillPoly(pixels, [points.astype(np.int32)], 1)
    mask: Mask = pixels.astype(bool)
    box = tight_box(mask) or (0, 0, 0, 0)
    return {"box_xywh_px": box, "mask": encode(mask), "area_px": int(mask.sum())}


def _oriented(points: Any) -> dict[str, Any]:
    low, high = points.min(axis=0), points.max(axis=0)
    corners = [list(_rounded(corner)) for corner in points.tolist()]
    return {"box_xywh_px": _rounded((*low, *(high - low))), "obb": corners}
