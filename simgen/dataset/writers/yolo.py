"""Writer `yolo`: label files as ultralytics reads them: detect, segment, obb, pose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from simgen.annotate.oriented import oriented_box
from simgen.dataset.writers.pictures import cannot, put_rgb, write
from simgen.dataset.writers.yolo_polygons import outline
from simgen.errors import DataError, Fault
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.masks import decode
from simgen.records.sample import Sample
from simgen.spec.fields import Params
from simgen.spec.splits import split_of

Task = Literal["detect", "segment", "obb", "pose"]


class YoloWriterParams(Params):
    """Which labels are written."""

    task: Task = Field("detect", description="kind of label lines")
    ignored: bool = Field(
        False, description="also write labels to be ignored, which YOLO takes for ordinary ones"
    )
    link: bool = Field(True, description="hard-link pictures; false copies them")


class YoloWriter:
    """YOLO text files with data.yaml: detect, segment, obb or pose; ignored labels are left out."""

    api = 1
    Params = YoloWriterParams
    outputs = frozenset[str]()

    def open(self, params: YoloWriterParams, facts: SetFacts, out: Path) -> YoloSession:
        """See `plugin.Writer`."""
        return YoloSession(params, facts, out)


class YoloSession:
    """A YOLO folder that is being written.

    Numbers are shares of width and height, pixel edges at whole pixels. What lies outside the
    picture is cut off: ultralytics throws a whole picture away for one number outside [0, 1].
    """

    def __init__(self, params: YoloWriterParams, facts: SetFacts, out: Path) -> None:
        self.params, self.facts, self.out = params, facts, out
        self.classes = {c.name: i for i, c in enumerate(facts.categories)}
        self.points = {c.name: c.keypoints or () for c in facts.categories}
        self.count = max(map(len, self.points.values()), default=0)
        if params.task == "pose" and self.count == 0:
            what = "no category has keypoints"
            raise DataError(Fault("--set task=pose", what, "use another task"))
        lines: dict[Task, Callable[[Sample, int], Iterable[float]]] = {
            "detect": self._box,
            "segment": self._segment,
            "obb": self._oriented,
            "pose": self._pose,
        }
        self.line = lines[params.task]

    def write(self, sample: Sample) -> None:
        """Add a sample; a picture without labels has an empty file."""
        split = split_of(sample.world, self.facts.splits) if self.facts.splits else "train"
        stem = f"{sample.frame:08d}"
        put_rgb(sample, self.out / "images" / split, stem, self.params.link)
        labels, text = sample.annotations, ""
        for i in range(len(labels)):
            if labels.is_ignored(i) and not self.params.ignored:
                continue
            numbers = " ".join(f"{v:.8g}" for v in self.line(sample, i))
            text += f"{self.classes[labels.category[i]]} {numbers}\n"
        write(self.out / "labels" / split / f"{stem}.txt", text)

    def close(self) -> Path:
        """Write data.yaml."""
        splits = sorted(self.facts.splits or {"train": 1.0})
        val = next((s for s in ("val", "valid", "validation", "test") if s in splits), splits[-1])
        train = "train" if "train" in splits else splits[0]
        # JSON's text is YAML, and needs no rules about names that look like numbers or `no`.
        lines = [f"train: images/{train}", f"val: images/{val}"]
        lines += [f"test: images/{s}" for s in splits if s == "test"]
        if self.params.task == "pose":
            lines.append(f"kpt_shape: [{self.count}, 3]")
        lines.append("names:")
        lines += [f"  {i}: {json.dumps(name)}" for name, i in self.classes.items()]
        write(self.out / "data.yaml", "\n".join(lines) + "\n")
        return Path("data.yaml")

    def _box(self, sample: Sample, i: int) -> list[float]:
        x, y, w, h = sample.annotations.box_xywh_px[i]
        left, top, right, bottom = _shares([(x, y), (x + w, y + h)], sample.size)
        return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]

    def _segment(self, sample: Sample, i: int) -> list[float]:
        mask = sample.annotations.mask[i]
        if mask is None:
            what = f"label {i} ({sample.annotations.category[i]}) has a box and no mask"
            raise cannot(sample, what, "use task=detect")
        return _shares(outline(decode(mask)), sample.size)

    def _oriented(self, sample: Sample, i: int) -> list[float]:
        mask = sample.annotations.mask[i]
        if mask is None:
            what = f"label {i} ({sample.annotations.category[i]}) has a box and no mask"
            raise cannot(sample, what, "use task=detect")
        return _shares(oriented_box(decode(mask)), sample.size)

    def _pose(self, sample: Sample, i: int) -> list[float]:
        labels = sample.annotations
        seen = {p.name: p for p in (labels.keypoints[i] if labels.keypoints else ())}
        numbers = self._box(sample, i)
        names = self.points[labels.category[i]]
        for name in [*names, *[""] * (self.count - len(names))]:
            point = seen.get(name)
            if point is None or point.visibility == 0:
                numbers += [0.0, 0.0, 0]
            else:
                numbers += [*_shares([point.xy_px], sample.size), point.visibility]
        return numbers


def _shares(points: ArrayLike, size: tuple[int, int]) -> list[float]:
    """x, y, x, y, ... as shares of width and height, cut at the picture's border."""
    found = np.clip(np.asarray(points, np.float64).reshape(-1, 2) / size, 0, 1)
    return [float(v) for v in found.ravel()]
