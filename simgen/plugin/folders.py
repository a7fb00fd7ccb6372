"""Plugin folders (`--plugin-dir`): plugins without packaging, read before anything is imported.

A folder may hold, side by side:

- `shelf.py`, or a package `shelf/__init__.py`, with a constant at its top level:
  `PLUGINS = {"scene_types": {"shelf": "Shelf"}}` (group, name, class);
- projects such as `simgen plugins new` writes: `simgen-shelf/pyproject.toml` with entry points,
  code below `src/`.

The folder itself may be such a project or package. Names that start with `_` or `.`, and tests,
are left alone. What a file declares is read as text; its code runs when its plugin is used, and
never unless somebody named the folder.
"""

from __future__ import annotations

import ast
import hashlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.errors import Fault, PluginError
from simgen.plugin.importing import ModuleTakenError, make_importable
from simgen.plugin.kinds import GROUPS
from simgen.spec.faults import suggest

FORM = 'declare PLUGINS = {"scene_types": {"name": "Class"}} at the top of a .py file'
_IGNORED = re.compile(r"[._].*|test_.*|tests|conftest\.py|setup\.py")


@dataclass(frozen=True)
class FolderPoint:
    """A plugin of a folder; what an `EntryPoint` is for an installed one.

    Args:
        name, value, group: as in an entry point.
        package: the project's name, or the file.
        version: the project's.
    """

    name: str
    value: str
    group: str
    package: str
    version: str = ""


@dataclass(frozen=True)
class BrokenFile:
    """Something in a plugin folder that should hold plugins and cannot be read."""

    path: Path
    problem: str


@dataclass(frozen=True)
class Found:
    """What plugin folders hold; the folders themselves, absolute, each once."""

    points: tuple[FolderPoint, ...] = ()
    broken: tuple[BrokenFile, ...] = ()
    folders: tuple[Path, ...] = ()


class _UnreadableError(Exception):
    """Why a file declares nothing; becomes a `BrokenFile`."""


def look_into(folders: Sequence[Path]) -> Found:
    """The plugins of these folders.

    Raises:
        PluginError: a folder does not exist or holds no plugin.
    """
    points: list[FolderPoint] = []
    broken: list[BrokenFile] = []
    places = tuple(dict.fromkeys(path.expanduser().resolve() for path in folders))
    for folder in places:
        if not folder.is_dir():
            what = f"there is no folder {folder}"
            raise PluginError(Fault(f"--plugin-dir {folder}", what, "check the path"))
        before = len(points) + len(broken)
        for place in _places(folder):
            try:
                points += _declared(place)
            except (_UnreadableError, ModuleTakenError) as error:
                broken.append(BrokenFile(place, str(error)))
        if len(points) + len(broken) == before:
            what = "the folder holds no plugin"
            raise PluginError(Fault(f"--plugin-dir {folder}", what, FORM))
    return Found(tuple(points), tuple(broken), places)


def project_points(folder: Path) -> list[FolderPoint]:
    """Entry points of `folder/pyproject.toml` in simgen's groups; imports nothing.

    Raises:
        PluginError: the file cannot be read.
    """
    try:
        return _project(folder)[0]
    except _UnreadableError as error:
        raise PluginError(Fault(str(folder / "pyproject.toml"), str(error))) from None


def _places(folder: Path) -> Iterator[Path]:
    """Files and folders that should declare plugins, sorted by name."""
    if _is_project(folder) or _is_package(folder):
        yield folder
        return
    for place in sorted(folder.iterdir()):
        if _IGNORED.fullmatch(place.name):
            continue
        if place.suffix == ".py" or _is_project(place) or _is_package(place):
            yield place


def _is_project(place: Path) -> bool:
    return (place / "pyproject.toml").is_file()


def _is_package(place: Path) -> bool:
    return (place / "__init__.py").is_file()


def _declared(place: Path) -> list[FolderPoint]:
    if _is_project(place):
        points, modules = _project(place)
        for name, path in modules.items():
            make_importable(name, path)
        return points
    tables = _constant(place / "__init__.py" if place.is_dir() else place)
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:8]
    module = f"plugin_dir_{digest}_{place.stem}"
    points = _points(tables, str(place), "", module)
    make_importable(module, place)
    return points


def _project(place: Path) -> tuple[list[FolderPoint], dict[str, Path]]:
    """Entry points, and where the modules that they name lie."""
    try:
        data = tomllib.loads((place / "pyproject.toml").read_text())
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise _UnreadableError(f"pyproject.toml cannot be read: {error}") from None
    project = data.get("project")
    tables = project.get("entry-points") if isinstance(project, dict) else None
    own = {
        name.removeprefix("simgen."): table
        for name, table in (tables if isinstance(tables, dict) else {}).items()
        if name.startswith("simgen.")
    }
    if not own or not isinstance(project, dict):
        what = 'pyproject.toml has no entry points such as [project.entry-points."simgen.assets"]'
        raise _UnreadableError(what)
    points = _points(own, str(project.get("name", place.name)), str(project.get("version", "")))
    modules = {}
    for point in points:
        top = point.value.partition(":")[0].partition(".")[0]
        modules[top] = _module_path(place, top)
    return points, modules


def _module_path(place: Path, top: str) -> Path:
    for base in (place / "src", place):
        for path in (base / top, base / f"{top}.py"):
            if path.is_file() or _is_package(path):
                return path
    raise _UnreadableError(f"pyproject.toml names the module {top}, which is not below {place}")


def _constant(path: Path) -> dict[str, Any]:
    """The value of `PLUGINS`, without running the file."""
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except OSError as error:
        raise _UnreadableError(f"cannot be read: {error.strerror}") from None
    except SyntaxError as error:
        raise _UnreadableError(f"SyntaxError: {error.msg} (line {error.lineno})") from None
    except ValueError as error:  # null bytes
        raise _UnreadableError(f"is not Python: {error}") from None
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "PLUGINS" for target in targets):
            try:
                value = ast.literal_eval(getattr(node, "value", None) or "")
            except (ValueError, SyntaxError):
                raise _UnreadableError("PLUGINS is not a plain dict of text") from None
            return _checked(value)
    raise _UnreadableError(f"declares no PLUGINS; {FORM}")


def _checked(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _UnreadableError(f"PLUGINS is not a dict; {FORM}")
    return value


def _points(
    tables: dict[str, Any], package: str, version: str, module: str = ""
) -> list[FolderPoint]:
    """Points of `{group: {name: class}}`, or `module:class` where no module is given."""
    out = []
    for group, table in tables.items():
        if group not in GROUPS:
            raise _UnreadableError(
                f"there is no kind of plugin {group!r}: {suggest(str(group), GROUPS, 'kinds')}"
            )
        if not isinstance(table, dict):
            raise _UnreadableError(f"{group} is not a table from name to class")
        for name, value in table.items():
            if not isinstance(name, str) or not isinstance(value, str):
                raise _UnreadableError(f"{group}: {name!r} is not a name and a class as text")
            target = f"{module}:{value}" if module else value
            out.append(FolderPoint(name, target, f"simgen.{group}", package, version))
    return out
