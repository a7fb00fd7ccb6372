"""Verify: every file of a dataset folder against its record, and what belongs to no record."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

from simgen.dataset.coco import finalize
from simgen.dataset.layout import CHUNK, OUTPUT_FILES, Layout
from simgen.dataset.reader import Dataset, read_record, read_world
from simgen.dataset.records import FileFact, FrameRecord
from simgen.errors import RunFolderError, SimgenError

T = TypeVar("T")
_AHEAD = 64
_TEMPORARY = re.compile(r"\..+\.\d+-\d+\.tmp")
_NUMBERED = re.compile(r"(\d{8})\.[a-z]{3,4}")
# What else a dataset folder may hold; whose content is nobody's record.
_OTHERS = {"manifest.json", "annotations", "runs", "leases", "quarantine", "dropped", "worlds",
           "frames", "view", "contact_sheet.png", "contact_sheet.jpg", "lost+found"}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Args:
        kind: `damaged` (a frame or its world), `leftover` (of a commit that was cut short),
            `foreign` (of nobody, in a folder of ours), `stray` (of nobody, beside them), `index`.
        name: below the folder.
        what: about it.
        frame: whose it is, of `damaged`.
    """

    kind: Literal["damaged", "leftover", "foreign", "stray", "index"]
    name: str
    what: str
    frame: int | None = None


def verify(
    out: Path, threads: int = 1, on_frame: Callable[[int], None] = lambda frame: None
) -> Iterator[Finding]:
    """Read everything once.

    Args:
        threads: that read and hash.
        on_frame: called with each frame that was looked at.

    Raises:
        RunFolderError: not a dataset folder, or its manifest is damaged.
    """
    dataset = Dataset.open(out)
    damaged = False
    with ThreadPoolExecutor(max(1, threads)) as pool:
        looks = (lambda n=frame: list(_frame(dataset, n)) for frame in dataset.frames())
        for frame, findings in enumerate(_in_order(pool, looks)):
            on_frame(frame)
            damaged = damaged or bool(findings)
            yield from findings
    yield from verify_unowned(dataset)
    if not damaged:
        yield from verify_index(dataset)


def _in_order(pool: ThreadPoolExecutor, looks: Iterator[Callable[[], T]]) -> Iterator[T]:
    flying: deque[Future[T]] = deque(pool.submit(look) for look in islice(looks, _AHEAD))
    while flying:
        yield flying.popleft().result()
        flying.extend(pool.submit(look) for look in islice(looks, 1))


def _frame(dataset: Dataset, frame: int) -> Iterator[Finding]:
    """What is wrong with one frame."""
    layout = dataset.layout
    own = _name(layout, layout.record(frame))
    try:
        record = read_record(layout.record(frame))
    except RunFolderError as error:
        yield Finding("damaged", own, error.faults[0].what, frame)
        return
    if record.frame != frame:
        yield Finding("damaged", own, f"it is the record of frame {record.frame}", frame)
        return
    lacking = set(dataset.manifest.outputs) - set(record.files)
    if lacking:
        yield Finding("damaged", own, f"it has no {', '.join(sorted(lacking))}", frame)
    for fact in record.files.values():
        what = _wrong(layout, fact)
        if what:
            yield Finding("damaged", fact.name, what, frame)
    yield from _world(dataset, record)


def _wrong(layout: Layout, fact: FileFact) -> str:
    path = layout.root / fact.name
    try:
        if not path.is_file():
            return "missing"
        size = path.stat().st_size
        if size != fact.bytes:
            return f"{size} bytes instead of {fact.bytes}"
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return "" if digest == fact.sha256 else "other content than recorded (sha256)"


def _world(dataset: Dataset, record: FrameRecord) -> Iterator[Finding]:
    path = dataset.layout.world(record.world)
    if dataset.manifest.stage is not None and not path.is_file():
        return  # photographs show no world
    try:
        found = read_world(path)
    except RunFolderError as error:
        yield Finding("damaged", _name(dataset.layout, path), error.faults[0].what, record.frame)
        return
    if found.index != record.world:
        what = f"it is world {found.index}"
        yield Finding("damaged", _name(dataset.layout, path), what, record.frame)


def verify_unowned(dataset: Dataset) -> Iterator[Finding]:
    """Files that no record names. Their folders are read chunk by chunk."""
    layout = dataset.layout
    data = {folder for folder, _ in OUTPUT_FILES.values()}
    for path in sorted(layout.root.iterdir()):
        if path.name in data:
            yield from _unowned_files(dataset, path)
        elif _TEMPORARY.fullmatch(path.name):
            yield Finding("leftover", path.name, "a file that was never finished")
        elif path.name not in _OTHERS:
            yield Finding("stray", path.name, "not of simgen")
    for name in ("frames", "worlds", "annotations"):
        for path in _below(layout.root / name):
            if _TEMPORARY.fullmatch(path.name):
                what = "a file that was never finished"
                yield Finding("leftover", _name(layout, path), what)
            elif not path.name.endswith(".json"):
                yield Finding("foreign", _name(layout, path), "belongs to no record")


def _unowned_files(dataset: Dataset, folder: Path) -> Iterator[Finding]:
    layout = dataset.layout
    for path in _below(folder):
        number = _NUMBERED.fullmatch(path.name)
        name = _name(layout, path)
        if _TEMPORARY.fullmatch(path.name):
            yield Finding("leftover", name, "a file that was never finished")
        elif number is None or path.parent.name != f"{int(number[1]) // CHUNK:04d}":
            yield Finding("foreign", name, "belongs to no record")
        elif not layout.record(int(number[1])).is_file():
            yield Finding("leftover", name, "its frame was never committed")
        elif name not in _files_of(layout, int(number[1])):
            yield Finding("foreign", name, "belongs to no record")


def _files_of(layout: Layout, frame: int) -> set[str]:
    with suppress(RunFolderError):
        record = read_record(layout.record(frame))
        if record.frame == frame:
            return {fact.name for fact in record.files.values()}
    # The record is damaged, and found as that: nothing is known about its files.
    return {Layout.output_name(output, frame) for output in OUTPUT_FILES}


def _below(folder: Path) -> Iterator[Path]:
    """Files in the chunks of a folder, and whatever lies beside those."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from sorted(path.iterdir())
        else:
            yield path


def verify_index(dataset: Dataset) -> Iterator[Finding]:
    """Whether the COCO files are those of the records."""
    layout = dataset.layout
    if not layout.coco.exists():
        yield Finding("index", _name(layout, layout.coco), "missing")
        return
    with tempfile.TemporaryDirectory(prefix="simgen-index-") as folder:
        try:
            finalize(layout.root, into=Path(folder))
        except SimgenError as error:
            yield Finding("index", _name(layout, layout.coco), error.faults[0].what)
            return
        for fresh in sorted(Path(folder).iterdir()):
            stored = layout.coco.with_name(fresh.name)
            if not stored.is_file() or _digest(stored) != _digest(fresh):
                yield Finding("index", _name(layout, stored), "not that of the records")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _name(layout: Layout, path: Path) -> str:
    return path.relative_to(layout.root).as_posix()
