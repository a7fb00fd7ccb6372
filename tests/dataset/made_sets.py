"""Datasets with awkward masks: holes, several parts, borders, single pixels, many instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.records import StageInfo
from simgen.dataset.samples import SampleWriter
from simgen.pipeline.stage import stage_manifest
from simgen.plugin.scene import Category
from simgen.records.annotations import from_rows
from simgen.records.masks import encode, tight_box
from simgen.records.sample import Sample
from simgen.records.serial import to_json

NAMES = ("mug", "no", "große Dose")  # `no` is False to careless YAML
CATEGORIES = tuple(Category(i, name) for i, name in zip((3, 7, 90), NAMES, strict=True))
STAGE = StageInfo("import", {})


def awkward_map(seed: int, count: int, width: int = 47, height: int = 31) -> NDArray[np.int32]:
    """int32[H, W] ids 1 to at most `count`, 0 where nothing is."""
    rng = np.random.Generator(np.random.PCG64(seed))
    ids = np.zeros((height, width), np.int32)
    for number in range(1, count + 1):
        kind = rng.integers(7) if count < 50 else 6
        y, x = int(rng.integers(height)), int(rng.integers(width))
        h, w = int(rng.integers(1, height // 2)), int(rng.integers(1, width // 2))
        if kind == 0:
            ids[y : y + h, x : x + w] = number
        elif kind == 1:  # a ring, now and then with something in its hole
            before = ids[y + 1 : y + h - 1, x + 1 : x + w - 1].copy()
            ids[y : y + h, x : x + w] = number
            ids[y + 1 : y + h - 1, x + 1 : x + w - 1] = before
        elif kind == 2:  # two parts
            ids[y : y + h // 2, x : x + w] = number
            ids[: h // 2, : w // 2] = number
        elif kind == 3:  # along a border
            ids[:, [0, -1][int(rng.integers(2))]] = number
        elif kind == 4:  # a diagonal, joined at corners alone
            n = min(height - y, width - x)
            ids[np.arange(y, y + n), np.arange(x, x + n)] = number
        elif kind == 5:  # noise
            ids[rng.random(ids.shape) < 0.2] = number
        else:
            ids[y, x] = number
    return ids


def sample_of(ids: NDArray[np.int32], frame: int = 0, **row: Any) -> Sample:
    """The sample whose masks are those of a map."""
    rng = np.random.Generator(np.random.PCG64(frame))
    rows = []
    for number in np.unique(ids[ids > 0]):
        mask = ids == number
        box = tight_box(mask)
        assert box is not None
        rows.append({
            "instance": int(number), "category": NAMES[int(number) % 3], "box_xywh_px": box,
            "mask": encode(mask), "area_px": int(mask.sum()), **row,
        })  # fmt: skip
    rgb = rng.integers(0, 256, (*ids.shape, 3), dtype=np.uint8)
    return Sample(rgb, from_rows(rows), frame=frame, world=frame, instances=ids)


def write_set(root: Path, samples: Sequence[Sample], **fields: Any) -> Path:
    """A dataset folder of these samples."""
    height, width = samples[0].rgb.shape[:2]
    usual = {"categories": CATEGORIES, "size": (width, height), "outputs": ("rgb",)}
    manifest = replace(stage_manifest("import", {}, []), **{**usual, **fields})
    root.mkdir(parents=True)
    Layout(root).manifest.write_bytes(to_json(manifest))
    for sample in samples:
        SampleWriter(Layout(root), manifest).write(sample)
    finalize(root)
    return root
