"""docs/plugins: a page per plugin, an index, and a page of the settings that they share."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import simgen
from simgen.plugin.describing import SHARED, Setting, shared_settings
from simgen.plugin.folders import look_into, project_points
from simgen.plugin.kinds import KINDS
from simgen.plugin.manual import Manual, manual_of
from simgen.plugin.registry import Point, Registry

_MADE = (
    "<!-- Made by `make docs` from the plugins themselves; edit their docstrings and Params. -->"
)
_DISTRIBUTIONS = """\
Where a table says *may be drawn*, a distribution can stand in the place of a value:
`{uniform: [a, b]}`, `{normal: [mean, std]}`, `{truncated_normal: [mean, std, low, high]}`,
`{loguniform: [a, b]}`, `{randint: [a, b]}`, `{choice: [...]}`, `{weighted: {value: weight}}`,
`{constant: value}`, `{sphere_shell: {radius_m: [a, b]}}`, `{so3: uniform}`. A colour is
`"#rrggbb"` (sRGB) or `[r, g, b]` (linear)."""


def shipped(folders: Sequence[Path] = ()) -> list[Manual]:
    """Manuals of simgen's own plugins and of those in these folders, not of others installed.

    In a checkout the table is pyproject.toml itself: what an editable install remembers of it
    may be older.

    Raises:
        PluginError, MissingExtraError: one of them cannot be loaded.
    """
    root = Path(simgen.__file__).parents[1]
    own = Registry.installed()
    points: dict[str, list[Point]] = {
        group: [p for p in found if own.point(group, p.name).package == "simgen"]
        for group, found in own.points.items()
    }
    if (root / "pyproject.toml").is_file():
        points = {group: [] for group in points}
        for point in project_points(root):
            points[point.group.removeprefix("simgen.")].append(point)
    inside = look_into(folders)
    for point in inside.points:
        points[point.group.removeprefix("simgen.")].append(point)
    registry = Registry(points, inside.broken, inside.folders)
    return [manual_of(registry, group, name) for group in points for name in registry.names(group)]


def pages(manuals: Sequence[Manual]) -> dict[str, str]:
    """Markdown by relative path, a page for each manual."""
    out = {"README.md": _index(manuals), "settings.md": _shared()}
    for manual in manuals:
        key = f"{manual.kind.group}/{manual.name}"
        out[f"{key}.md"] = _page(manual)
    return out


def write_pages(texts: Mapping[str, str], out: Path) -> list[Path]:
    """Write what changed; pages of ours for plugins that are gone are removed.

    Returns:
        What was written or removed.
    """
    changed = []
    for name, text in texts.items():
        path = out / name
        if not path.is_file() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.new")
            fresh.write_text(text)
            os.replace(fresh, path)
            changed.append(path)
    for path in stale(texts, out):
        path.unlink()
        changed.append(path)
    return changed


def stale(texts: Mapping[str, str], out: Path) -> list[Path]:
    """Pages that this module once made and would not make now."""
    found = sorted(out.rglob("*.md"))
    return [
        path
        for path in found
        if path.relative_to(out).as_posix() not in texts and path.read_text().startswith(_MADE)
    ]


def _index(manuals: Sequence[Manual]) -> str:
    lines = [_MADE, "", "# Plugins", ""]
    lines += [
        "`simgen plugins show NAME` prints these pages. What materials and textures take is in"
    ]
    lines += ["[settings.md](settings.md)."]
    for kind in KINDS:
        found = [manual for manual in manuals if manual.kind == kind]
        if found:
            lines += [
                "",
                f"## {kind.noun[0].upper()}{kind.noun[1:]}s",
                "",
                "| name | what it does |",
            ]
            lines += ["|---|---|"]
        for manual in found:
            package = "" if manual.package == "simgen" else f" ({manual.package})"
            link = f"[`{manual.name}`]({kind.group}/{manual.name}.md)"
            lines.append(f"| {link} | {_cell(manual.summary)}{package} |")
    return "\n".join(lines) + "\n"


def _page(manual: Manual) -> str:
    lines = [
        _MADE,
        "",
        f"# {manual.kind.noun[0].upper()}{manual.kind.noun[1:]} `{manual.name}`",
        "",
    ]
    if manual.package != "simgen":
        lines += [f"Package `{manual.package}`; see its README.", ""]
    lines += [manual.summary]
    if manual.text:
        lines += ["", manual.text]
    lines += ["", "## Settings", ""]
    lines += _table(manual.settings) if manual.settings else ["None."]
    if manual.shared:
        names = " and ".join(f"[{name}](../settings.md#{_anchor(name)})" for name in manual.shared)
        lines += ["", f"See {names} for what those take."]
    lines += ["", "## Example", "", "```yaml", manual.example.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def _shared() -> str:
    lines = [_MADE, "", "# Settings that plugins share", ""]
    lines += [_DISTRIBUTIONS]
    everything = shared_settings()
    for name in SHARED.values():
        lines += ["", f"## {name[0].upper()}{name[1:]}", "", *_table(everything[name])]
    return "\n".join(lines) + "\n"


def _table(settings: Iterable[Setting]) -> list[str]:
    lines = ["| setting | what to write | unit | bounds | default | may be drawn | |"]
    lines.append("|---|---|---|---|---|---|---|")
    for s in settings:
        default = "**required**" if s.required else f"`{_cell(s.default)}`"
        cells = [
            f"`{s.name}`",
            _cell(s.kind),
            "factor" if s.unit == "1" else s.unit,
            s.bounds,
            default,
        ]
        cells += ["yes" if s.sampled else "", _cell(s.description)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _anchor(name: str) -> str:
    return name.replace(" ", "-")
