"""The gate of refine configs: YAML plus installed refiners become a chain, or all faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgen.errors import SceneFileError
from simgen.pipeline.configs import content_mark, find_config
from simgen.pipeline.portable import without_paths
from simgen.pipeline.refining.settings import RefineFile
from simgen.plugin.registry import Registry
from simgen.plugin.section_gate import SectionGate
from simgen.spec.document import Document
from simgen.spec.faults import faults_of
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
    return find_config("refine", name, base)


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
