"""A COCO file that is written row by row, with bounded memory, and appears whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from simgen.dataset.atomic import atomic_stream, side_file
from simgen.plugin.scene import Category
from simgen.records.asset import Credit
from simgen.records.serial import to_json, to_plain

KEY = "simgen"


@contextmanager
def open_index(
    path: Path, info: dict[str, Any], categories: Iterable[Category | dict[str, Any]] | None
) -> Iterator[CocoIndex]:
    """A COCO file that takes rows.

    Images go straight into the new file; annotations go into a file beside it that is appended
    at the end.

    Args:
        categories: None leaves the table out, as files of captions do.

    Raises:
        StorageError: it cannot be written; an older file stays as it was.
    """
    with atomic_stream(path) as stream, side_file(path) as side:
        stream.write(b'{"info":' + _row(info))
        if categories is not None:
            stream.write(b',\n"categories":' + _row([to_plain(row) for row in categories]))
        stream.write(b',\n"images":[')
        index = CocoIndex(_Rows(stream), _Rows(side))
        yield index
        stream.write(b'],\n"annotations":[')
        side.seek(0)
        shutil.copyfileobj(side, stream)
        stream.write(b'],\n"licenses":' + _row(_licence_rows(index)) + b"}\n")


@dataclass
class _Rows:
    """Rows of a JSON array, one a line."""

    stream: BinaryIO | Any
    count: int = 0

    def add(self, row: dict[str, Any]) -> None:
        self.stream.write((b",\n" if self.count else b"\n") + _row(row))
        self.count += 1


@dataclass
class CocoIndex:
    """What goes into one COCO file."""

    images: _Rows
    annotations: _Rows
    licences: set[str] = field(default_factory=set)
    credits: set[Credit] = field(default_factory=set)


def _row(row: Any) -> bytes:
    return to_json(row).rstrip(b"\n")


def _licence_rows(index: CocoIndex) -> list[dict[str, Any]]:
    """COCO licences; those of a ledger's assets name them, as their licences may ask for."""
    rows = []
    for number, name in enumerate(sorted(index.licences), start=1):
        row = {"id": number, "name": name, "url": _url(name)}
        assets = [to_plain(c) for c in index.credits if c.licence == name]
        if assets:
            assets.sort(key=lambda plain: (plain["name"], plain["sha256"]))
            row[KEY] = {"assets": [{k: v for k, v in a.items() if v} for a in assets]}
        rows.append(row)
    return rows


def _url(licence: str) -> str:
    known = licence.startswith(("CC", "MIT", "Apache-", "BSD-")) and " " not in licence
    return f"https://spdx.org/licenses/{licence}.html" if known else ""
