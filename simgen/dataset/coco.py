"""Finalize: the COCO index out of all frame records, in one pass with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from simgen.dataset.coco_index import KEY, CocoIndex, open_index
from simgen.dataset.coco_rows import annotation_rows, image_row, info
from simgen.dataset.integrity import Damage
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord, Manifest
from simgen.errors import Fault, RunFolderError
from simgen.spec.splits import split_of


def finalize(out: Path, *, verify: bool = False, into: Path | None = None) -> tuple[int, int]:
    """Write `annotations/instances.json` from the records that are there, and one file a split.

    Memory stays flat however many frames there are. A split's file
    (`annotations/val.json`) holds the same rows with the same ids for its worlds.

    Args:
        verify: read every file and compare its hash with the record, not only its size.
        into: folder of the files; None: `annotations`.

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
        about, known = info(dataset.manifest), dataset.manifest.categories
        whole = stack.enter_context(open_index(_within(into, dataset.layout.coco), about, known))
        parts = {
            name: stack.enter_context(
                open_index(_within(into, dataset.layout.split(name)), about, known)
            )
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


def _within(folder: Path | None, path: Path) -> Path:
    return path if folder is None else folder / path.name


def _maker(manifest: Manifest) -> str:
    return f"simgen {manifest.stage.kind if manifest.stage else 'render'}"


def _add(
    targets: list[CocoIndex],
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


def _check_categories(out: Path, record: FrameRecord, known: set[str]) -> None:
    unknown = sorted(set(record.annotations.category) - known)
    if unknown:
        what = f"frame {record.frame} has categories that are not in the manifest: {unknown}"
        raise RunFolderError(Fault(str(out), what, "the folder is damaged; make a new one"))
