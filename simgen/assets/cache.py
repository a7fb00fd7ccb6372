"""Caches: recent things in memory up to a number of bytes; costly ones on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class ByteCache(Generic[T]):
    """Keeps what was used last, up to a number of bytes; safe for threads.

    Args:
        limit_bytes: the newest entry is kept even if it alone is larger.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes, self.held_bytes = limit_bytes, 0
        self._entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """The entry, made if it is not held. Two threads may both make it; one is kept."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
        value = make()
        with self._lock:
            if key in self._entries:
                return self._entries[key][0]
            self._entries[key] = (value, size(value))
            self.held_bytes += self._entries[key][1]
            while self.held_bytes > self.limit_bytes and len(self._entries) > 1:
                _, (_, dropped) = self._entries.popitem(last=False)
                self.held_bytes -= dropped
        return value


class DiskCache:
    """Lists of arrays by key, written atomically; a damaged or missing entry is made anew.

    Args:
        folder: created when first written; None, or a folder that cannot be written, only
            costs the time to compute again.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def get(
        self, key: str, make: Callable[[], tuple[NDArray[np.float64], ...]]
    ) -> tuple[NDArray[np.float64], ...]:
        """The arrays kept under `key`, made and kept if there are none."""
        if self.folder is None:
            return make()
        path = self.folder / key[:2] / f"{key}.npz"
        found = _read(path)
        if found is None:
            found = make()
            _write(path, found)
        return found


def default_cache_dir() -> Path:
    """$XDG_CACHE_HOME/simgen, or ~/.cache/simgen (XDG base directory specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "simgen"


def cache_key(*parts: Any) -> str:
    """sha256 hex of the parts' text."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _read(path: Path) -> tuple[NDArray[np.float64], ...] | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return tuple(stored[f"a{i}"] for i in range(len(stored.files)))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _write(path: Path, arrays: tuple[NDArray[np.float64], ...]) -> None:
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as stream:
            temporary = stream.name
            np.savez(stream, **{f"a{i}": array for i, array in enumerate(arrays)})
        os.replace(temporary, path)
    except OSError:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
