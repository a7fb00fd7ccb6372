"""The sources of a job, read, matched by category and ready to be sampled."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simgen.detect._torch_images import ImageCache
from simgen.detect._torch_samples import LoadedSource, Samples
from simgen.detect.categories import relabel
from simgen.detect.coco import LabelledImage, LabelledSet, read_coco
from simgen.detect.job import Source, TrainJob
from simgen.detect.sampler import MixedSampler, MixedSource, repeat_factors
from simgen.errors import DataError, Fault, SimgenError
from simgen.learn.schedule import sha256_of


@dataclass(frozen=True)
class TrainingData:
    """What a training learns from.

    Args:
        categories: id and name of each, in the order of the network's labels.
        sources: images with their labels.
        facts: of each source, for the card.
    """

    categories: tuple[tuple[int, str], ...]
    sources: tuple[LoadedSource, ...]
    facts: list[dict[str, Any]]

    @property
    def images(self) -> int:
        """Images of all sources."""
        return sum(len(source.images) for source in self.sources)


def read_data(job: TrainJob) -> TrainingData:
    """Read and match all sources.

    Raises:
        SimgenError: with the faults of all sources.
    """
    if not job.sources:
        raise DataError(Fault("data", "there is no source of images", "name at least one"))
    faults: list[Fault] = []
    sets: dict[str, LabelledSet] = {}
    for name, source in job.sources.items():
        try:
            sets[name] = read_coco(
                Path(source.annotations), Path(source.images), source.min_visibility
            )
        except SimgenError as error:
            faults += error.faults
    if faults:
        raise DataError(faults)
    categories = _categories(job, next(iter(sets.values())))
    sources, facts = [], []
    for name, source in job.sources.items():
        try:
            images = _images(sets[name], source, categories, name, job.seed)
        except SimgenError as error:
            faults += error.faults
            continue
        sources.append(LoadedSource(images, source.square_boxes, source.zoom))
        facts.append(_facts(name, source, images))
    if faults:
        raise DataError(faults)
    _check_objects(sources, job)
    return TrainingData(categories, tuple(sources), facts)


def _categories(job: TrainJob, first: LabelledSet) -> tuple[tuple[int, str], ...]:
    if job.categories:
        return tuple((i + 1, name) for i, name in enumerate(job.categories))
    # The mapping of the first source renames its own categories, and two may become one.
    mapping = next(iter(job.sources.values())).mapping
    named = {mapping.get(name, name): identity for identity, name in first.categories.items()}
    return tuple((identity, name) for name, identity in named.items() if name is not None)


def _images(
    labelled: LabelledSet,
    source: Source,
    categories: tuple[tuple[int, str], ...],
    name: str,
    seed: int,
) -> tuple[LabelledImage, ...]:
    names = [name for _, name in categories]
    images = relabel(labelled, names, source.mapping, f"data.{name} ({labelled.file})")
    if not 0 < source.limit < len(images):
        return images
    # A prefix of one order: ten images hold the five that a smaller limit takes. Keyed by name,
    # so that a set gives the same images alone and beside others.
    key = np.random.SeedSequence((seed, 2, *name.encode()))
    rng = np.random.Generator(np.random.PCG64(key))
    chosen = sorted(rng.permutation(len(images))[: source.limit])
    return tuple(images[i] for i in chosen)


def _facts(name: str, source: Source, images: tuple[LabelledImage, ...]) -> dict[str, Any]:
    return {
        "name": name,
        **dataclasses.asdict(source),
        "sha256": sha256_of(Path(source.annotations)),
        "image_count": len(images),
        "object_count": int(sum((~image.ignored).sum() for image in images)),
    }


def _check_objects(sources: list[LoadedSource], job: TrainJob) -> None:
    faults = [
        Fault(
            f"data.{name}",
            f"none of the {len(source.images)} images shows an object to learn",
            "look at its categories, `mapping` and `min_visibility`",
        )
        for name, source in zip(job.sources, sources, strict=True)
        if not any((~image.ignored).any() for image in source.images)
    ]
    if len(faults) == len(sources):  # a set of empty backgrounds beside others is fine
        raise DataError(faults)


def open_samples(job: TrainJob, data: TrainingData, threads: int) -> Samples:
    """All samples of the job; decodes what fits into the cache."""
    images = [image for source in data.sources for image in source.images]
    zoom = max(source.zoom for source in job.sources.values())
    side = round(job.view.side * job.view.scale[1] * zoom)
    cache = ImageCache(images, side, job.machine.cache_mib, threads)
    mixed = [
        MixedSource(
            wanted.share, repeat_factors(loaded.images, len(data.categories), wanted.balance)
        )
        for wanted, loaded in zip(job.sources.values(), data.sources, strict=True)
    ]
    sampler = MixedSampler(mixed, job.seed)
    return Samples(data.sources, sampler, cache, job.view, job.augment, job.seed)
