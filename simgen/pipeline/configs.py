"""Configs of stages: where presets lie, and what the files that they name hold."""

from __future__ import annotations

import hashlib
from pathlib import Path


def content_mark(path: Path) -> str:
    """Hex digest of a file; of a folder: of the names and sizes of all that is in it."""
    if path.is_file():
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        whole.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\n".encode())
    return whole.hexdigest()
