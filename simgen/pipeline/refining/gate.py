"""The gate of refine configs: YAML plus installed refiners become a chain, or all faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.pipeline.configs import content_mark
from simgen.pipeline.portable import without_paths
from simgen.pipeline.refining.settings import RefineFile
from simgen.plugin.registry import Registry
from simgen.plugin.section_gate import SectionGate
from simgen.spec.document import Document
from simgen.spec.overlay import apply_sets, read_with_extends
from simgen.spec.presets import find_config


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


def load_refine(name: str, registry: Registry, sets: tuple[str, ...] = ()) -> RefineConfig:
    """Read, merge and validate a refine config.

    Args:
        name: a file, or the name of a preset in `configs/refine`.
        registry: installed plugins.
        sets: `dotted.path=value` settings laid on top.

    Raises:
        SceneFileError: with every fault that could be found in one go.
    """
    path = find_config("refine", name, Path.cwd())
    return refine_from(apply_sets(read_with_extends(path), sets), registry)


def refine_from(document: Document, registry: Registry) -> RefineConfig:
    """Validate merged data; see `load_refine`."""
    gate = SectionGate(document, registry)
    file = gate.file(RefineFile)
    links = []
    for key, section in file.refiners.items():
        _, params = gate.plugin("refiners", section.kind, section, ("refiners", key))
        links.append(Link(key, section.kind, params))
    gate.check_paths()
    gate.stop_on_faults()
    marks = {name: content_mark(root.location) for name, root in gate.roots.items()}
    portable = {"config": without_paths(document.data, gate.roots), "files": marks}
    return RefineConfig(file, tuple(links), portable, registry.folders)
