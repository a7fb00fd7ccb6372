"""An invented dataset on disk, for tests of stages and tools."""

from __future__ import annotations

from pathlib import Path

from simgen.conformance.invented import NAMES, Kind, invented
from simgen.dataset.coco import finalize
from simgen.dataset.reader import Dataset
from simgen.dataset.samples import SampleWriter
from simgen.pipeline.manifest import open_run_folder
from simgen.pipeline.stage import stage_manifest
from simgen.plugin.scene import Category


def invented_set(
    folder: Path,
    count: int = 6,
    kind: Kind | None = None,
    names: tuple[str, ...] = NAMES,
    splits: dict[str, float] | None = None,
    first: int = 0,
) -> Path:
    """Write pictures and their index.

    Args:
        names: categories of the set, those of the labels among them.
        splits: as in a manifest.
        first: seed of the first picture; the others follow.
    """
    kind = kind or Kind()
    outputs = ("rgb", "depth", "instances") if kind.instances else ("rgb",)
    manifest = stage_manifest(
        "import",
        {"name": folder.name, "first": first},
        [],
        outputs=outputs,
        size=(96, 72),
        metres_per_depth_step=0.001 if kind.instances else 0.0,
        categories=tuple(Category(i, name) for i, name in enumerate(names, start=1)),
        splits=splits,
    )
    open_run_folder(folder, manifest)
    writer = SampleWriter(Dataset.open(folder).layout, manifest)
    for number in range(count):
        writer.write(invented(first + number, frame=number, kind=kind))
    finalize(folder)
    return folder
