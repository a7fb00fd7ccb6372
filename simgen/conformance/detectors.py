"""Laws of detectors: a step of training, answers of the right shape, four images by heart."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from simgen.detect.card import categories_of, read_card
from simgen.detect.job import Augment, Inference, Source, TrainJob, View
from simgen.detect.listing import ResultRow, list_images, write_results
from simgen.errors import SimgenError
from simgen.learn.schedule import Machine, Schedule
from simgen.plugin.conformance import Law, LawBroken, Subject, require

_SIZE = (96, 64)
_SIDE = 24
_INKS = {"red": (220, 30, 30), "blue": (30, 30, 220)}
_STEPS = 90
_LEARNT = 0.9


def suite(subject: Subject) -> list[Law]:
    """The laws of a detector."""
    return [
        Law("it learns a step and answers in the right shapes", lambda: _shapes(subject)),
        Law("it learns four images by heart", lambda: _overfits(subject), alone=True),
    ]


@dataclass(frozen=True)
class _Painted:
    """Four grey images with a red and a blue square each, as COCO."""

    file: Path
    boxes: dict[int, dict[int, tuple[int, int, int, int]]]


def _paint(folder: Path) -> _Painted:
    (folder / "images").mkdir(parents=True)
    rng = np.random.Generator(np.random.PCG64(7))
    images: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    boxes: dict[int, dict[int, tuple[int, int, int, int]]] = {}
    for number in range(1, 5):
        pixels = np.full((_SIZE[1], _SIZE[0], 3), 120, np.uint8)
        for kind, ink in enumerate(_INKS.values()):
            x = int(rng.integers(0, _SIZE[0] // 2 - _SIDE)) + kind * _SIZE[0] // 2
            y = int(rng.integers(0, _SIZE[1] - _SIDE))
            pixels[y : y + _SIDE, x : x + _SIDE] = ink
            boxes.setdefault(number, {})[kind + 1] = (x, y, _SIDE, _SIDE)
            row = {"id": len(rows) + 1, "image_id": number, "category_id": kind + 1}
            rows.append({**row, "bbox": [x, y, _SIDE, _SIDE], "area": _SIDE * _SIDE, "iscrowd": 0})
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
        images.append(
            {"id": number, "file_name": f"{number}.png", "width": _SIZE[0], "height": _SIZE[1]}
        )
    names = [{"id": n, "name": name} for n, name in enumerate(_INKS, start=1)]
    data = {"images": images, "categories": names, "annotations": rows}
    (folder / "labels.json").write_text(json.dumps(data))
    return _Painted(folder / "labels.json", boxes)


@contextmanager
def _trained(subject: Subject, steps: int) -> Iterator[tuple[_Painted, list[ResultRow]]]:
    """The set, and what the detector finds on it after some steps."""
    plugin = subject.plugin
    settings = {k: v for k, v in subject.settings.items() if k != "kind"}
    params = plugin.Params.model_validate(settings).model_dump(mode="json")
    with tempfile.TemporaryDirectory(prefix="simgen-conformance-") as place:
        painted = _paint(Path(place) / "set")
        source = Source(str(painted.file), str(painted.file.parent / "images"))
        job = TrainJob(subject.name, getattr(plugin, "build", ""), params, {"painted": source})
        job = replace(
            job,
            view=View(side=96, crop=64, scale=(1.0, 1.0), stretch=0.0),
            augment=Augment(False, False, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            schedule=Schedule(
                steps=steps, batch=4, ema_decay=0.9, learning_rate=plugin.learning_rate
            ),
            machine=Machine(device="cpu", threads=1, workers=0, log_every=10),
        )
        out = Path(place) / "detector"
        try:
            plugin.train(job, out, None)
            listing = list_images(painted.file, None, categories_of(read_card(out)), {})
            rows = plugin.predict(out, listing, Inference(device="cpu"), lambda number: None)
            write_results(rows, listing, Path(place) / "found.json")
        except SimgenError as error:
            raise LawBroken(f"it cannot be trained on four images: {error}") from error
        yield painted, rows


def _shapes(subject: Subject) -> str:
    with _trained(subject, 1) as (_, rows):
        for row in rows:
            require(row["image_id"] in range(1, 5), f"a detection of no image: {row}")
            require(row["category_id"] in (1, 2), f"a detection of no category: {row}")
            require(len(row["bbox"]) == 4, f"a box that is none: {row}")
            require(min(row["bbox"][2:]) > 0, f"an empty box: {row}")
            require(0 <= row["score"] <= 1, f"a score outside [0, 1]: {row}")
    return f"{len(rows)} detections"


def _overfits(subject: Subject) -> str:
    with _trained(subject, _STEPS) as (painted, rows):
        found = [
            _surest(rows, image, kind, box)
            for image, kinds in painted.boxes.items()
            for kind, box in kinds.items()
        ]
    share = sum(found) / len(found)
    require(share >= _LEARNT, f"after {_STEPS} steps it finds {share:.0%} of what it has seen")
    return f"{share:.0%} found"


def _surest(rows: list[ResultRow], image: int, kind: int, box: tuple[int, int, int, int]) -> bool:
    """Whether the surest detection of a category in an image lies on its box."""
    mine = [r for r in rows if r["image_id"] == image and r["category_id"] == kind]
    if not mine:
        return False
    return _overlap(max(mine, key=lambda row: row["score"])["bbox"], box) >= 0.5


def _overlap(a: list[float], b: tuple[int, int, int, int]) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
