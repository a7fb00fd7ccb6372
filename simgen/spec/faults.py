"""From pydantic's errors to faults with file, line, path and cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from simgen.errors import Fault
from simgen.spec.document import Document, Location
from simgen.spec.wording import worded


def faults_of(
    error: ValidationError,
    document: Document,
    model: type[BaseModel],
    prefix: Location = (),
    siblings: Iterable[str] = (),
) -> list[Fault]:
    """One fault per pydantic error.

    Args:
        error: what validation said.
        document: gives positions.
        model: the model that refused; its fields are the suggestions for unknown keys.
        prefix: dotted path at which the model stands in the document.
        siblings: further settings of the same mapping that `model` does not see.
    """
    faults = []
    for item in error.errors():
        location = (*prefix, *item["loc"])
        written = written_path(document.data, location)
        faults.append(Fault(place(document, written), _what(item), _cure(item, model, siblings)))
    return list(dict.fromkeys(faults))


def place(document: Document, location: Location) -> str:
    """`file:line:column dotted.path`."""
    position = document.position(location)
    dotted = ".".join(str(part) for part in location)
    return f"{position} {dotted}".strip() if position else dotted


def suggest(word: str, known: Iterable[str], noun: str = "names") -> str:
    """`did you mean ...` with the known list, for any misspelt name."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=3)
    if close:
        return f"did you mean {' or '.join(repr(c) for c in close)}?"
    return f"known {noun}: {', '.join(names)}" if names else f"there are no {noun}"


def written_path(data: Any, location: Location) -> Location:
    """`location` without the parts that pydantic adds for unions and that nobody wrote."""
    out: list[str | int] = []
    for part in location:
        inside_mapping = isinstance(data, Mapping) and part in data
        inside_list = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if inside_mapping or inside_list:
            data = data[part]
            out.append(part)
    missing = location[-1] if location else None
    named = isinstance(missing, str) and missing.isidentifier()
    if missing is not None and named and isinstance(data, Mapping) and out[-1:] != [missing]:
        out.append(missing)
    return tuple(out)


def _what(item: Any) -> str:
    kind = item["type"]
    shown = repr(item.get("input"))
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    if kind == "extra_forbidden":
        return f"unknown setting {str(item['loc'][-1])!r}"
    if kind == "missing":
        last = item["loc"][-1]
        short = f"expected a list with at least {last + 1} values" if isinstance(last, int) else ""
        return short or "this setting is required"
    if kind in ("distribution", "count", "path", "colour", "number", "outputs", "template"):
        return str(item["msg"])
    return f"{worded(item)}, got {shown}"


def _cure(item: Any, model: type[BaseModel], siblings: Iterable[str]) -> str:
    if item["type"] != "extra_forbidden":
        return ""
    owner = _model_at(model, item["loc"][:-1])
    known = [entry.alias or name for name, entry in owner.model_fields.items()] if owner else []
    known += siblings if len(item["loc"]) == 1 else ()
    return suggest(str(item["loc"][-1]), known, "settings")


def _model_at(kind: Any, location: Location) -> type[BaseModel] | None:
    """The model that stands at `location` below an annotation, as far as it can be told."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not location:
            return kind
        for name, entry in kind.model_fields.items():
            if location[0] in (name, entry.alias):
                return _model_at(entry.annotation, location[1:])
        return None
    for inner in get_args(kind):
        # Union tags, map keys and list indices take a step in the location, or none.
        for rest in (location, location[1:]):
            found = _model_at(inner, rest)
            if found is not None:
                return found
    return None
