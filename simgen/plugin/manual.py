"""The manual of a plugin: everything that `plugins show` prints and docs/plugins holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simgen.errors import Fault, PluginError
from simgen.plugin.describing import Setting, settings_of, shared_settings
from simgen.plugin.examples import example_text
from simgen.plugin.fitness import doc_of
from simgen.plugin.kinds import KINDS, Kind, kind_of
from simgen.plugin.registry import Registry
from simgen.spec.faults import suggest


@dataclass(frozen=True)
class Manual:
    """One plugin explained.

    Args:
        kind, name: of the plugin.
        package, version: what brings it.
        summary: first line of its docstring.
        text: the rest of its docstring.
        settings: in the order of their declaration.
        shared: settings models that stand in a page of their own, by name.
        example: a whole file, YAML.
    """

    kind: Kind
    name: str
    package: str
    version: str
    summary: str
    text: str
    settings: tuple[Setting, ...]
    shared: tuple[str, ...]
    example: str

    def as_data(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            **{k: v for k, v in vars(self).items() if k not in ("kind", "settings")},
            "kind": self.kind.noun,
            "group": self.kind.group,
            "settings": [dict(vars(setting)) for setting in self.settings],
        }


def manual_of(registry: Registry, group: str, name: str) -> Manual:
    """The manual of an installed plugin.

    Raises:
        PluginError, MissingExtraError: it cannot be loaded.
    """
    plugin = registry.get(group, name)
    point = registry.point(group, name)
    summary, _, text = doc_of(plugin).partition("\n")
    settings, shared = settings_of(plugin.Params)
    return Manual(
        kind_of(group),
        name,
        point.package,
        point.version,
        summary.strip(),
        text.strip(),
        settings,
        shared,
        example_text(plugin, group, name),
    )


def find(registry: Registry, text: str) -> tuple[str, str]:
    """Group and name of `NAME`, `KIND/NAME` or `GROUP/NAME`.

    Raises:
        PluginError: there is none, or several of that name.
    """
    wanted, slash, name = text.rpartition("/")
    groups = [kind.group for kind in KINDS if not slash or wanted in (kind.word, kind.group)]
    if not groups:
        words = [kind.word for kind in KINDS]
        raise PluginError(
            Fault(text, f"there is no kind of plugin {wanted!r}", suggest(wanted, words, "kinds"))
        )
    found = [group for group in groups if name in registry.names(group)]
    if len(found) == 1:
        return found[0], name
    if found:
        forms = " or ".join(f"{kind_of(group).word}/{name}" for group in found)
        raise PluginError(Fault(text, f"{len(found)} plugins are called {name!r}", f"say {forms}"))
    if slash:
        registry.get(groups[0], name)  # says what is near, and what is broken
    known = [name for group in groups for name in registry.names(group)]
    broken = "".join(f"; {f.path} is broken: {f.problem}" for f in registry.broken)
    cure = suggest(name, known, "plugins") + broken
    raise PluginError(Fault(text, f"there is no plugin {name!r}", cure))


def as_text(manual: Manual) -> str:
    """For a terminal."""
    origin = f"{manual.package} {manual.version}".strip()
    lines = [f"{manual.kind.noun} {manual.name}  [{origin}]", "", manual.summary]
    if manual.text:
        lines += ["", manual.text]
    lines += ["", "Settings" if manual.settings else "It has no settings."]
    lines += _setting_lines(manual.settings)
    everything = shared_settings()
    for name in _with_inner(manual.shared, everything):
        lines += ["", f"Settings of a {name}", *_setting_lines(everything[name])]
    return "\n".join([*lines, "", "Example", "", manual.example])


def _with_inner(names: Sequence[str], everything: dict[str, tuple[Setting, ...]]) -> list[str]:
    """The shared models and those inside them."""
    out = list(names)
    for name in out:
        kinds = " ".join(setting.kind for setting in everything[name])
        out += [inner for inner in everything if inner in kinds and inner not in out]
    return out


def _setting_lines(settings: Sequence[Setting]) -> list[str]:
    lines = []
    for setting in settings:
        parts = [setting.kind, "factor" if setting.unit == "1" else setting.unit, setting.bounds]
        parts += ["required" if setting.required else f"default {setting.default}"]
        parts += ["or a distribution"] if setting.sampled else []
        lines.append(f"  {setting.name}: {', '.join(part for part in parts if part)}")
        lines.append(f"      {setting.description or '(not described)'}")
    return lines
