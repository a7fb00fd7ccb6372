"""The licence ledger of an asset folder, `ledger.json`: whose work each file is, on what terms.

`simgen assets import` writes it; people may write one for folders of their own, also of
textures and HDRIs. The nearest one from a file's folder up to the path setting counts, and its
rows follow the files into every dataset that shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from simgen.assets.licences import licence_of
from simgen.errors import AssetError, Fault
from simgen.plugin.files import sha256_of
from simgen.records.asset import Credit
from simgen.spec.fields import Params

LEDGER = "ledger.json"
_MAX_BYTES = 64 * 1024**2


class Row(Params):
    """One file."""

    file: str = Field(min_length=1, description="path below the ledger's folder")
    name: str = Field("", description="of the asset")
    sha256: str = Field("", description="of the file when the row was written")
    source: str = Field("", description="where it is from: a file, a page")
    author: str = Field("", description="who made it")
    licence: str = Field(min_length=1, description="SPDX expression, or `unknown`")
    attribution: str = Field("", description="the words that the licence asks for")


class Ledger(Params):
    """All rows."""

    simgen_ledger: Literal[1] = Field(description="format version")
    assets: tuple[Row, ...]


def credit_of(path: Path, top: Path) -> Credit:
    """What is known about a file: its row in the ledger, else the licence notes around it.

    Args:
        top: folder of the path setting; ledgers and notes above it do not count.

    Raises:
        AssetError: the ledger is malformed.
    """
    for folder in (path.parent, *path.parent.parents):
        found = folder / LEDGER
        if found.is_file() and not found.is_symlink():
            row = _rows(found, found.stat().st_mtime_ns).get(path.relative_to(folder).as_posix())
            if row is not None:
                name, now = row.name or path.stem, sha256_of(path)
                return Credit(name, row.licence, now, row.source, row.author, row.attribution)
        if folder == top:
            break
    return Credit(path.stem, licence_of(path.parent, top))


def read_ledger(path: Path) -> dict[str, Row]:
    """Rows by file; empty if there is no ledger, or a link in its place.

    Raises:
        AssetError: it is malformed.
    """
    try:
        if not path.is_file() or path.is_symlink():  # it could show any file of this machine
            return {}
        if path.stat().st_size > _MAX_BYTES:
            raise AssetError(Fault(str(path), "the ledger is larger than 64 MiB", _CURE))
        ledger = Ledger.model_validate(json.loads(path.read_bytes()))
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise AssetError(Fault(f"{path} {at}", first["msg"], _CURE)) from None
    except (OSError, ValueError, RecursionError) as error:
        raise AssetError(Fault(str(path), f"cannot be read as JSON: {error}", _CURE)) from None
    return {row.file: row for row in ledger.assets}


def ledger_text(rows: Iterable[Row]) -> bytes:
    """The file, rows sorted by name of their file."""
    plain = [row.model_dump() for row in sorted(rows, key=lambda row: row.file)]
    text = json.dumps({"simgen_ledger": 1, "assets": plain}, indent=1, ensure_ascii=False)
    return text.encode() + b"\n"


@lru_cache(maxsize=16)
def _rows(path: Path, mtime_ns: int) -> dict[str, Row]:
    return read_ledger(path)


_CURE = 'expected {"simgen_ledger": 1, "assets": [{"file": ..., "licence": ...}, ...]}'
