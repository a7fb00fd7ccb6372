"""Conformance: the laws that plugins keep, for `simgen plugins test` and for an author's pytest.

    import pytest
    from pathlib import Path
    from simgen.plugin.conformance import laws

    LAWS = laws("scene-type", "shelf2", Path(__file__).parents[1])

    @pytest.mark.parametrize("law", LAWS, ids=str)
    def test_law(law):
        law.check()

What all kinds share stands here; the laws of a kind stand in the room `simgen.conformance`, which
is found by the table of kinds: they use rooms that plugins may not see.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgen.errors import SimgenError
from simgen.plugin.describing import settings_of
from simgen.plugin.examples import example_of
from simgen.plugin.fitness import doc_of
from simgen.plugin.kinds import KINDS, Kind, kind_of
from simgen.plugin.manual import find
from simgen.plugin.registry import Registry
from simgen.plugin.units import BOUNDLESS

_SUMMARY = 120


class LawBroken(AssertionError):
    """A plugin does not keep a law; the text says how."""


@dataclass(frozen=True)
class Law:
    """One law about one plugin.

    Args:
        name: what must hold.
        check: gives a measurement, or "". Raises `LawBroken`.
        alone: starts a process of its own, which takes a second or two.
    """

    name: str
    check: Callable[[], str]
    alone: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Subject:
    """The plugin that is judged.

    Args:
        registry: where it was found.
        kind, name: which it is.
        example: the data of a file that uses it.
        base: where relative paths in the example start.
    """

    registry: Registry
    kind: Kind
    name: str
    example: dict[str, Any]
    base: Path

    @property
    def plugin(self) -> Any:
        """A fresh instance."""
        return self.registry.get(self.kind.group, self.name)

    @property
    def settings(self) -> dict[str, Any]:
        """The plugin's own settings in the example."""
        return _section(self.example, self.kind, self.name)


def laws(
    kind: str,
    name: str,
    *folders: Path,
    settings: Mapping[str, Any] | None = None,
    base: Path | None = None,
    registry: Registry | None = None,
) -> tuple[Law, ...]:
    """The laws for a plugin, to be checked one by one.

    Args:
        kind: `scene-type`, `asset`, `randomizer`, ... or the entry-point group.
        name: of the plugin.
        folders: plugin folders beside the installed packages; an author's own project is one.
        settings: laid over those of its example.
        base: where relative paths in the example start; the working folder if not given.
        registry: instead of the installed plugins and `folders`.

    Raises:
        PluginError, MissingExtraError: it cannot be loaded.
    """
    subject = subject_of(kind, name, *folders, settings=settings, base=base, registry=registry)
    own: Iterable[Law] = ()
    module = f"simgen.conformance.{subject.kind.group}"
    if importlib.util.find_spec(module) is not None:
        own = importlib.import_module(module).suite(subject)
    return (*_shared(subject), *own)


def subject_of(
    kind: str,
    name: str,
    *folders: Path,
    settings: Mapping[str, Any] | None = None,
    base: Path | None = None,
    registry: Registry | None = None,
) -> Subject:
    """What `laws` judges; same arguments.

    Raises:
        PluginError, MissingExtraError: it cannot be loaded.
    """
    registry = registry or Registry.installed(folders)
    group, name = find(registry, f"{kind}/{name}")
    plugin = registry.get(group, name)
    example = example_of(plugin, group, name)
    _section(example, kind_of(group), name).update(settings or {})
    return Subject(registry, kind_of(group), name, example, base or Path.cwd())


def kinds() -> tuple[str, ...]:
    """Words of all kinds of plugins."""
    return tuple(kind.word for kind in KINDS)


def require(holds: object, text: str) -> None:
    """Raises LawBroken with `text` unless it holds."""
    if not holds:
        raise LawBroken(text)


def _section(example: dict[str, Any], kind: Kind, name: str) -> dict[str, Any]:
    """The mapping in an example that holds the plugin's settings."""
    if kind.group == "renderers":
        engines = example.setdefault("render", {}).setdefault("settings", {})
        own: dict[str, Any] = engines.setdefault(name, {})
        return own
    section, names = kind.section or kind.word, kind.names or "kind"
    place = example.get(section.partition(".")[0], {})
    rows = [place] if not section.endswith(".KEY") else list(place.values())
    for row in rows:
        if row.get(names) == name:
            found: dict[str, Any] = row
            return found
    raise LawBroken(f"its example does not use it: no `{names}: {name}` in {section}")


def _shared(subject: Subject) -> list[Law]:
    return [
        Law("a docstring says what it does", partial(_docstring, subject)),
        Law("every setting is described, with unit and bounds", partial(_described, subject)),
        Law("settings refuse what they do not know", partial(_strict, subject)),
        Law("its example is valid", partial(_example, subject)),
    ]


def _docstring(subject: Subject) -> str:
    text = doc_of(subject.plugin)
    first = text.partition("\n")[0]
    require(first, "the class has no docstring")
    require(first.endswith("."), f"the first line is not a sentence: {first!r}")
    require(len(first) <= _SUMMARY, f"the first line has more than {_SUMMARY} characters")
    return ""


def _described(subject: Subject) -> str:
    """A number between two bounds explains itself; one with an open end needs a unit."""
    found, _ = settings_of(subject.plugin.Params)
    for setting in found:
        require(setting.description, f"`{setting.name}` has no description")
        if not setting.numeric:
            continue
        require(
            setting.bounds or setting.unit in BOUNDLESS,
            f"`{setting.name}` is a number without bounds (Field(ge=..., le=...))",
        )
        ends = " to " in setting.bounds or (">" in setting.bounds and "<" in setting.bounds)
        closed = ends or "whole" in setting.kind
        require(
            closed or setting.unit,
            f"`{setting.name}` has an open end and no unit: name it with its unit (`_m`, `_deg`) "
            'or say Field(json_schema_extra={"unit": "..."}), "1" for a plain factor',
        )
    return f"{len(found)} settings"


def _strict(subject: Subject) -> str:
    model = subject.plugin.Params
    require(model.model_config.get("frozen"), "Params is not frozen")
    settings = {k: v for k, v in subject.settings.items() if k in _names(model)}
    require(_accepts(model, settings), f"Params refuses its own example: {settings}")
    wrong = {**settings, "no_such_setting_of_this": 1}
    require(not _accepts(model, wrong), "Params takes settings that it does not know")
    return ""


def _names(model: Any) -> set[str]:
    return {info.alias or name for name, info in model.model_fields.items()}


def _accepts(model: Any, settings: Mapping[str, Any]) -> bool:
    try:
        model.model_validate(dict(settings))
    except ValidationError:
        return False
    return True


def _example(subject: Subject) -> str:
    if not subject.kind.in_scene:
        return ""  # its file is no scene file; `_strict` has looked at its settings
    from simgen.plugin.examples import as_yaml
    from simgen.plugin.gate import scene_from
    from simgen.spec.document import parse_document

    document = parse_document(as_yaml(subject.example), "the example", subject.base)
    try:
        scene_from(document, subject.base / "example.yaml", subject.registry)
    except SimgenError as error:
        raise LawBroken(f"its example is refused: {error}") from None
    return ""
