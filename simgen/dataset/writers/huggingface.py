"""Writer `huggingface`: a folder that `datasets.load_dataset` opens, with its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field

from simgen.dataset.writers.pictures import put_file, put_rgb, write
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.masks import Rle
from simgen.records.sample import Sample
from simgen.spec.fields import Params
from simgen.spec.splits import split_of

_MAPS = ("depth", "instances", "normals", "albedo", "sensor_depth")
# What the Hub calls splits; other names stay.
_NAMES = {"val": "validation", "valid": "validation"}


class HuggingFaceWriterParams(Params):
    """What goes into the table."""

    maps: bool = Field(False, description="columns of depth, instance and other maps of the set")
    licence: str = Field("unknown", description="identifier for the card, e.g. cc-by-4.0")
    link: bool = Field(True, description="hard-link pictures; false copies them")


class HuggingFaceWriter:
    """Hugging Face `datasets`: an image folder with metadata.jsonl and a dataset card.

    Columns: `image`, `image_id`, `width`, `height`, `objects` (lists of bbox x y w h, category's
    name and id, area, iscrowd, COCO RLE counts, visibility), `captions`, and on request one for
    each map. Categories are names, because `datasets` forgets class labels of image folders.
    """

    api = 1
    Params = HuggingFaceWriterParams
    outputs = frozenset[str]()

    def open(
        self, params: HuggingFaceWriterParams, facts: SetFacts, out: Path
    ) -> HuggingFaceSession:
        """See `plugin.Writer`."""
        return HuggingFaceSession(params, facts, out)


class HuggingFaceSession:
    """An image folder that is being written."""

    def __init__(self, params: HuggingFaceWriterParams, facts: SetFacts, out: Path) -> None:
        self.params, self.facts, self.out = params, facts, out
        self.ids = {c.name: c.id for c in facts.categories}
        self.maps = [m for m in _MAPS if m in facts.outputs] if params.maps else []
        self.splits = sorted({_NAMES.get(s, s) for s in facts.splits or {"train": 1.0}})
        self._open: dict[str, Any] = {}

    def write(self, sample: Sample) -> None:
        """Add a sample."""
        split = split_of(sample.world, self.facts.splits) if self.facts.splits else "train"
        split = _NAMES.get(split, split)
        folder, stem = self.out / split, f"{sample.frame:08d}"
        row = {"file_name": put_rgb(sample, folder, stem, self.params.link)}
        for name in self.maps:
            target = f"{name}/{stem}{sample.files[name].path.suffix}"
            put_file(sample.files[name].path, folder / target, self.params.link)
            row[f"{name}_file_name"] = target
        line = json.dumps(row | self._row(sample), ensure_ascii=False)
        with open(folder / "metadata.jsonl", "a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def close(self) -> Path:
        """Write the card."""
        made = [s for s in self.splits if (self.out / s).is_dir()]
        files = "".join(f"  - split: {s}\n    path: {s}/**\n" for s in made)
        names = "".join(f"| {i} | {name} |\n" for name, i in self.ids.items())
        card = _CARD.format(
            licence=self.params.licence, name=self.facts.name, files=files, names=names
        )
        write(self.out / "README.md", card)
        return Path()

    def _row(self, sample: Sample) -> dict[str, Any]:
        labels = sample.annotations
        rows = range(len(labels))
        return {
            "image_id": sample.frame + 1,
            "width": sample.size[0],
            "height": sample.size[1],
            "objects": {
                "bbox": [[float(v) for v in box] for box in labels.box_xywh_px],
                "category": list(labels.category),
                "category_id": [self.ids[name] for name in labels.category],
                "area": [float(v) for v in labels.area_px],
                "iscrowd": [int(labels.is_ignored(i)) for i in rows],
                "rle": [_counts(mask) for mask in labels.mask],
                "visibility": list(labels.visibility),
            },
            "captions": list(sample.captions),
        }


def _counts(mask: Rle | None) -> str | None:
    return None if mask is None else mask["counts"]


_CARD = """\
---
license: {licence}
task_categories:
- object-detection
configs:
- config_name: default
  data_files:
{files}\
---

# {name}

Written by simgen. `objects.bbox` is x, y, width, height in pixels, edges at whole numbers;
`objects.rle` holds the counts of COCO's compressed run-length masks of size [height, width];
`iscrowd` marks labels to be ignored.

| category_id | category |
|---|---|
{names}"""
