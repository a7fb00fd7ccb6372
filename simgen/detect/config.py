"""The gate of training configs: YAML plus installed detectors become a job, or all faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from simgen.detect.coco import locate
from simgen.detect.job import Augment, Source, TrainJob, View
from simgen.detect.settings import SourceSection, TrainingFile
from simgen.errors import Fault, SceneFileError, SimgenError
from simgen.learn.schedule import Machine, Schedule
from simgen.plugin.registry import Registry
from simgen.spec.document import Document, Location
from simgen.spec.faults import faults_of, place
from simgen.spec.fields import Root
from simgen.spec.overlay import apply_sets, read_with_extends
from simgen.spec.presets import find_config


def load_job(name: str, registry: Registry, sets: tuple[str, ...] = ()) -> TrainJob:
    """Read, merge and validate a training config.

    Args:
        name: a file, or the name of a preset in `configs/train`.
        registry: installed plugins.
        sets: `dotted.path=value` settings laid on top.

    Raises:
        SceneFileError: with every fault that could be found in one go.
    """
    path = find_config("train", name, Path.cwd(), "training")
    return job_from(apply_sets(read_with_extends(path), sets), registry)


def job_from(document: Document, registry: Registry) -> TrainJob:
    """Validate merged data; see `load_job`."""
    gate = _Gate(document, registry)
    try:
        file = TrainingFile.model_validate(document.data)
    except ValidationError as error:
        gate.faults += faults_of(error, document, TrainingFile)
        gate.stop()
        raise
    return gate.job(file)


class _Gate:
    def __init__(self, document: Document, registry: Registry) -> None:
        self.document, self.registry = document, registry
        self.faults: list[Fault] = []

    def stop(self) -> None:
        if self.faults:
            raise SceneFileError(list(dict.fromkeys(self.faults)))

    def job(self, file: TrainingFile) -> TrainJob:
        plugin, params = self.detector(file)
        sources = {name: self.source(name, section) for name, section in file.data.items()}
        init = self.path(file.init, ("init",), exists=True) if file.init else ""
        repeated = sorted({n for n in file.categories if file.categories.count(n) > 1})
        if repeated:
            where = place(self.document, ("categories",))
            self.faults.append(Fault(where, f"written twice: {', '.join(repeated)}"))
        self.stop()
        schedule = _plain(file.schedule)
        schedule["learning_rate"] = file.schedule.learning_rate or plugin.learning_rate
        return TrainJob(
            file.detector.kind,
            plugin.build,
            params,
            {name: source for name, source in sources.items() if source is not None},
            file.categories,
            View(**_plain(file.view)),
            Augment(**_plain(file.augment)),
            Schedule(**schedule),
            Machine(**_plain(file.machine)),
            file.seed,
            str(init),
            file.trust_pickle,
        )

    def detector(self, file: TrainingFile) -> tuple[Any, dict[str, Any]]:
        where = place(self.document, ("detector", "kind"))
        try:
            plugin = self.registry.get("detectors", file.detector.kind, where)
        except SimgenError as error:
            self.faults += error.faults
            return None, {}
        try:
            params = plugin.Params.model_validate(file.detector.plugin_settings())
        except ValidationError as error:
            at: Location = ("detector",)
            self.faults += faults_of(error, self.document, plugin.Params, at, ("kind",))
            return None, {}
        return plugin, params.model_dump(mode="json")

    def source(self, name: str, section: SourceSection) -> Source | None:
        at: Location = ("data", name)
        path = self.path(section.path, (*at, "path"))
        images = self.path(section.images, (*at, "images")) if section.images else None
        try:
            annotations, folder = locate(path, images)
        except SimgenError as error:
            where = place(self.document, (*at, "path"))
            self.faults += [Fault(where, f"{f.where}: {f.what}", f.cure) for f in error.faults]
            return None
        settings = _plain(section)
        del settings["path"], settings["images"]
        return Source(str(annotations), str(folder), **settings)

    def path(self, root: Root, at: Location, *, exists: bool = False) -> Path:
        """Absolute; relative paths start at the file that holds the setting."""
        position = self.document.position(at)
        base = position.base if position else Path.cwd()
        path = (base / Path(root.written).expanduser()).resolve()
        if exists and not path.exists():
            what, cure = f"there is no file or folder {path}", "check the path"
            self.faults.append(Fault(place(self.document, at), what, cure))
        return path


def _plain(section: BaseModel) -> dict[str, Any]:
    return {name: getattr(section, name) for name in type(section).model_fields}
