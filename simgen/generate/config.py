"""The gate of generator configs: YAML becomes a job with every picture listed, or all faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from simgen.errors import Fault, SceneFileError, SimgenError
from simgen.generate.job import GeneratorJob, View
from simgen.generate.pictures import Listing, list_pictures
from simgen.generate.settings import NETWORKS, GeneratorFile
from simgen.learn.schedule import Machine, Schedule
from simgen.spec.document import Document, Location
from simgen.spec.faults import faults_of, place
from simgen.spec.fields import Root
from simgen.spec.overlay import apply_sets, read_with_extends

_RATES = {"vae": 1e-3, "gan": 4e-4, "diffusion": 3e-4}


def load_generator(path: Path, sets: tuple[str, ...] = ()) -> GeneratorJob:
    """Read, merge and validate a generator's config, and list its pictures.

    Args:
        path: of the file.
        sets: `dotted.path=value` settings laid on top.

    Raises:
        SceneFileError: with every fault that could be found in one go.
    """
    document = apply_sets(read_with_extends(path), sets)
    try:
        file = GeneratorFile.model_validate(document.data)
    except ValidationError as error:
        raise SceneFileError(faults_of(error, document, GeneratorFile)) from None
    faults: list[Fault] = []
    params = _network(file, document, faults)
    listing = _pictures(file, document, faults)
    if faults:
        raise SceneFileError(faults)
    schedule = _plain(file.schedule)
    schedule["learning_rate"] = file.schedule.learning_rate or _RATES[file.kind]
    return GeneratorJob(
        file.kind,
        params,
        str(listing.root),
        listing.items,
        listing.held_out,
        listing.categories,
        View(**_plain(file.view)),
        Schedule(**schedule),
        Machine(**_plain(file.machine)),
        file.seed,
    )


def _network(file: GeneratorFile, document: Document, faults: list[Fault]) -> dict[str, Any]:
    model = NETWORKS[file.kind]
    try:
        return model.model_validate(file.network).model_dump(mode="json")
    except ValidationError as error:
        at: Location = ("network",)
        faults += faults_of(error, document, model, at)
        return {}


def _pictures(file: GeneratorFile, document: Document, faults: list[Fault]) -> Listing:
    section = file.pictures
    path = _absolute(section.path, document, ("pictures", "path"))
    images = None
    if section.images is not None:
        images = _absolute(section.images, document, ("pictures", "images"))
    try:
        return list_pictures(
            path,
            images,
            crops=section.what == "crops",
            wanted=section.categories,
            margin=section.margin,
            min_px=section.min_px,
            held_out=section.held_out,
        )
    except SimgenError as error:
        where = place(document, ("pictures", "path"))
        faults += [Fault(where, f"{f.where}: {f.what}", f.cure) for f in error.faults]
        return Listing(Path(), (), (), ())


def _absolute(root: Root, document: Document, at: Location) -> Path:
    position = document.position(at)
    base = position.base if position else Path.cwd()
    return (base / Path(root.written).expanduser()).resolve()


def _plain(section: BaseModel) -> dict[str, Any]:
    return {name: getattr(section, name) for name in type(section).model_fields}
