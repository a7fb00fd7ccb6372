"""Four rendered images, tiny hand-made sets, and jobs that train for a moment."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from simgen.detect.default_job import COMPACT, default_job
from simgen.detect.job import Augment, TrainJob, View
from simgen.learn.schedule import Machine, Schedule, calm_threads

calm_threads()
collect_ignore_glob = [] if importlib.util.find_spec("torch") else ["test_*.py"]  # extra `train`

SCENE = """\
simgen: 1
scene: {type: flying}
categories: [red, blue]
objects:
  red:
    asset: box
    count: 2
    size_m: [0.2, 0.2, 0.2]
    category: red
    material: {color: "#d01010"}
  blue:
    asset: box
    count: 2
    size_m: [0.3, 0.15, 0.1]
    category: blue
    material: {color: "#1020d0"}
camera: {distance_m: 1.1}
frames: 4
render: {engine: raycast, size: [160, 128], quality: draft}
outputs: [rgb]
"""
PLAIN = Augment(brightness=0, contrast=0, saturation=0, hue=0, grayscale=0, blur=0, noise=0, jpeg=0)
SMALL = {**COMPACT, "channels": [8, 16, 16, 16, 16], "blocks": [1, 1, 1, 1], "neck": 16, "head": 16}
Set = Callable[..., Path]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of four ray-cast images, 160x128, with red and blue boxes."""
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.run import render_dataset

    folder = tmp_path_factory.mktemp("rendered")
    (folder / "scene.yaml").write_text(SCENE)
    assert render_dataset(RenderRequest(folder / "scene.yaml"), folder / "out", 1).images == 4
    return folder / "out"


@pytest.fixture
def painted(tmp_path: Path) -> Set:
    """Makes a COCO set of grey images with coloured squares; gives the COCO file."""

    def make(
        name: str = "set",
        images: int = 3,
        categories: tuple[str, ...] = ("red", "blue"),
        size: tuple[int, int] = (96, 64),
        side: int = 24,
    ) -> Path:
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        rng = np.random.Generator(np.random.PCG64(7))
        rows: list[dict[str, Any]] = []
        for number in range(images):
            pixels = np.full((size[1], size[0], 3), 120, np.uint8)
            for kind in range(2):
                x = int(rng.integers(0, size[0] // 2 - side)) + kind * size[0] // 2
                y = int(rng.integers(0, size[1] - side))
                pixels[y : y + side, x : x + side] = [(220, 30, 30), (30, 30, 220)][kind]
                rows.append(
                    {"id": len(rows) + 1, "image_id": number + 1, "category_id": kind + 1,
                     "bbox": [x, y, side, side], "area": side * side, "iscrowd": 0}
                )  # fmt: skip
            Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
        data = {
            "images": [
                {"id": i + 1, "file_name": f"{i}.png", "width": size[0], "height": size[1]}
                for i in range(images)
            ],
            "categories": [{"id": i + 1, "name": n} for i, n in enumerate(categories)],
            "annotations": rows,
        }
        (folder / "labels.json").write_text(json.dumps(data))
        return folder / "labels.json"

    return make


def small_job(path: Path, steps: int = 3, **changes: Any) -> TrainJob:
    """A job with a tiny network and tiny crops."""
    job = replace(
        default_job(path),
        params=SMALL,
        view=View(side=96, crop=64),
        schedule=Schedule(steps=steps, batch=4),
        machine=Machine(device="cpu", threads=1, workers=0, log_every=1, checkpoint_every=2),
    )
    return replace(job, **changes)
