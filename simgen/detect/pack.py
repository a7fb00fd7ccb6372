"""A pack: a folder with trainings and all their data, for a machine that has torch and little else.

`simgen experiment FILE --pack DIR` writes one, `python -m simgen.detect batch DIR` works it off:
several trainings side by side, each followed by its search of the photographs to judge on. The
results are folders of detectors that the experiment takes for its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from simgen.detect.job import TrainJob, read_job, write_job
from simgen.errors import Fault, SceneFileError

PACK = "pack.json"
FORMAT = 1


@dataclass(frozen=True)
class PackedTraining:
    """One training of a pack.

    Args:
        name: of the detector's folder.
        job: paths of its sources count from the pack's folder.
        after: name of the training whose detector it starts from; "" is none.
    """

    name: str
    job: TrainJob
    after: str = ""


@dataclass(frozen=True)
class Pack:
    """Everything in a pack.

    Args:
        root: its folder.
        trainings: each after the one it starts from.
        labels, images: COCO file and folder to search, as the sources.
        mapping: names of that file -> names of the detectors.
    """

    root: Path
    trainings: tuple[PackedTraining, ...]
    labels: str
    images: str
    mapping: dict[str, str | None]


def write_pack(pack: Pack) -> None:
    """Write jobs and the list of them; the data must lie in the folder already."""
    for training in pack.trainings:
        write_job(training.job, pack.root / _job_name(training.name))
    rows = [{"name": t.name, "after": t.after} for t in pack.trainings]
    search = {"labels": pack.labels, "images": pack.images, "mapping": pack.mapping}
    whole = {"pack": FORMAT, "trainings": rows, "search": search}
    (pack.root / PACK).write_text(json.dumps(whole, indent=1) + "\n")


def read_pack(root: Path) -> Pack:
    """A pack with the paths of its sources made absolute.

    Raises:
        SceneFileError: not a pack.
    """
    try:
        whole = json.loads((root / PACK).read_bytes())
        if whole["pack"] != FORMAT:
            raise ValueError(f"format {whole['pack']}")
        names = [(str(row["name"]), str(row["after"])) for row in whole["trainings"]]
        search = whole["search"]
        labels, images, mapping = search["labels"], search["images"], dict(search["mapping"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"not a pack: {type(error).__name__}: {error}"
        cure = "write it with `simgen experiment FILE --out OUT --pack DIR`"
        raise SceneFileError(Fault(str(root / PACK), what, cure)) from None
    trainings = tuple(
        PackedTraining(name, _placed(read_job(root / _job_name(name)), root), after)
        for name, after in names
    )
    return Pack(root, trainings, str(root / labels), str(root / images), mapping)


def _job_name(name: str) -> str:
    return f"jobs/{name}.json"


def _placed(job: TrainJob, root: Path) -> TrainJob:
    sources = {
        name: replace(
            source,
            annotations=str((root / source.annotations).resolve()),
            images=str((root / source.images).resolve()),
        )
        for name, source in job.sources.items()
    }
    return replace(job, sources=sources)
