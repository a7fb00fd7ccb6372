"""Write the page of a dataset: data scripts, thumbnails, coloured maps, the HTML file."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from simgen.dataset.atomic import write_atomic
from simgen.dataset.layout import chunked
from simgen.dataset.named_values import frame_values, label_values
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord
from simgen.errors import DataError, Fault
from simgen.report.contact_sheet import evenly
from simgen.report.view.columns import Columns
from simgen.report.view.frame_data import labels_of, points_of, write_map, write_thumb

PAGE = "index.html"
_EACH = 200  # frames a data script
_MAPS = ("depth", "sensor_depth", "normals", "albedo")
_AHEAD = 32
# Of a frame: its number, values of it and of its labels to filter by, what is shown of it.
Done = tuple[int, tuple[dict[str, Any], list[dict[str, Any]]], dict[str, Any]]


@dataclass(frozen=True)
class ViewOptions:
    """What the page has.

    Args:
        maps: coloured maps of depth and normals.
        points: frames, evenly spaced, with a point cloud.
        copy: put the pictures into the folder, so that it can be sent away alone.
        threads: that decode and encode.
    """

    maps: bool = True
    points: int = 200
    copy: bool = False
    threads: int = 2


@dataclass(frozen=True)
class ViewResult:
    """What was written: the page, and how many frames and labels it shows."""

    page: Path
    frames: int
    labels: int


def write_view(
    root: Path,
    out: Path,
    options: ViewOptions | None = None,
    on_frame: Callable[[int], None] = lambda frame: None,
) -> ViewResult:
    """Write the page of a dataset; thumbnails and maps that are there already are kept.

    Args:
        out: folder of the page.

    Raises:
        RunFolderError: not a dataset, or a damaged record.
        DataError: it has no pictures.
        StorageError: `out` cannot be written.
    """
    options = options or ViewOptions()
    dataset = Dataset.open(root)
    frames = list(dataset.frames())
    if not frames or "rgb" not in dataset.manifest.outputs:
        what = "there are no pictures to show"
        raise DataError(Fault(str(root), what, "render with the output `rgb`"))
    maps = tuple(o for o in _MAPS if options.maps and o in dataset.manifest.outputs)
    clouds = set(evenly(frames, options.points)) if options.points else set()
    categories = dataset.manifest.categories
    columns = Columns(tuple(c.name for c in categories))
    work = _Work(dataset, out, maps, clouds, options.copy)
    chunk: list[dict[str, Any]] = []
    with ThreadPoolExecutor(max(1, options.threads)) as pool:
        for frame, values, shown in _in_order(pool, work, dataset.records()):
            columns.add(*values)
            chunk.append(shown)
            if len(chunk) == _EACH or frame == frames[-1]:
                number = (len(columns.frames) - 1) // _EACH
                _script(out / "data" / f"{number:05d}.js", f"VIEW.chunk({number}", chunk)
                chunk = []
            on_frame(frame)
    _script(out / "data" / "columns.js", "VIEW.start(0", columns.plain() | _about(dataset, maps))
    write_atomic(out / PAGE, _html(dataset.layout.root.resolve().name))
    labels = sum(n for row in columns.counts for n in row.values())
    return ViewResult(out / PAGE, len(frames), labels)


@dataclass(frozen=True)
class _Work:
    """What a thread does for a frame."""

    dataset: Dataset
    out: Path
    maps: tuple[str, ...]
    clouds: set[int]
    copy: bool

    def __call__(self, record: FrameRecord) -> Done:
        frame, dataset = record.frame, self.dataset
        thumb = self.out / "thumbs" / chunked(frame, ".jpg")
        if not _fresh(thumb, dataset.file("rgb", frame)):
            write_thumb(dataset, frame, thumb)
        for name in self.maps:
            path = self.out / name / chunked(frame, ".jpg")
            if name in record.files and not _fresh(path, dataset.file(name, frame)):
                write_map(dataset, name, frame, path)
        cloud = points_of(dataset, record) if frame in self.clouds else None
        if cloud is not None:
            _script(self.out / "points" / chunked(frame, ".js"), f"VIEW.cloud({frame}", cloud)
        values = frame_values(dataset, record)
        shown = {
            "f": frame,
            "p": self._picture(record),
            "s": dataset.size(record),
            "l": labels_of(dataset, record),
            "x": {n: v for n, v in values.items() if n not in ("frame", "width", "height")},
            "r": self._link(dataset.layout.record(frame)),
            "q": list(record.captions or ()),
            "o": cloud is not None,
        }
        return frame, (values, label_values(dataset, record)), shown

    def _picture(self, record: FrameRecord) -> str:
        path = self.dataset.file("rgb", record.frame)
        if not self.copy:
            return self._link(path)
        target = self.out / "images" / chunked(record.frame, path.suffix)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, target)
            except OSError:
                write_atomic(target, path.read_bytes())
        return target.relative_to(self.out).as_posix()

    def _link(self, path: Path) -> str:
        return Path(os.path.relpath(path.resolve(), self.out.resolve())).as_posix()


def _in_order(
    pool: ThreadPoolExecutor, work: _Work, records: Iterator[FrameRecord]
) -> Iterator[Done]:
    flying: deque[Future[Done]] = deque(pool.submit(work, r) for r in islice(records, _AHEAD))
    while flying:
        yield flying.popleft().result()
        flying.extend(pool.submit(work, r) for r in islice(records, 1))


def _fresh(made: Path, source: Path) -> bool:
    return made.is_file() and made.stat().st_mtime_ns >= source.stat().st_mtime_ns


def _about(dataset: Dataset, maps: tuple[str, ...]) -> dict[str, Any]:
    manifest = dataset.manifest
    made = manifest.stage.kind if manifest.stage else manifest.engine
    categories = [
        {"name": c.name, "keypoints": c.keypoints, "skeleton": c.skeleton}
        for c in manifest.categories
    ]
    return {"name": dataset.layout.root.resolve().name, "made": made, "each": _EACH,
            "categories": categories, "maps": list(maps)}  # fmt: skip


def _script(path: Path, call: str, data: Any) -> None:
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    write_atomic(path, f"{call},{text});\n".encode())


def _html(name: str) -> bytes:
    """The one HTML file: style and program inside, data beside."""
    from html import escape

    here = Path(__file__).parent
    page = (here / "view.html").read_text()
    for part in ("css", "js"):
        page = page.replace(f"/*{part}*/", (here / f"view.{part}").read_text())
    return page.replace("$NAME", escape(name)).encode()
