"""A merged scene as plain data that can travel: paths by name, order kept, hashable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from simgen.records.serial import to_json
from simgen.spec.distributions import is_distribution
from simgen.spec.fields import Root

# Their order gives instance ids and the order of draws, so it is part of the input.
_ORDERED = ("objects", "randomizers")


def without_paths(data: Any, roots: Mapping[str, Root]) -> Any:
    """The data with every path setting replaced by `<its dotted name>`, ready for JSON."""

    def replace(at: str, leaf: str) -> str:
        for name, root in roots.items():
            setting = name.partition("#")[0]
            inside = at == setting or at.startswith(f"{setting}.")
            if inside and leaf == root.written:
                return f"<{name}>"
        return leaf

    return _walk(data, "", replace)


def portable_params(params: BaseModel) -> dict[str, Any]:
    """A plugin's settings as plain data; paths are replaced by `<their field>`."""
    plain = params.model_dump(mode="json")
    return plain | {name: f"<{name}>" for name, value in params if isinstance(value, Root)}


def with_paths(data: Any, locations: Mapping[str, str]) -> Any:
    """The opposite of `without_paths`: absolute paths by dotted name."""
    marks = {f"<{name}>": path for name, path in locations.items()}
    return _walk(data, "", lambda at, leaf: marks.get(leaf, leaf))


def canonical_hash(parts: Mapping[str, Any]) -> str:
    """Hex digest that does not depend on the order in which settings are written."""
    ordered = {
        key: list(value.items()) if key in _ORDERED and isinstance(value, Mapping) else value
        for key, value in parts.items()
    }
    return hashlib.sha256(to_json(ordered)).hexdigest()


def differences(stored: Any, asked: Any, at: str = "") -> list[tuple[str, Any, Any]]:
    """Dotted paths at which two plain values differ, with both values (None: not there)."""
    if isinstance(stored, Mapping) and isinstance(asked, Mapping):
        out = []
        for key in [*stored, *(k for k in asked if k not in stored)]:
            below = f"{at}.{key}" if at else str(key)
            out += differences(stored.get(key), asked.get(key), below)
        if not out and at in _ORDERED and list(stored) != list(asked):
            return [(f"{at} (their order)", list(stored), list(asked))]
        return out
    return [] if stored == asked else [(at, stored, asked)]


def _walk(data: Any, at: str, replace: Callable[[str, str], str]) -> Any:
    if isinstance(data, Mapping):
        if is_distribution(data) and isinstance(data.get("weighted"), Mapping):
            # JSON keys are text and would turn the values 1 and 2 into "1" and "2".
            data = {"weighted": [list(pair) for pair in data["weighted"].items()]}
        below = {str(key): f"{at}.{key}" if at else str(key) for key in data}
        return {str(key): _walk(value, below[str(key)], replace) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_walk(value, f"{at}.{i}", replace) for i, value in enumerate(data)]
    return replace(at, data) if isinstance(data, str) else data
