"""Scaffold: a new plugin as a working package, to be changed until it is the author's own."""

from __future__ import annotations

import keyword
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simgen.errors import Fault, PluginError
from simgen.plugin.kinds import KINDS, Kind
from simgen.plugin.registry import Registry
from simgen.spec.faults import suggest

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_RULE = "letters, digits and underscores, a letter first: shelf2, glass_shelf"


@dataclass(frozen=True)
class NewPlugin:
    """What was written.

    Args:
        kind, name: of the plugin.
        folder: of the package.
        files: below it, in the order in which one reads them.
    """

    kind: Kind
    name: str
    folder: Path
    files: tuple[str, ...]


def offered() -> tuple[Kind, ...]:
    """Kinds that have templates."""
    return tuple(kind for kind in KINDS if (_TEMPLATES / kind.group).is_dir())


def new_plugin(word: str, name: str, into: Path) -> NewPlugin:
    """Write the package `into/simgen-NAME`; all of it or nothing.

    Args:
        word: kind of plugin, `scene-type`.
        name: of the plugin.

    Raises:
        PluginError: unknown kind, a name that cannot be or is taken, or a folder that is there.
    """
    kind = _kind(word)
    name = _free_name(kind, name.replace("-", "_"))
    folder = into / f"simgen-{name.replace('_', '-')}"
    if folder.exists():
        raise PluginError(Fault(str(folder), "the folder is there already", "choose another name"))
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=into, prefix=".new-") as place:
            made = Path(place) / folder.name
            files = tuple(_write(made, *part) for part in _parts(kind, name))
            shutil.move(made, folder)
    except OSError as error:
        raise PluginError(Fault(str(folder), f"cannot be written: {error.strerror}")) from None
    return NewPlugin(kind, name, folder, files)


def _kind(word: str) -> Kind:
    kinds = {kind.word: kind for kind in offered()} | {kind.group: kind for kind in offered()}
    if word not in kinds:
        words = [kind.word for kind in offered()]
        raise PluginError(
            Fault(word, f"there is no template for {word!r}", suggest(word, words, "kinds"))
        )
    return kinds[word]


def _free_name(kind: Kind, name: str) -> str:
    module = f"simgen_{name}"
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or module in sys.stdlib_module_names:
        raise PluginError(Fault(name, "a plugin cannot have this name", _RULE))
    taken = Registry.installed()
    if name in taken.names(kind.group):
        owner = taken.point(kind.group, name).package
        what = f"there is a {kind.noun} {name!r} already, of {owner}"
        raise PluginError(Fault(name, what, "choose another name"))
    return name


def _parts(kind: Kind, name: str) -> Iterator[tuple[str, str]]:
    """Paths below the package and their text."""
    own = sorted(path.name for path in (_TEMPLATES / kind.group).glob("*.j2"))
    file, module = kind.word.replace("-", "_"), f"simgen_{name}"
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # code, not HTML
    )
    facts = {
        **{key: getattr(kind, key) for key in ("group", "noun", "word")},
        "Noun": f"{kind.noun[0].upper()}{kind.noun[1:]}",
        "name": name,
        "Class": "".join(part.capitalize() for part in name.split("_")),
        "package": f"simgen-{name.replace('_', '-')}",
        "module": module,
        "file": file,
        "scene": "scene.yaml.j2" in own,
        "usage": kind.usage.format(name=name),
    }
    places = {
        "README.md": "shared/README.md.j2",
        "pyproject.toml": "shared/pyproject.toml.j2",
        f"src/{module}/__init__.py": "shared/__init__.py.j2",
        "tests/test_conformance.py": "shared/test_conformance.py.j2",
    }
    if facts["scene"]:
        places[f"scenes/{name}.yaml"] = f"{kind.group}/scene.yaml.j2"
        places["tests/test_scene.py"] = "shared/test_scene.py.j2"
    for template in own:
        if template != "scene.yaml.j2":
            places[f"src/{module}/{template.removesuffix('.j2')}"] = f"{kind.group}/{template}"
    for path, template in places.items():
        yield path, environment.get_template(template).render(facts)


def _write(folder: Path, path: str, text: str) -> str:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)
    return path
