"""Finalize: the COCO index out of all frame records, in one pass with bounded memory."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from simgen.dataset.atomic import atomic_stream
from simgen.dataset.coco_rows import annotation_rows, image_row, info
from simgen.dataset.integrity import Damage
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord
from simgen.errors import Fault, RunFolderError
from simgen.records.serial import to_json, to_plain


def finalize(out: Path, *, verify: bool = False) -> tuple[int, int]:
    """Write `annotations/instances.json` from the records that are there.

    Images go straight into the new file; annotations go into a file beside it that is appended
    at the end, so memory stays flat however many frames there are.

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
    ids = {category.name: category.id for category in dataset.manifest.categories}
    licences: set[str] = set()
    with (
        atomic_stream(dataset.layout.coco) as stream,
        tempfile.TemporaryFile(dir=dataset.layout.coco.parent) as side,
    ):
        stream.write(b'{"info":' + _row(info(dataset.manifest)))
        stream.write(b',\n"categories":' + _row(to_plain(dataset.manifest.categories)))
        stream.write(b',\n"images":[')
        images, annotations = _Rows(stream), _Rows(side)
        damage = Damage(dataset.layout, verify)
        for record in dataset.records():
            damage.look(record)
            images.add(image_row(record, dataset.world(record.world)))
            _check_categories(out, record, ids)
            for row in annotation_rows(record, ids, annotations.count + 1):
                annotations.add(row)
            licences.update(record.licences)
        damage.stop()
        stream.write(b'],\n"annotations":[')
        side.seek(0)
        shutil.copyfileobj(side, stream)
        stream.write(b'],\n"licenses":' + _row(_licence_rows(licences)) + b"}\n")
    return images.count, annotations.count


@dataclass
class _Rows:
    """Rows of a JSON array, one a line."""

    stream: BinaryIO | Any
    count: int = 0

    def add(self, row: dict[str, Any]) -> None:
        self.stream.write((b",\n" if self.count else b"\n") + _row(row))
        self.count += 1


def _row(row: Any) -> bytes:
    return to_json(row).rstrip(b"\n")


def _licence_rows(names: set[str]) -> list[dict[str, Any]]:
    return [{"id": i, "name": name, "url": ""} for i, name in enumerate(sorted(names), start=1)]


def _check_categories(out: Path, record: FrameRecord, ids: dict[str, int]) -> None:
    unknown = sorted(set(record.annotations.category) - set(ids))
    if unknown:
        what = f"frame {record.frame} has categories that are not in the manifest: {unknown}"
        raise RunFolderError(Fault(str(out), what, "the folder is damaged; render into a new one"))
