"""Reading YAML safely, with the position of every value kept.

YAML 1.2 core schema (so `no` is text and `1e-3` is a number), no tags, no duplicate keys,
bounded size and nesting; aliases are allowed but counted, so a "billion laughs" file ends as
a fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from simgen.errors import Fault, SceneFileError

Location = tuple[str | int, ...]
_MAX_BYTES = 4 << 20
_MAX_VALUES = 100_000
_MAX_DEPTH = 64


@dataclass(frozen=True)
class Position:
    """Where a value was written: file (or `--set`), line and column from 1."""

    file: str
    line: int
    column: int
    base: Path

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass
class Document:
    """Plain data plus the position of every value by its path."""

    data: Any
    positions: dict[Location, Position] = field(default_factory=dict)

    def position(self, location: Location) -> Position | None:
        """Position of a value, or of its nearest written ancestor."""
        for end in range(len(location), -1, -1):
            if location[:end] in self.positions:
                return self.positions[location[:end]]
        return None


class _Loader(yaml.SafeLoader):
    """SafeLoader with the resolvers of YAML 1.2's core schema."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$",
        list("-+.0123456789"),
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def read_document(path: Path) -> Document:
    """Parse one YAML file.

    Raises:
        SceneFileError: unreadable, not YAML, tags, duplicate keys, too large.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SceneFileError(
            Fault(str(path), f"cannot read the file: {error.strerror}", "check the path")
        ) from None
    if len(raw) > _MAX_BYTES:
        raise SceneFileError(Fault(str(path), f"the file has {len(raw)} bytes; limit {_MAX_BYTES}"))
    return parse_document(raw, str(path), path.resolve().parent)


def parse_document(raw: bytes | str, file: str, base: Path) -> Document:
    """Parse YAML text; `file` names it in messages, relative paths start at `base`."""
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        node = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise SceneFileError(Fault(file, f"not UTF-8 text: {error.reason}")) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise SceneFileError(Fault(where, f"not valid YAML: {error.problem}")) from None
    except RecursionError:
        raise SceneFileError(_too_deep(text, file)) from None
    except yaml.YAMLError as error:
        raise SceneFileError(Fault(file, f"not valid YAML: {error}")) from None
    builder = _Builder(file, base)
    builder.positions[()] = Position(file, 1, 1, base)
    data = builder.build(node, ()) if node is not None else {}
    if builder.faults:
        raise SceneFileError(builder.faults)
    return Document(data, builder.positions)


def _too_deep(text: str, file: str) -> Fault:
    """Where the nesting passes the limit; the parser's events need no recursion."""
    depth, where = 0, file
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        mark = event.start_mark
        if depth > _MAX_DEPTH and mark is not None:
            where = f"{file}:{mark.line + 1}:{mark.column + 1}"
            break
    return Fault(where, f"nested more than {_MAX_DEPTH} levels deep", "close the brackets")


class _Builder:
    def __init__(self, file: str, base: Path) -> None:
        self.file, self.base = file, base
        self.positions: dict[Location, Position] = {}
        self.faults: list[Fault] = []
        self.count = 0
        self.loader = _Loader("")

    def at(self, node: yaml.Node) -> Position:
        mark = node.start_mark
        return Position(self.file, mark.line + 1, mark.column + 1, self.base)

    def fault(self, node: yaml.Node, what: str, cure: str = "") -> None:
        self.faults.append(Fault(str(self.at(node)), what, cure))

    def build(self, node: yaml.Node, location: Location) -> Any:
        self.count += 1
        if self.count > _MAX_VALUES or len(location) > _MAX_DEPTH:
            limit = f"more than {_MAX_VALUES} values or {_MAX_DEPTH} levels (aliases count, too)"
            raise SceneFileError(Fault(str(self.at(node)), limit, "split the file"))
        self.positions[location] = self.at(node)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            if node.tag != "tag:yaml.org,2002:seq":
                self.tag_fault(node)
            return [self.build(item, (*location, i)) for i, item in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, location: Location) -> dict[Any, Any]:
        if node.tag != "tag:yaml.org,2002:map":
            self.tag_fault(node)
            return {}
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(key_node, "expected plain text as key", "quote it or rename it")
                continue
            if key_node.value == "<<" and key_node.style is None:
                cure = "use `extends: FILE`, or write the settings out"
                self.fault(key_node, "merge keys (<<) are not supported", cure)
                continue
            key = self.scalar(key_node)
            # A scalar key is text to us: weighted: {1: 3} and labels such as `9:` stay usable.
            key = key_node.value if not isinstance(key, (str, int)) or key is True else key
            if key in out:
                self.fault(key_node, f"the key {key!r} is written twice", "keep one of them")
            out[key] = self.build(value_node, (*location, key))
            self.positions[(*location, key)] = self.at(key_node)
        return out

    def scalar(self, node: yaml.Node) -> Any:
        known = ("null", "bool", "int", "float", "str")
        if node.tag not in {f"tag:yaml.org,2002:{name}" for name in known}:
            self.tag_fault(node)
            return None
        if node.tag.endswith(":int") and len(node.value) > 20:
            self.fault(node, f"the number {node.value[:24]}... is too large")
            return 0
        if node.tag.endswith(":int"):  # '0123' is decimal in YAML 1.2, octal to PyYAML
            return int(node.value)
        return self.loader.construct_object(node)

    def tag_fault(self, node: yaml.Node) -> None:
        self.fault(node, f"YAML tags are not allowed: {node.tag}", "write plain values")
