"""Small files of processes that work side by side: claims and beats, which need not survive."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from simgen.dataset.atomic import temporary_name
from simgen.dataset.urls import UrlPath

_RACES = 5


def claim(path: Path, data: bytes) -> bool:
    """Create a small file that need not survive a power cut, unless it exists.

    Returns:
        Whether this call created it: of several processes exactly one does.

    Raises:
        OSError: it cannot be written.
    """
    if isinstance(path, UrlPath):
        return path.create(data)
    try:
        _again(lambda: _write_new(path, data), path.parent)
    except FileExistsError:
        return False
    return True


def swap(path: Path, data: bytes) -> None:
    """Replace a small file that need not survive a power cut; readers see old or new.

    Raises:
        OSError: it cannot be written.
    """
    if isinstance(path, UrlPath):
        return path.put(data)
    temporary = temporary_name(path)
    try:
        _again(lambda: _write_new(temporary, data), path.parent)
        os.rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_new(path: Path, data: bytes) -> None:
    with open(path, "xb") as stream:
        try:
            stream.write(data)
            stream.flush()
        except OSError:  # a full disk takes names, but no content: nobody could tell whose it is
            path.unlink(missing_ok=True)
            raise


def _again(write: Callable[[], None], folder: Path) -> None:
    """Write into a folder that another process may remove when it finds it empty."""
    for _ in range(_RACES):
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            return write()
    return write()
