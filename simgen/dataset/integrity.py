"""Whether a frame on disk is whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from simgen.dataset.layout import Layout
from simgen.dataset.records import FileFact, FrameRecord
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


def damaged_files(layout: Layout, record: FrameRecord) -> list[str]:
    """Names of files whose content is not what the record says."""
    out = []
    for fact in record.files.values():
        path = layout.root / fact.name
        if not path.is_file():
            out.append(fact.name)
            continue
        with open(path, "rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != fact.sha256:
                out.append(fact.name)
    return out
