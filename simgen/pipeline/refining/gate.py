"""The gate of refine configs: YAML plus installed refiners become a chain, or all faults."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import simgen
from simgen.errors import Fault, SceneFileError
from simgen.pipeline.portable import without_paths
from simgen.pipeline.refining.settings import RefineFile
from simgen.plugin.registry import Registry
from simgen.plugin.section_gate import SectionGate
from simgen.spec.document import Document
from simgen.spec.faults import faults_of, suggest
from simgen.spec.overlay import apply_sets, read_with_extends


@dataclass(frozen=True)
class Link:
    """One refiner of a chain.

    Args:
        key: its name in the config.
        kind: name of the plugin.
        params: validated, paths resolved.
    """

    key: str
    kind: str
    params: Any


@dataclass(frozen=True)
class RefineConfig:
    """A validated config.

    Args:
        file: as written, paths resolved.
        links: the chain.
        portable: plain data for the manifest: paths by name, files by what they hold.
        plugin_dirs: folders whose plugins count beside the installed ones.
    """

    file: RefineFile
    links: tuple[Link, ...]
    portable: dict[str, Any]
    plugin_dirs: tuple[Path, ...] = ()


def find_refine(name: str, base: Path) -> Path:
    """The file of a config: a path relative to `base`, or a preset of `configs/refine`.

    Raises:
        SceneFileError: neither exists; the presets are listed.
    """
    path = (base / Path(name).expanduser()).resolve()
    if path.is_file():
        return path
    package = Path(simgen.__file__).parent
    folders = [package / "configs" / "refine", package.parent / "configs" / "refine"]
    folder = next((f for f in folders if f.is_dir()), folders[-1])
    preset = folder / f"{name}.yaml"
    if preset.is_file():
        return preset
    known = sorted(p.stem for p in folder.glob("*.yaml"))
    what = f"there is no refine config or preset {name!r}"
    raise SceneFileError(Fault(name, what, suggest(name, known, "presets")))


def load_refine(name: str, registry: Registry, sets: tuple[str, ...] = ()) -> RefineConfig:
    """Read, merge and validate a refine config.

    Args:
        name: a file, or the name of a preset in `configs/refine`.
        registry: installed plugins.
        sets: `dotted.path=value` settings laid on top.

    Raises:
        SceneFileError: with every fault that could be found in one go.
    """
    return refine_from(apply_sets(read_with_extends(find_refine(name, Path.cwd())), sets), registry)


def refine_from(document: Document, registry: Registry) -> RefineConfig:
    """Validate merged data; see `load_refine`."""
    gate = SectionGate(document, registry)
    try:
        file = RefineFile.model_validate(document.data)
    except ValidationError as error:
        raise SceneFileError(faults_of(error, document, RefineFile)) from None
    file = gate.rooted(file, ())
    links = []
    for key, section in file.refiners.items():
        at = ("refiners", key)
        plugin = gate.check_name("refiners", section.kind, (*at, "kind"))
        if plugin is not None:
            settings = section.plugin_settings()
            params = gate.validate(plugin.Params, settings, at, type(section).model_fields)
            links.append(Link(key, section.kind, params))
    gate.check_paths()
    gate.stop_on_faults()
    marks = {name: content_mark(root.location) for name, root in gate.roots.items()}
    portable = {"config": without_paths(document.data, gate.roots), "files": marks}
    return RefineConfig(file, tuple(links), portable, registry.folders)


def content_mark(path: Path) -> str:
    """Hex digest of a file; of a folder: of the names and sizes of all that is in it."""
    if path.is_file():
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        whole.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\n".encode())
    return whole.hexdigest()
