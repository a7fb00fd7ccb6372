"""Finalize: the COCO index out of all frame records, in one pass with bounded memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from simgen.dataset.atomic import atomic_stream
from simgen.dataset.coco_rows import KEY, annotation_rows, image_row, info
from simgen.dataset.integrity import Damage
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord, Manifest
from simgen.errors import Fault, RunFolderError
from simgen.records.asset import Credit
from simgen.records.serial import to_json, to_plain
from simgen.spec.splits import split_of


def finalize(out: Path, *, verify: bool = False) -> tuple[int, int]:
    """Write `annotations/instances.json` from the records that are there, and one file a split.

    Images go straight into the new file; annotations go into a file beside it that is appended
    at the end, so memory stays flat however many frames there are. A split's file
    (`annotations/val.json`) holds the same rows with the same ids for its worlds.

    Args:
        verify: read every file and compare its hash with the record, not only its size.

    Returns:
        Number of images and of annotations.

    Raises:
        RunFolderError: not a run folder, or damaged.
        WorkError: files of frames are missing or not what their records say.
        StorageError: it cannot be written; an older index stays as it was.
    """
    dataset = Dataset.open(out)
    shares = dataset.manifest.splits or {}
    categories = {category.name: category for category in dataset.manifest.categories}
    with ExitStack() as stack:
        whole = stack.enter_context(_open_index(dataset.layout.coco, dataset.manifest))
        parts = {
            name: stack.enter_context(_open_index(dataset.layout.split(name), dataset.manifest))
            for name in shares
        }
        damage = Damage(dataset.layout, verify, _maker(dataset.manifest))
        for record in dataset.records():
            damage.look(record)
            image = image_row(record, dataset.scene(record), dataset.size(record))
            _check_categories(out, record, set(categories))
            rows = annotation_rows(record, categories, whole.annotations.count + 1)
            targets = [whole]
            if shares:
                split = image[KEY]["split"] = split_of(record.world, shares)
                targets.append(parts[split])
            _add(targets, image, rows, record)
        damage.stop()
    return whole.images.count, whole.annotations.count


def _maker(manifest: Manifest) -> str:
    return f"simgen {manifest.stage.kind if manifest.stage else 'render'}"


def _add(
    targets: list[_Index],
    image: dict[str, Any],
    rows: Iterator[dict[str, Any]],
    record: FrameRecord,
) -> None:
    for index in targets:
        index.images.add(image)
        index.licences.update(record.licences)
        index.credits.update(record.credits or ())
    for row in rows:
        for index in targets:
            index.annotations.add(row)


@contextmanager
def _open_index(path: Path, manifest: Manifest) -> Iterator[_Index]:
    """A COCO file that takes rows; it appears, whole, when all went well."""
    with atomic_stream(path) as stream, tempfile.TemporaryFile(dir=path.parent) as side:
        stream.write(b'{"info":' + _row(info(manifest)))
        stream.write(b',\n"categories":' + _row(to_plain(manifest.categories)))
        stream.write(b',\n"images":[')
        index = _Index(_Rows(stream), _Rows(side))
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
class _Index:
    """What goes into one COCO file."""

    images: _Rows
    annotations: _Rows
    licences: set[str] = field(default_factory=set)
    credits: set[Credit] = field(default_factory=set)


def _row(row: Any) -> bytes:
    return to_json(row).rstrip(b"\n")


def _licence_rows(index: _Index) -> list[dict[str, Any]]:
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


def _check_categories(out: Path, record: FrameRecord, known: set[str]) -> None:
    unknown = sorted(set(record.annotations.category) - known)
    if unknown:
        what = f"frame {record.frame} has categories that are not in the manifest: {unknown}"
        raise RunFolderError(Fault(str(out), what, "the folder is damaged; make a new one"))
