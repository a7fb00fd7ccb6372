"""Samples of a generator on disk, each held against the pictures that it learnt from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.atomic import write_atomic
from simgen.dataset.images import encode_rgb
from simgen.errors import DataError, Fault, RunFolderError
from simgen.evaluate.distances import fid, kid
from simgen.evaluate.duplicates import likeness, small_grey
from simgen.generate.card import read_card
from simgen.generate.job import GeneratorJob, Item, job_of
from simgen.imaging.descriptor import describe
from simgen.pipeline.progress import progress
from simgen.refine.models import need
from simgen.spec.faults import suggest

FILE = "samples.json"
_ENOUGH = 8  # pictures on both sides for a distance to mean something


def sample_generator(
    folder: Path,
    out: Path,
    number: int,
    categories: tuple[str, ...] = (),
    seed: int = 0,
    even: bool = False,
    max_likeness: float = 0.98,
    device: str = "auto",
) -> dict[str, Any]:
    """Write samples into a sub-folder a category, with their scores.

    Args:
        folder: of the generator.
        out: a folder that is not there yet.
        number: of samples to make.
        categories: names; () is all.
        even: equally many of each; otherwise rare categories first.
        max_likeness: samples more like a training picture than this are not written.

    Returns:
        How many there are by category, how many were left out, FID and KID.

    Raises:
        DataError: no generator, unknown category, pictures are missing.
        RunFolderError: `out` holds something.
    """
    need("generator", "torch", "safetensors")
    from simgen.generate._torch_sampling import sample

    card = read_card(folder)
    job = job_of(card["job"])
    labels = _labels(number, _chosen(folder, job, categories), card["categories"], job, even)
    _check_empty(out)
    small = np.stack([small_grey(picture) for picture in _real(job, job.items)])
    rows, made = [], []
    with progress("sampling", number, "pictures") as advance:
        for index, picture in enumerate(sample(folder, labels, seed, device=device)):
            rgb = _coloured(picture)
            row = _scored(index, job, labels[index], likeness(small_grey(rgb), small))
            if row["likeness"] <= max_likeness:
                row["file"] = f"{row['category'] or 'all'}/{index:06d}.png"
                write_atomic(out / row["file"], encode_rgb(rgb))
                made.append(rgb)
            rows.append(row)
            advance(index)
    facts = _facts(rows, made, _real(job, job.held_out))
    whole = {"generator": card["identity"], "seed": seed, **facts, "samples": rows}
    write_atomic(out / FILE, (json.dumps(whole, indent=1) + "\n").encode())
    return {"out": str(out), **facts}


def _check_empty(out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        what = "the folder holds something already"
        raise RunFolderError(Fault(str(out), what, "choose another --out"))


def _coloured(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return picture.repeat(3, axis=2) if picture.shape[2] == 1 else picture


def _scored(
    index: int, job: GeneratorJob, label: int, alike: NDArray[np.float64]
) -> dict[str, Any]:
    """What is known about a sample: its category and its nearest training picture."""
    nearest = int(alike.argmax())
    return {
        "number": index,
        "category": job.categories[label],
        "nearest": job.items[nearest].file,
        "likeness": round(float(alike[nearest]), 4),
    }


def _chosen(folder: Path, job: GeneratorJob, categories: tuple[str, ...]) -> list[int]:
    unknown = [name for name in categories if name not in job.categories]
    if unknown:
        what = f"the generator knows no category {unknown[0]!r}"
        raise DataError(Fault(str(folder), what, suggest(unknown[0], job.categories, "categories")))
    wanted = categories or job.categories
    return [job.categories.index(name) for name in wanted]


def _labels(
    number: int, chosen: list[int], counts: dict[str, int], job: GeneratorJob, even: bool
) -> list[int]:
    """Category of each sample; rare first fills every category up to the same total."""
    if even:
        return [chosen[n % len(chosen)] for n in range(number)]
    have, labels = {c: counts[job.categories[c]] for c in chosen}, list[int]()
    for _ in range(number):
        poorest = min(chosen, key=lambda c: (have[c], c))
        have[poorest] += 1
        labels.append(poorest)
    return labels


def _real(job: GeneratorJob, items: tuple[Item, ...]) -> list[NDArray[np.uint8]]:
    from simgen.generate._torch_pictures import Pictures

    pictures = Pictures(Path(job.root), items, job.view)
    return [_coloured(pictures.plain(number)) for number in range(len(items))]


def _facts(
    rows: list[dict[str, Any]], made: list[NDArray[np.uint8]], held_out: list[NDArray[np.uint8]]
) -> dict[str, Any]:
    written = [row["category"] for row in rows if "file" in row]
    facts: dict[str, Any] = {
        "pictures": {name: written.count(name) for name in dict.fromkeys(written)},
        "copies_left_out": len(rows) - len(written),
        "median_likeness": float(np.median([row["likeness"] for row in rows])),
        "features": "layout-96, no network",
        "fid": None,
        "kid": None,
    }
    if min(len(made), len(held_out)) >= _ENOUGH:
        a, b = (np.stack([describe(one) for one in some]) for some in (made, held_out))
        facts |= {"fid": round(fid(a, b), 5), "kid": round(kid(a, b), 6)}
    return facts
