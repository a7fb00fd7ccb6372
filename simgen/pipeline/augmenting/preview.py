"""A look before the work: some frames before and after, nothing written but a sheet."""

from __future__ import annotations

from pathlib import Path

from simgen.dataset.atomic import write_atomic
from simgen.dataset.images import encode_rgb
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.pipeline.augmenting.gate import AugmentConfig
from simgen.pipeline.augmenting.on_the_fly import AugmentedDataset
from simgen.pipeline.progress import progress
from simgen.report.augment_sheet import augment_sheet
from simgen.report.contact_sheet import evenly

SHEET = "augment_preview.png"


def preview_augment(root: Path, config: AugmentConfig, path: Path, count: int) -> int:
    """Augment evenly spaced frames as a run would, and draw them beside what they were.

    Returns:
        Number of frames shown.

    Raises:
        SimgenError: the dataset or an augmenter cannot be used.
    """
    source = Dataset.open(root)
    made = AugmentedDataset(root, config)
    numbers = evenly(list(range(len(made))), count)
    if not numbers:
        raise DataError(Fault(str(root), "the dataset has no frames", "make some first"))
    frames, pairs = list(source.frames()), []
    with progress("preview", len(numbers)) as advance:
        for number in numbers:
            pairs.append((source.sample(frames[number], outputs=()), made[number]))
            advance(frames[number])
    names = " > ".join(config.file.augmenters)
    colours = {category.name: category.id for category in source.manifest.categories}
    title = f"{root.resolve().name}: before, after {names}"
    write_atomic(path, encode_rgb(augment_sheet(pairs, colours, title)))
    return len(pairs)
