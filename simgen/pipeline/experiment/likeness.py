"""`like:` one synthetic set written as another one with changes."""

from __future__ import annotations

from typing import Any

from simgen.errors import Fault, SceneFileError
from simgen.spec.document import Document, Location, Position
from simgen.spec.faults import place, suggest
from simgen.spec.overlay import overlay

_AT = "synthetic"


def unfold(document: Document) -> Document:
    """The document with every set written out that says which one it is like.

    Raises:
        SceneFileError: there is no such set, or sets are like each other in a circle.
    """
    sets = document.data.get(_AT) if isinstance(document.data, dict) else None
    if not isinstance(sets, dict):
        return document  # the gate says what is wrong
    out = document
    for name in sets:
        whole = _whole(document, sets, name, ())
        rest = {p: v for p, v in out.positions.items() if p[:2] != (_AT, name)}
        moved = {(_AT, name, *p): v for p, v in whole.positions.items()}
        data = {**out.data, _AT: {**out.data[_AT], name: whole.data}}
        out = Document(data, {**rest, **moved})
    return out


def _whole(document: Document, sets: dict[str, Any], name: str, seen: tuple[str, ...]) -> Document:
    own = _part(document, (_AT, name), sets[name])
    if not isinstance(own.data, dict) or "like" not in own.data:
        return own
    like = own.data["like"]
    where = place(document, (_AT, name, "like"))
    if like not in sets:
        raise SceneFileError(
            Fault(where, f"there is no set {like!r}", suggest(str(like), sets, "sets"))
        )
    if like in (name, *seen):
        circle = " -> ".join([*seen, name, like])
        raise SceneFileError(Fault(where, f"sets are like each other in a circle: {circle}"))
    rest = {key: value for key, value in own.data.items() if key != "like"}
    return overlay(_whole(document, sets, like, (*seen, name)), Document(rest, own.positions))


def _part(document: Document, at: Location, data: Any) -> Document:
    positions: dict[Location, Position] = {
        p[len(at) :]: v for p, v in document.positions.items() if p[: len(at)] == at
    }
    return Document(data, positions)
