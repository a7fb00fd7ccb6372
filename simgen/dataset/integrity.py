"""Whether a frame on disk is whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import msgspec

from simgen.dataset.layout import Layout, chunked
from simgen.dataset.records import FileFact, FrameRecord
from simgen.dataset.urls import Sizes
from simgen.errors import Fault, WorkError
from simgen.records.serial import from_json


@dataclass(frozen=True)
class _Files:
    # Decoding the files alone skips the masks: a resume looks at every record.
    files: dict[str, FileFact]


def is_complete(layout: Layout, frame: int, outputs: tuple[str, ...]) -> bool:
    """Whether the record exists and its files have the recorded sizes."""
    try:
        files = from_json(_Files, layout.record(frame).read_bytes()).files
        if set(files) != set(outputs):
            return False
        return all((layout.root / f.name).stat().st_size == f.bytes for f in files.values())
    except (OSError, msgspec.DecodeError):
        return False


def is_listed(sizes: Sizes, frame: int) -> bool:
    """The same for a folder behind a URL, by listings alone: objects appear whole, the record last.

    Reading every record of a large set would take hours; `simgen verify` does.
    """
    return bool(sizes(f"frames/{chunked(frame, '.json')}"))


def damaged_files(layout: Layout, record: FrameRecord) -> list[str]:
    """Names of files whose content is not what the record says."""
    out = []
    for fact in record.files.values():
        path = layout.root / fact.name
        if not path.is_file():
            out.append(fact.name)
            continue
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != fact.sha256:
                out.append(fact.name)
    return out


_SHOWN = 8


@dataclass
class Damage:
    """Collects frames whose files are not what their records say.

    Args:
        layout: of the run folder.
        verify: compare hashes, not only sizes.
        maker: the command that makes missing frames.
    """

    layout: Layout
    verify: bool = False
    maker: str = "simgen render"
    faults: list[Fault] = field(default_factory=list)
    frames: int = 0

    def __post_init__(self) -> None:
        self._sizes = Sizes(self.layout.root)

    def look(self, record: FrameRecord) -> None:
        """Check the files of one frame."""
        wrong = [f for f in record.files.values() if self._size(f) != f.bytes]
        changed = damaged_files(self.layout, record) if self.verify and not wrong else []
        self.frames += bool(wrong or changed)
        if not (wrong or changed) or self.frames > _SHOWN:
            return
        cure = f"run the same `{self.maker}` again: it re-makes this frame"
        what = "; ".join(self._what(fact) for fact in wrong)
        if changed:
            path = self.layout.record(record.frame)
            what = f"{', '.join(changed)}: other content than recorded (sha256)"
            cure = f"delete {path} and run the same `{self.maker}` again"
        self.faults.append(Fault(f"{self.layout.root} frame {record.frame}", what, cure))

    def stop(self) -> None:
        """Raise if there was any.

        Raises:
            WorkError: the first frames with their files, and how many more there are.
        """
        if self.frames > _SHOWN:
            what = f"... and {self.frames - _SHOWN} more damaged frames"
            self.faults.append(Fault(str(self.layout.root), what))
        if self.faults:
            raise WorkError(self.faults)

    def _size(self, fact: FileFact) -> int | None:
        return self._sizes(fact.name)

    def _what(self, fact: FileFact) -> str:
        size = self._size(fact)
        if size is None:
            return f"{fact.name} is missing"
        return f"{fact.name} has {size} bytes instead of {fact.bytes}"
