"""Quality presets: how hard each engine tries, one section per engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgen.errors import Fault, SceneFileError
from simgen.plugin.registry import Registry
from simgen.spec.document import Document
from simgen.spec.faults import faults_of, place, suggest
from simgen.spec.fields import machine_settings
from simgen.spec.overlay import overlay, read_with_extends
from simgen.spec.presets import preset_folder, preset_names


@dataclass(frozen=True)
class Quality:
    """An engine's settings, defaults filled in.

    Args:
        portable: those that decide what is made; the dataset's manifest holds them.
        machine: those that may differ between machines, see `spec.fields.MachineSetting`.
    """

    portable: dict[str, Any]
    machine: dict[str, Any]


def load_quality(
    name: str, engine: str, registry: Registry, where: str, base: Path, over: Document | None = None
) -> Quality:
    """Concrete values of a preset for one engine.

    Args:
        name: a preset's name, or a path relative to `base`.
        engine: renderer whose section is read; no section means its defaults.
        where: place of the setting, for messages.
        over: the scene's own `render.settings`, by engine, laid over the preset.

    Raises:
        SceneFileError: unknown preset, or faults in it.
    """
    document = read_with_extends(_find(name, where, base))
    if over is not None:
        document = overlay(document, over)
    engines = registry.names("renderers")
    faults = [
        Fault(place(document, (key,)), f"unknown engine {key!r}", suggest(str(key), engines))
        for key in document.data
        if key not in engines
    ]
    if faults:
        raise SceneFileError(faults)
    return _values(document, engine, registry, where)


def _values(document: Document, engine: str, registry: Registry, where: str) -> Quality:
    model = registry.get("renderers", engine, where).Params
    try:
        params = model.model_validate(document.data.get(engine) or {})
    except ValidationError as error:
        raise SceneFileError(faults_of(error, document, model, (engine,))) from None
    values: dict[str, Any] = params.model_dump(mode="json")
    machine = {key: values.pop(key) for key in sorted(machine_settings(model))}
    return Quality(values, machine)


def _find(name: str, where: str, base: Path) -> Path:
    known = preset_names("quality")
    if name in known:
        return preset_folder("quality") / f"{name}.yaml"
    path = (base / Path(name).expanduser()).resolve()
    if path.is_file():
        return path
    what = f"there is no quality preset or file {name!r}"
    raise SceneFileError(Fault(where, what, suggest(name, known, "presets")))
