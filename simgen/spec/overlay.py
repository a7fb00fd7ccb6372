"""`extends:` and `--set`: laying one document over another, positions included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simgen.errors import Fault, SceneFileError
from simgen.spec.distributions import is_distribution
from simgen.spec.document import Document, Location, Position, parse_document, read_document


def read_with_extends(path: Path) -> Document:
    """A file laid over the file that it extends, and so on.

    Mappings merge key by key; anything else, distributions included, is replaced; `null`
    removes a key that came from below.

    Raises:
        SceneFileError: a file is missing, or the chain is a circle.
    """
    chain: list[Document] = []
    seen: list[Path] = []
    current = path
    where = str(path)
    while True:
        resolved = current.resolve()
        if resolved in seen:
            names = " -> ".join(p.name for p in [*seen, resolved])
            what = f"extends goes in a circle: {names}"
            raise SceneFileError(Fault(where, what, "remove one of them"))
        seen.append(resolved)
        document = read_document(current)
        _need_mapping(document, current)
        chain.append(document)
        target = document.data.pop("extends", None)
        if target is None:
            break
        where = f"{document.position(('extends',))} extends"
        if not isinstance(target, str):
            raise SceneFileError(Fault(where, "expected the path of a file"))
        current = resolved.parent / target
        if not current.is_file():
            cure = "the path starts at the file that extends"
            raise SceneFileError(Fault(where, f"there is no file {current}", cure))
    merged = chain.pop()
    while chain:
        merged = overlay(merged, chain.pop())
    return merged


def overlay(below: Document, above: Document) -> Document:
    """A new document with `above` laid over `below`."""
    positions = dict(below.positions)
    data = _merge(below.data, above.data, (), positions, above)
    return Document(data, positions)


def apply_sets(document: Document, settings: tuple[str, ...]) -> Document:
    """Lay `--set dotted.path=YAML` settings over a document.

    Raises:
        SceneFileError: a setting has no `=`, no path, or is not YAML.
    """
    for setting in settings:
        name, equals, text = setting.partition("=")
        where = f"--set {setting}"
        keys = tuple(name.strip().split("."))
        if not equals or not all(keys):
            raise SceneFileError(
                Fault(where, "expected PATH=VALUE", "for example --set camera.distance_m=0.5")
            )
        value = parse_document(text, where, Path.cwd())
        wrapped: Any = value.data if text.strip() else None
        for key in reversed(keys):
            wrapped = {key: wrapped}
        positions: dict[Location, Position] = {
            (*keys, *location): Position(where, 0, 0, Path.cwd()) for location in value.positions
        }
        positions[keys] = Position(where, 0, 0, Path.cwd())
        document = overlay(document, Document(wrapped, positions))
    return document


def _need_mapping(document: Document, path: Path) -> None:
    if not isinstance(document.data, dict):
        raise SceneFileError(
            Fault(f"{path}:1:1", "expected a mapping of settings", "see `simgen schema`")
        )
    if not document.data:
        cure = "a scene file starts with `simgen: 1` and `scene: {type: ...}`, see `simgen schema`"
        raise SceneFileError(Fault(f"{path}:1:1", "the file is empty", cure))


def _merge(
    low: Any, high: Any, at: Location, positions: dict[Location, Position], above: Document
) -> Any:
    both = isinstance(low, dict) and isinstance(high, dict)
    if both and not is_distribution(low) and not is_distribution(high):
        out = dict(low)
        for key, value in high.items():
            if value is None and key in out and not _keeps_null(at, key):
                del out[key]
                continue
            out[key] = _merge(low.get(key), value, (*at, key), positions, above)
        if at in above.positions:
            positions.setdefault(at, above.positions[at])
        return out
    for location in [p for p in positions if p[: len(at)] == at]:
        del positions[location]
    positions.update({p: v for p, v in above.positions.items() if p[: len(at)] == at})
    return high


def _keeps_null(at: Location, key: Any) -> bool:
    # `category: null` is a statement (no label), not the removal of a key.
    return key == "category" and len(at) == 2 and at[0] == "objects"
