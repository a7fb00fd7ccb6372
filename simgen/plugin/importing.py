"""Modules of plugin folders made importable, one by one, without touching `sys.path`.

A folder on `sys.path` would offer everything in it to every later import: a plugin file called
`random.py` or `queue.py` would break the standard library for all. This finder knows the modules
that plugins named, and nothing else.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


class ModuleTakenError(Exception):
    """A module of that name is there already, from another place."""


class _Finder(MetaPathFinder):
    """Finds top-level modules by name; what lies inside packages is found as always."""

    def __init__(self) -> None:
        self.places: dict[str, Path] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that was made importable."""
        place = self.places.get(name)
        if place is None:
            return None
        if place.is_dir():
            inside = [str(place)]
            return importlib.util.spec_from_file_location(
                name, place / "__init__.py", submodule_search_locations=inside
            )
        return importlib.util.spec_from_file_location(name, place)


# Python's imports are one table per process; so is this. It stands first: a folder that somebody
# named wins over the same package installed.
_FINDER = _Finder()


def make_importable(name: str, place: Path) -> None:
    """Let `import name` find the file or package at `place` in this process.

    Raises:
        ModuleTakenError: another module has this name.
    """
    if name in sys.stdlib_module_names or name in ("simgen", "numpy", "pydantic"):
        raise ModuleTakenError(f"its module may not be called {name!r}")
    loaded = sys.modules.get(name)
    file = getattr(loaded, "__file__", None)
    init = place / "__init__.py" if place.is_dir() else place
    if loaded is not None and (file is None or Path(file).resolve() != init.resolve()):
        raise ModuleTakenError(f"a module {name!r} is loaded already from {file}")
    _FINDER.places[name] = place
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
