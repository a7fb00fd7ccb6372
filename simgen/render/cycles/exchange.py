"""The folder through which engine and worker pass arrays; nothing of it outlives the session."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from simgen.errors import Fault, StorageError

_PREFIX, _LOCK = "simgen-cycles-", "lock"
_MEMORY = Path("/dev/shm")
_ROOM_MIB = 1024  # less free memory than this, and a folder on disk is used
_HELD_MIB = 256  # arrays kept for the worker; older ones are written again when needed


class Exchange:
    """A temporary folder with arrays by content."""

    def __init__(self) -> None:
        place = _place() or tempfile.gettempdir()
        _sweep(Path(place))
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        self._lock: BinaryIO | None = _own(self.folder)
        self._files: OrderedDict[str, int] = OrderedDict()
        self._keys: dict[int, tuple[Any, str]] = {}

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def array(self, array: NDArray[Any]) -> dict[str, str]:
        """`{key, path}` of an array, written if it is not there."""
        key = self._key_of(array)
        return self._put(key, f"{key}.npy", lambda path: np.save(path, array), array.nbytes)

    def arrays(self, key: str, arrays: dict[str, NDArray[Any]]) -> dict[str, str]:
        """`{key, path}` of several arrays under a key that stands for their content."""
        size = sum(a.nbytes for a in arrays.values())
        return self._put(key, f"{key}.npz", lambda path: np.savez(path, **arrays), size)

    def holds(self, key: str) -> dict[str, str] | None:
        """`{key, path}` if the arrays of this key are there."""
        name = f"{key}.npz"
        if name not in self._files:
            return None
        self._files.move_to_end(name)
        return {"key": key, "path": str(self.folder / name)}

    def trim(self) -> None:
        """Remove the oldest arrays above the bound; for between worlds."""
        total = sum(self._files.values())
        while total > _HELD_MIB << 20 and self._files:
            name, size = self._files.popitem(last=False)
            (self.folder / name).unlink(missing_ok=True)
            total -= size
        self._keys.clear()  # they hold arrays that the library may have dropped

    def guard(self, needed: int) -> None:
        """Check that so many bytes can be written.

        Raises:
            StorageError: too little room.
        """
        free = shutil.disk_usage(self.folder).free
        if free < needed + (16 << 20):
            what = f"{needed >> 20} MiB are needed for passing frames on, {free >> 20} MiB are free"
            raise StorageError(Fault(str(self.folder), what, "make room, or set TMPDIR elsewhere"))

    def _key_of(self, array: NDArray[Any]) -> str:
        known = self._keys.get(id(array))
        if known is None:
            head = f"{array.dtype.str}{array.shape}".encode()
            digest = hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()
            known = self._keys[id(array)] = (array, digest)  # kept alive: its id stays its own
        return known[1]

    def _put(self, key: str, name: str, write: Any, size: int) -> dict[str, str]:
        path = self.folder / name
        if name not in self._files:
            self.guard(size)
            try:
                write(path)
            except OSError as error:
                raise StorageError(Fault(str(path), f"cannot be written: {error}")) from None
        self._files[name] = size
        self._files.move_to_end(name)
        return {"key": key, "path": str(path)}


def _own(folder: Path) -> BinaryIO:
    """A lock that shows that the folder's process lives: the system frees it when it dies."""
    stream = (folder / "lock.part").open("wb")
    fcntl.flock(stream, fcntl.LOCK_EX)
    (folder / "lock.part").rename(folder / _LOCK)  # never seen without being locked
    return stream


def _sweep(place: Path) -> None:
    """Remove folders of engines that were killed together with their worker."""
    for lock in place.glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError), lock.open("ab") as stream:  # in use, or another user's
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)


def _place() -> str | None:
    """Memory if there is room, and nobody chose a place; None lets `tempfile` decide."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return None
    return str(_MEMORY) if shutil.disk_usage(_MEMORY).free >> 20 > _ROOM_MIB else None
