"""An experiment's trainings and their data as a pack for a machine with a GPU and little else."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

from simgen.dataset.atomic import write_atomic
from simgen.detect.coco import locate, read_coco
from simgen.detect.config import job_from
from simgen.detect.job import Source
from simgen.detect.pack import Pack, PackedTraining, write_pack
from simgen.errors import Fault, RunFolderError
from simgen.pipeline.experiment.gate import Experiment
from simgen.pipeline.progress import progress
from simgen.plugin.registry import Registry


def pack_experiment(
    experiment: Experiment, registry: Registry, folder: Path, jpeg: int | None
) -> int:
    """Write everything that the trainings need; the sets must be rendered.

    Args:
        experiment: the matrix.
        registry: of the detectors.
        folder: new or empty folder of the pack.
        jpeg: quality to which losslessly stored images are compressed, so that less has to
            travel; None copies them as they are. Names stay: readers go by content.

    Returns:
        Bytes in the folder.

    Raises:
        RunFolderError: the folder is not empty.
        SimgenError: a training cannot begin.
    """
    if folder.exists() and any(folder.iterdir()):
        raise RunFolderError(Fault(str(folder), "the folder is not empty", "choose a new one"))
    places: dict[tuple[str, str], tuple[str, str]] = {}
    trainings = []
    for training in experiment.trainings:
        job = job_from(training.document, registry)
        sources = {name: _moved(name, s, places) for name, s in job.sources.items()}
        after = training.start_from.name if training.start_from else ""
        trainings.append(PackedTraining(training.out.name, replace(job, sources=sources), after))
    val, images = locate(experiment.val, experiment.images)
    labels, pictures = _moved_paths("val", (str(val), str(images)), places)
    mapping: dict[str, str | None] = {r: m for m, r in experiment.file.real.mapping.items()}
    for (file, pictures_of), (file_to, pictures_to) in places.items():
        _copy(Path(file), Path(pictures_of), folder / file_to, folder / pictures_to, jpeg)
    write_pack(Pack(folder, tuple(trainings), labels, pictures, mapping))
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def _moved(name: str, source: Source, places: dict[tuple[str, str], tuple[str, str]]) -> Source:
    annotations, images = _moved_paths(name, (source.annotations, source.images), places)
    return replace(source, annotations=annotations, images=images)


def _moved_paths(
    name: str, pair: tuple[str, str], places: dict[tuple[str, str], tuple[str, str]]
) -> tuple[str, str]:
    """Where a set lies in the pack; a set that several trainings use is there once."""
    if pair not in places:
        taken = {Path(file).parts[1] for file, _ in places.values()}
        free = name if name not in taken else f"{name}-{len(taken)}"
        places[pair] = (f"data/{free}/labels.json", f"data/{free}/images")
    return places[pair]


def _copy(file: Path, images: Path, file_to: Path, images_to: Path, jpeg: int | None) -> None:
    found = read_coco(file, images)
    file_to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, file_to)
    with progress(f"packing {file_to.parent.name}", len(found.images), "images") as advance:
        for number, image in enumerate(found.images):
            target = images_to / image.path.relative_to(images)
            write_atomic(target, _content(image.path, jpeg))
            advance(number)


def _content(path: Path, jpeg: int | None) -> bytes:
    from PIL import Image

    if jpeg is None or path.suffix.lower() not in (".png", ".bmp", ".tif", ".tiff"):
        return path.read_bytes()
    with Image.open(path) as picture, io.BytesIO() as stream:
        picture.convert("RGB").save(stream, "JPEG", quality=jpeg, subsampling=0)
        return stream.getvalue()
