"""Registry: which plugins there are, found once, loaded one by one, passed in everywhere."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from simgen.errors import Fault, MissingExtraError, PluginError
from simgen.plugin.fitness import API, doc_of, misfit
from simgen.plugin.folders import BrokenFile, FolderPoint, look_into
from simgen.plugin.kinds import GROUPS
from simgen.spec.faults import suggest

__all__ = ["API", "GROUPS", "PluginEntry", "Registry"]

Point = EntryPoint | FolderPoint
# Optional modules by the extra that brings them, for the install line in messages.
_EXTRAS = {"bpy": "cycles", "blenderproc": "cycles", "torch": "train", "diffusers": "refine"}


@dataclass(frozen=True)
class PluginEntry:
    """One plugin as found: name, where it comes from, and what is wrong with it, if anything.

    Args:
        group: kind of plugin; "" where a file is too broken to say.
        package: distribution, project or file that brings it.
    """

    group: str
    name: str
    target: str
    package: str
    summary: str = ""
    problem: str = ""
    version: str = ""


@dataclass
class Registry:
    """Plugins by group and name.

    Args:
        points: entry points by group; `Registry.installed()` finds those of all packages.
        broken: files of plugin folders that declare nothing that can be used.
        folders: the plugin folders, absolute; workers open the same registry from them.
    """

    points: dict[str, list[Point]] = field(default_factory=dict)
    broken: tuple[BrokenFile, ...] = ()
    folders: tuple[Path, ...] = ()

    @staticmethod
    def installed(folders: Sequence[Path] = ()) -> Registry:
        """Plugins of every installed package, ours included, by the same table.

        Args:
            folders: whose plugins count as well (`--plugin-dir`), see `folders`.

        Raises:
            PluginError: a folder does not exist or holds no plugin.
        """
        found = entry_points()
        points: dict[str, list[Point]] = {g: [*found.select(group=f"simgen.{g}")] for g in GROUPS}
        inside = look_into(folders)
        for point in inside.points:
            points[point.group.removeprefix("simgen.")].append(point)
        return Registry(points, inside.broken, inside.folders)

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
            raise PluginError(
                Fault(where or noun, f"unknown {noun} {name!r}", self._near(group, name))
            )
        if len(distinct) > 1:
            owners = " and ".join(sorted(f"{package} ({value})" for value, package in distinct))
            cure = "uninstall one, or leave out its --plugin-dir"
            raise PluginError(Fault(where or noun, f"{noun} {name!r} is claimed by {owners}", cure))
        plugin = _load(claims[0], where or f"{noun} {name}")
        problem = misfit(plugin, group)
        if problem:
            raise PluginError(
                Fault(where or noun, f"{noun} {name!r} of {_package(claims[0])} {problem}")
            )
        return plugin()

    def point(self, group: str, name: str) -> FolderPoint:
        """Where a plugin of that name comes from, the first claim if there are several.

        Raises:
            KeyError: there is none.
        """
        for point in self.points.get(group, []):
            if point.name == name:
                return FolderPoint(name, point.value, point.group, _package(point), _version(point))
        raise KeyError(f"{group}/{name}")

    def entries(self) -> Iterable[PluginEntry]:
        """Every plugin with its summary or its problem; a broken one never stops the list."""
        for group in GROUPS:
            for name in self.names(group):
                point = self.point(group, name)
                entry = PluginEntry(group, name, point.value, point.package, version=point.version)
                try:
                    plugin = self.get(group, name)
                except Exception as error:
                    yield replace(entry, problem=_first_line(str(error)))
                else:
                    summary = _first_line(doc_of(plugin))
                    yield replace(entry, summary=summary)
        for file in self.broken:
            yield PluginEntry("", file.path.name, "", str(file.path), problem=file.problem)

    def _near(self, group: str, name: str) -> str:
        cure = suggest(name, self.names(group), f"{GROUPS[group]}s")
        for file in self.broken:  # most likely the one that was meant
            cure += f"; {file.path} is broken: {file.problem}"
        return cure


def _package(point: Point) -> str:
    if isinstance(point, FolderPoint):
        return point.package
    return point.dist.name if point.dist is not None else point.module


def _version(point: Point) -> str:
    if isinstance(point, FolderPoint):
        return point.version
    return point.dist.version if point.dist is not None else ""


def _first_line(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines()[:2]) if text else ""


def _load(point: Point, where: str) -> Any:
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
    except (Exception, SystemExit) as error:  # a stranger's module may fail in any way
        raise PluginError(
            Fault(where, f"cannot be imported: {type(error).__name__}: {error}")
        ) from error
