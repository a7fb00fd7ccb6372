"""Verdicts: every law of some plugins checked, one after the other; a failure is an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simgen.errors import Fault, MissingExtraError, PluginError, SimgenError
from simgen.plugin.conformance import Law, LawBroken, laws
from simgen.plugin.folders import look_into
from simgen.plugin.manual import find
from simgen.plugin.registry import Registry


@dataclass(frozen=True)
class Verdict:
    """One law about one plugin.

    Args:
        plugin: group/name.
        law: what must hold.
        broken: how it does not; "" if it holds.
        note: what was measured, or why it was left out.
        seconds: that the check took.
    """

    plugin: str
    law: str
    broken: str = ""
    note: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.broken:
            return f"  BROKEN  {self.law}\n          {self.broken}"
        return f"  ok      {self.law}{f' ({self.note})' if self.note else ''}"


def judged(
    names: Sequence[str],
    folders: Sequence[Path],
    sets: Sequence[str] = (),
    say: Callable[[str], Any] | None = None,
) -> Iterator[Verdict]:
    """Check the laws of plugins.

    Args:
        names: `NAME` or `KIND/NAME`; none: every plugin of the folders.
        folders: plugin folders.
        sets: `setting=value`, laid over the settings of each example.
        say: takes each line for people as it comes up.

    Raises:
        PluginError: no such plugin.
    """
    registry = Registry.installed(folders)
    settings = _settings(sets)
    for group, name in [find(registry, text) for text in names] or _inside(folders):
        title = f"{group}/{name}"
        _say(say, title)
        for law in _laws(registry, group, name, settings):
            verdict = _checked(title, law)
            _say(say, str(verdict))
            yield verdict
    if not names:
        for file in registry.broken:
            verdict = Verdict(str(file.path), "it can be read", file.problem)
            _say(say, f"{file.path}\n{verdict}")
            yield verdict


def _laws(registry: Registry, group: str, name: str, settings: dict[str, Any]) -> tuple[Law, ...]:
    try:
        return laws(group, name, settings=settings, registry=registry)
    except (SimgenError, LawBroken) as error:
        return (Law("it can be loaded", _failing(error)),)


def _failing(error: Exception) -> Callable[[], str]:
    def check() -> str:
        raise LawBroken(str(error))

    return check


def _checked(plugin: str, law: Law) -> Verdict:
    began = time.perf_counter()
    broken = note = ""
    try:
        note = law.check()
    except LawBroken as error:
        broken = str(error)
    except MissingExtraError as error:
        note = f"left out: {error.faults[0].what}; {error.faults[0].cure}"
    except Exception as error:  # a stranger's code may fail in any way, and that breaks the law
        broken = f"{type(error).__name__}: {error}"
    return Verdict(plugin, law.name, broken, note, round(time.perf_counter() - began, 3))


def _inside(folders: Sequence[Path]) -> list[tuple[str, str]]:
    found = look_into(folders).points
    return [(point.group.removeprefix("simgen."), point.name) for point in found]


def _settings(sets: Sequence[str]) -> dict[str, Any]:
    out = {}
    for text in sets:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise PluginError(Fault(f"--set {text}", "expected SETTING=VALUE"))
        try:
            out[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise PluginError(Fault(f"--set {text}", f"{value!r} is not YAML")) from None
    return out


def _say(say: Callable[[str], Any] | None, line: str) -> None:
    if say is not None:
        say(line)
