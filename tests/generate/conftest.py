"""Folders of small pictures, and jobs that train for a moment."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from simgen.generate.job import GeneratorJob, View
from simgen.generate.pictures import list_pictures
from simgen.learn.schedule import Machine, Schedule, calm_threads

calm_threads()
HAS_TORCH = importlib.util.find_spec("torch") and importlib.util.find_spec("diffusers")
collect_ignore_glob = [] if HAS_TORCH else ["test_*.py"]  # extra `refine`

NETWORKS: dict[str, dict[str, Any]] = {
    "vae": {"hidden": [32, 16], "latent": 4, "convolutional": False, "beta": 1.0},
    "gan": {"channels": [16, 8], "latent": 8},
    "diffusion": {
        "channels": [8, 16], "layers": 1, "attention": False, "noise_steps": 100, "dropout": 0.0,
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sub-folders `disc` (12 pictures) and `bar` (6), 24 x 24, bright shapes on dark ground."""
    folder = tmp_path_factory.mktemp("blobs")
    rng = np.random.Generator(np.random.PCG64(3))
    y, x = np.mgrid[0:24, 0:24] - 11.5
    for name, number in (("disc", 12), ("bar", 6)):
        (folder / name).mkdir()
        for n in range(number):
            shape = np.hypot(x, y) < 7 if name == "disc" else np.abs(x) < 3
            colour = rng.integers(180, 255, 3)
            picture = np.where(shape[..., None], colour, rng.integers(0, 60, 3))
            Image.fromarray(picture.astype(np.uint8)).save(folder / name / f"{n}.png")
    return folder


def job_of(folder: Path, kind: str, steps: int = 3, **changes: Any) -> GeneratorJob:
    """A tiny job on 16 x 16 pictures."""
    listing = list_pictures(folder, None, crops=False)
    job = GeneratorJob(
        kind,
        NETWORKS[kind],
        str(listing.root),
        listing.items,
        listing.held_out,
        listing.categories,
        View(side=16),
        Schedule(steps=steps, batch=8, learning_rate=2e-3, ema_decay=0.9),
        Machine(device="cpu", threads=1, log_every=1, checkpoint_every=2),
    )
    return replace(job, **changes)
