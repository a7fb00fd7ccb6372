"""Writer `coco`: instances, keypoints, captions and panoptic maps in COCO's own layout."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from simgen.dataset.coco_index import KEY, CocoIndex, open_index
from simgen.dataset.coco_rows import annotation_rows, image_row
from simgen.dataset.samples import record_of
from simgen.dataset.writers.pictures import put_rgb, write
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.sample import Sample
from simgen.spec.fields import Params
from simgen.spec.splits import split_of

Part = Literal["instances", "keypoints", "captions", "panoptic"]


class CocoWriterParams(Params):
    """What the COCO files hold."""

    parts: tuple[Part, ...] = Field(
        ("instances",), min_length=1, description="files of `annotations` to write"
    )
    background: str | None = Field(
        None, min_length=1,
        description="panoptic: category of all pixels without an instance; default: void",
    )  # fmt: skip
    ours: bool = Field(True, description="keep what is under the key `simgen`")
    link: bool = Field(True, description="hard-link pictures; false copies them")


class CocoWriter:
    """COCO: instances, and on request keypoints, captions and panoptic maps."""

    api = 1
    Params = CocoWriterParams
    outputs = frozenset({"instances"})

    def open(self, params: CocoWriterParams, facts: SetFacts, out: Path) -> CocoSession:
        """See `plugin.Writer`."""
        return CocoSession(params, facts, out)


class CocoSession:
    """COCO files that are being written, one for each part and split."""

    def __init__(self, params: CocoWriterParams, facts: SetFacts, out: Path) -> None:
        self.params, self.facts, self.out = params, facts, out
        self.by_name = {category.name: category for category in facts.categories}
        self._stack = ExitStack()
        self._files: dict[tuple[str, str], CocoIndex] = {}
        self._next = 1
        for split in sorted(facts.splits or {"": 1.0}):
            for part in params.parts:
                path = out / "annotations" / f"{_named(part, split)}.json"
                about = {"description": f"{facts.name}, exported by simgen"}
                opened = open_index(path, about, self._categories(part))
                self._files[part, split] = self._stack.enter_context(opened)

    def write(self, sample: Sample) -> None:
        """Add a sample."""
        split = split_of(sample.world, self.facts.splits) if self.facts.splits else ""
        stem = f"{sample.frame:08d}"
        name = put_rgb(sample, self.out / "images", stem, self.params.link)
        record = record_of(sample, {}, self.facts.size)
        image = image_row(record, sample.scene, sample.size) | {"file_name": name}
        del image[KEY]["files"]
        rows = list(annotation_rows(record, self.by_name, self._next))
        self._next += max(len(rows), len(sample.captions))
        for row in [image, *rows] if not self.params.ours else ():
            row.pop(KEY, None)
        for part in self.params.parts:
            index = self._files[part, split]
            index.licences.update(sample.licences)
            index.credits.update(sample.credits or ())
            index.images.add(image)
            for row in self._rows(part, sample, rows, split):
                index.annotations.add(row)

    def close(self) -> Path:
        """Complete the files."""
        self._stack.close()
        split = min(self.facts.splits or {"": 1.0})
        return Path("annotations") / f"{_named(self.params.parts[0], split)}.json"

    def _categories(self, part: str) -> list[Any] | None:
        categories: list[Any] = list(self.facts.categories)
        if part == "keypoints":
            return [c for c in categories if c.keypoints is not None]
        if part == "panoptic":
            from simgen.dataset.writers.coco_panoptic import panoptic_categories

            return panoptic_categories(self.facts.categories, self.params.background)
        return None if part == "captions" else categories

    def _rows(
        self, part: str, sample: Sample, rows: list[dict[str, Any]], split: str
    ) -> list[dict[str, Any]]:
        if part == "keypoints":
            return [row for row in rows if "keypoints" in row]
        if part == "captions":
            first = self._next - max(len(rows), len(sample.captions))
            return [
                {"id": first + i, "image_id": sample.frame + 1, "caption": text}
                for i, text in enumerate(sample.captions)
            ]
        if part == "panoptic":
            from simgen.dataset.writers.coco_panoptic import panoptic

            known = self._categories(part) or []
            picture, row = panoptic(sample, rows, known, self.params.background)
            write(self.out / _named("panoptic", split) / row["file_name"], picture)
            return [row]
        return rows


def _named(part: str, split: str) -> str:
    return f"{part}_{split}" if split else part
