"""Writer `webdataset`: shards of tar files for streaming, the same bytes every time."""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from simgen.dataset.atomic import atomic_stream
from simgen.dataset.coco_index import KEY
from simgen.dataset.coco_rows import annotation_rows, image_row
from simgen.dataset.images import encode_rgb
from simgen.dataset.samples import record_of
from simgen.dataset.writers.pictures import PLAIN, write
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.sample import Sample
from simgen.records.serial import to_json, to_plain
from simgen.spec.fields import Params
from simgen.spec.splits import split_of

_MIB = 2**20


class WebDatasetWriterParams(Params):
    """How large shards are."""

    samples_per_shard: int = Field(1000, ge=1, description="samples of a shard at most")
    mib_per_shard: int = Field(500, ge=1, description="MiB of a shard, about")


class WebDatasetWriter:
    """WebDataset: tar shards with picture, maps and COCO rows (json) of each sample.

    `00000042.png`, `00000042.depth.png` (every output of the set) and `00000042.json` with `image`
    and `annotations` as COCO has them. index.json lists the shards as webdataset's `wids` reads
    them; categories.json is COCO's table.
    """

    api = 1
    Params = WebDatasetWriterParams
    outputs = frozenset[str]()

    def open(self, params: WebDatasetWriterParams, facts: SetFacts, out: Path) -> WebDatasetSession:
        """See `plugin.Writer`."""
        return WebDatasetSession(params, facts, out)


@dataclass
class _Shard:
    """A tar file that is being written under a temporary name."""

    name: str
    tar: tarfile.TarFile
    stack: ExitStack
    samples: int = 0
    size: int = 0


@dataclass
class _Split:
    shards: list[dict[str, Any]] = field(default_factory=list)
    shard: _Shard | None = None


class WebDatasetSession:
    """Shards that are being written, one open for each split."""

    def __init__(self, params: WebDatasetWriterParams, facts: SetFacts, out: Path) -> None:
        self.params, self.facts, self.out = params, facts, out
        self.by_name = {category.name: category for category in facts.categories}
        self.splits = {name: _Split() for name in sorted(facts.splits or {"train": 1.0})}
        self._next = 1

    def write(self, sample: Sample) -> None:
        """Add a sample."""
        name = split_of(sample.world, self.facts.splits) if self.facts.splits else "train"
        split = self.splits[name]
        if split.shard is None:
            split.shard = self._open(f"{name}-{len(split.shards):06d}.tar")
        shard, key = split.shard, f"{sample.frame:08d}"
        for suffix, data in self._members(sample):
            shard.tar.addfile(_entry(f"{key}{suffix}", len(data)), io.BytesIO(data))
            shard.size += len(data)
        shard.samples += 1
        full = shard.samples >= self.params.samples_per_shard
        if full or shard.size >= self.params.mib_per_shard * _MIB:
            self._close(split)

    def close(self) -> Path:
        """Complete the shards and write the lists."""
        for split in self.splits.values():
            self._close(split)
        table = [to_plain(category) for category in self.facts.categories]
        write(self.out / "categories.json", json.dumps(table, indent=1) + "\n")
        for name, split in self.splits.items():
            index = {"wids_version": 1, "name": f"{self.facts.name}-{name}",
                     "shardlist": split.shards}  # fmt: skip
            write(self.out / f"{name}.index.json", json.dumps(index, indent=1) + "\n")
        return Path(f"{next(iter(self.splits))}.index.json")

    def _open(self, name: str) -> _Shard:
        stack = ExitStack()
        stream = stack.enter_context(atomic_stream(self.out / name))
        # USTAR with fixed owner and time: the same samples are the same bytes.
        tar = tarfile.TarFile(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT)
        stack.enter_context(tar)
        return _Shard(name, tar, stack)

    def _close(self, split: _Split) -> None:
        if split.shard is not None:
            split.shard.stack.close()
            split.shards.append({"url": split.shard.name, "nsamples": split.shard.samples})
            split.shard = None

    def _members(self, sample: Sample) -> list[tuple[str, bytes]]:
        found = []
        for output, original in sample.files.items():
            suffix = original.path.suffix.lower()
            if output == "rgb" and (original.array is not sample.rgb or suffix not in PLAIN):
                continue
            dotted = "" if output == "rgb" else f".{output}"
            found.append((f"{dotted}{suffix}", original.path.read_bytes()))
        if not any(suffix in PLAIN for suffix, _ in found):
            found.insert(0, (".png", encode_rgb(sample.rgb)))
        record = record_of(sample, {}, self.facts.size)
        rows = list(annotation_rows(record, self.by_name, self._next))
        self._next += len(rows)
        image = image_row(record, sample.scene, sample.size)
        del image["file_name"], image[KEY]["files"]
        found.append((".json", to_json({"image": image, "annotations": rows})))
        return found


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry
