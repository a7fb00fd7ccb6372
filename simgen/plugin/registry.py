"""Registry: which plugins are installed, found once, loaded one by one, passed in everywhere."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from simgen.errors import Fault, MissingExtraError, PluginError
from simgen.spec.faults import suggest
from simgen.spec.fields import Params

API = 1
GROUPS = {
    "scene_types": "scene type",
    "assets": "asset source",
    "randomizers": "randomizer",
    "renderers": "renderer",
    "annotators": "annotator",
    "refiners": "refiner",
    "augmenters": "augmenter",
    "writers": "writer",
    "readers": "reader",
    "detectors": "detector",
}
# Optional modules by the extra that brings them, for the install line in messages.
_EXTRAS = {"bpy": "cycles", "blenderproc": "cycles", "torch": "train", "diffusers": "refine"}


@dataclass(frozen=True)
class PluginEntry:
    """One plugin as found: name, where it comes from, and what is wrong with it, if anything."""

    group: str
    name: str
    target: str
    package: str
    summary: str = ""
    problem: str = ""


@dataclass
class Registry:
    """Plugins by group and name.

    Args:
        points: entry points by group; `Registry.installed()` finds those of all packages.
    """

    points: dict[str, list[EntryPoint]] = field(default_factory=dict)

    @staticmethod
    def installed() -> Registry:
        """Plugins of every installed package, ours included, by the same table."""
        found = entry_points()
        return Registry({group: list(found.select(group=f"simgen.{group}")) for group in GROUPS})

    def names(self, group: str) -> list[str]:
        """Known names of a group, sorted."""
        return sorted({point.name for point in self.points.get(group, [])})

    def get(self, group: str, name: str, where: str = "") -> Any:
        """An instance of the plugin.

        Args:
            where: place in the scene file, for the message.

        Raises:
            PluginError: unknown, claimed twice, or broken.
            MissingExtraError: it needs an extra that is not installed.
        """
        noun = GROUPS[group]
        claims = [p for p in self.points.get(group, []) if p.name == name]
        distinct = {(p.value, _package(p)) for p in claims}
        if not claims:
            cure = suggest(name, self.names(group), f"{noun}s")
            raise PluginError(Fault(where or noun, f"unknown {noun} {name!r}", cure))
        if len(distinct) > 1:
            owners = " and ".join(sorted(f"{package} ({value})" for value, package in distinct))
            raise PluginError(
                Fault(where or noun, f"{noun} {name!r} is claimed by {owners}", "uninstall one")
            )
        plugin = _load(claims[0], where or f"{noun} {name}")
        problem = _problem(plugin)
        if problem:
            raise PluginError(
                Fault(where or noun, f"{noun} {name!r} of {_package(claims[0])} {problem}")
            )
        return plugin()

    def entries(self) -> Iterable[PluginEntry]:
        """Every plugin with its summary or its problem; a broken one never stops the list."""
        for group in GROUPS:
            for name in self.names(group):
                point = next(p for p in self.points[group] if p.name == name)
                entry = PluginEntry(group, name, point.value, _package(point))
                try:
                    plugin = self.get(group, name)
                except Exception as error:
                    yield PluginEntry(**{**vars(entry), "problem": _first_line(str(error))})
                else:
                    summary = _first_line(inspect.getdoc(type(plugin)) or "")
                    yield PluginEntry(**{**vars(entry), "summary": summary})


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module


def _first_line(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines()[:2]) if text else ""


def _load(point: EntryPoint, where: str) -> Any:
    module, _, attribute = point.value.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra:
            raise MissingExtraError(
                Fault(where, f"needs {error.name}", f"pip install 'simgen[{extra}]'")
            ) from None
        raise PluginError(Fault(where, f"cannot be imported: {error}")) from error
    except Exception as error:  # a stranger's module may fail in any way
        raise PluginError(
            Fault(where, f"cannot be imported: {type(error).__name__}: {error}")
        ) from error


def _problem(plugin: Any) -> str:
    if not inspect.isclass(plugin):
        return "is not a class"
    if getattr(plugin, "api", None) != API:
        return f"has api = {getattr(plugin, 'api', None)!r}; this simgen speaks {API}"
    params = getattr(plugin, "Params", None)
    if not (inspect.isclass(params) and issubclass(params, Params)):
        return "has no `Params` class derived from simgen.plugin.Params"
    return ""
