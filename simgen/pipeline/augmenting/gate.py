"""The gate of augment configs: YAML plus installed augmenters become a chain, or all faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.augment.chain import Link
from simgen.pipeline.augmenting.settings import AugmentFile
from simgen.pipeline.configs import content_mark
from simgen.pipeline.portable import without_paths
from simgen.plugin.registry import Registry
from simgen.plugin.section_gate import SectionGate
from simgen.spec.document import Document
from simgen.spec.overlay import apply_sets, read_with_extends
from simgen.spec.presets import find_config


@dataclass(frozen=True)
class AugmentConfig:
    """A validated config; it pickles: plugins are opened by name in every process.

    Args:
        file: as written, paths resolved.
        params: validated settings by key.
        donors: datasets beside the one that is augmented, each once.
        portable: plain data for the manifest: paths by name, files by what they hold.
        plugin_dirs: folders whose plugins count beside the installed ones.
    """

    file: AugmentFile
    params: dict[str, Any]
    donors: tuple[Path, ...]
    portable: dict[str, Any]
    plugin_dirs: tuple[Path, ...] = ()

    def links(self) -> tuple[Link, ...]:
        """The chain."""
        registry = Registry.installed(self.plugin_dirs)
        out = []
        for key, section in self.file.augmenters.items():
            plugin = registry.get("augmenters", section.kind, f"augmenters.{key}")
            source = 0
            if section.donors_from is not None:
                source = 1 + self.donors.index(section.donors_from.location)
            out.append(Link(key, plugin, self.params[key], section.chance, source))
        return tuple(out)


def load_augment(name: str, registry: Registry, sets: tuple[str, ...] = ()) -> AugmentConfig:
    """Read, merge and validate an augment config.

    Args:
        name: a file, or the name of a preset in `configs/augment`.
        registry: installed plugins.
        sets: `dotted.path=value` settings laid on top.

    Raises:
        SceneFileError: with every fault that could be found in one go.
    """
    path = find_config("augment", name, Path.cwd())
    return augment_from(apply_sets(read_with_extends(path), sets), registry)


def augment_from(document: Document, registry: Registry) -> AugmentConfig:
    """Validate merged data; see `load_augment`."""
    gate = SectionGate(document, registry)
    file = gate.file(AugmentFile)
    params = {}
    for key, section in file.augmenters.items():
        at = ("augmenters", key)
        _, params[key] = gate.plugin("augmenters", section.kind, section, at)
    gate.check_paths()
    gate.stop_on_faults()
    named = [s.donors_from.location for s in file.augmenters.values() if s.donors_from is not None]
    donors = tuple(dict.fromkeys(named))
    # Datasets go into the manifest as sources, with the digest of their records.
    marks = {
        name: content_mark(root.location)
        for name, root in gate.roots.items()
        if root.location not in donors
    }
    portable = {"config": without_paths(document.data, gate.roots), "files": marks}
    return AugmentConfig(file, params, donors, portable, registry.folders)
