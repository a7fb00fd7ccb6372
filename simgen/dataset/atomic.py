"""Files that are either whole or not there: staged, synced, renamed.

POSIX `rename(2)` within one folder is atomic; the folder is synced afterwards, or the new name
may be lost in a power cut.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from simgen.dataset.urls import UrlPath
from simgen.errors import Fault, RunFolderError, StorageError

_COUNTER = itertools.count()
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def storage_error(path: Path, error: OSError) -> StorageError:
    """The product's answer to an operating system error on `path`."""
    cure = "check the disk, then run the same command again: it goes on where it stopped"
    if error.errno in _FULL:
        cure = "free some space, then run the same command again: it goes on where it stopped"
    elif error.errno in _CLOSED:
        cure = "make the folder writable, or choose another one"
    what = f"cannot write: {error.strerror or error}"
    return StorageError(Fault(str(path), what, cure))


def write_atomic(path: Path, data: bytes) -> None:
    """Replace a file as a whole.

    Raises:
        StorageError: disk full, read-only, no permission; the old file is untouched.
    """
    commit([(path, data)])


def commit(
    files: Iterable[tuple[Path, bytes | Path]], guard: Callable[[], None] | None = None
) -> None:
    """Write several files; none gets its name before all are safely on disk, in this order.

    Args:
        files: names with their bytes, or with a file to take as it is: a hard link where the
            disk allows, otherwise a copy.
        guard: called before the first and before the last file gets its name; what it raises
            stops the commit.

    Raises:
        StorageError: nothing of it is left behind, unless a rename itself failed.
    """
    staged: list[tuple[Path, Path]] = []
    target = Path()
    try:
        files = list(files)
        if files and isinstance(files[0][0], UrlPath):
            return _commit_objects(files, guard)
        for target, data in files:
            staged.append((temporary_name(target), target))
            if isinstance(data, Path):
                _take(data, staged[-1][0])
            else:
                _write_synced(staged[-1][0], data)
        for position, (temporary, target) in enumerate(staged):
            last = position == len(staged) - 1  # its name makes the others true
            if last:
                _sync_folders(t for _, t in staged[:-1])
            if guard is not None and (last or position == 0):
                guard()
            os.rename(temporary, target)
        _sync_folders([target])
    except OSError as error:
        raise storage_error(target, error) from error
    finally:
        for temporary, _ in staged:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def create_exclusive(path: Path, data: bytes) -> bool:
    """Create a file unless it exists; of two writers at once exactly one wins.

    Returns:
        Whether this call created it; False when equal bytes were there already.

    Raises:
        RunFolderError: other bytes were there.
        StorageError: it cannot be written.
    """
    temporary = temporary_name(path)
    try:
        if isinstance(path, UrlPath):
            return path.create(data) or _same_or_error(path, data)
        _write_synced(temporary, data)
        _link(temporary, path, data)
        _sync_folders([path])
        return True
    except FileExistsError:
        return _same_or_error(path, data)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Remove a folder and everything in it, if it is there.

    Raises:
        OSError: something of it cannot be removed.
    """
    if isinstance(folder, UrlPath):
        folder.remove_tree()
        return
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


@contextmanager
def atomic_stream(path: Path) -> Iterator[BinaryIO]:
    """A binary file to write in pieces; it gets its name when the block ends without error.

    Raises:
        StorageError: it cannot be written; nothing is left behind.
    """
    if isinstance(path, UrlPath):
        with _upload(path) as stream:
            yield stream
        return
    temporary = temporary_name(path)
    try:
        _make_folder(temporary.parent)
        with open(temporary, "xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(temporary, path)
        _sync_folders([path])
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def side_file(path: Path) -> Iterator[BinaryIO]:
    """A nameless file beside `path` for as long as the block lasts."""
    folder = None if isinstance(path, UrlPath) else path.parent
    with tempfile.TemporaryFile(dir=folder) as stream:
        yield stream


@contextmanager
def _upload(path: UrlPath) -> Iterator[BinaryIO]:
    try:
        with tempfile.NamedTemporaryFile() as stream:
            yield stream  # type: ignore[misc]  # a file in all that matters
            stream.flush()
            path.upload(Path(stream.name))
    except OSError as error:
        raise storage_error(path, error) from error


def _commit_objects(
    files: Sequence[tuple[Path, bytes | Path]], guard: Callable[[], None] | None
) -> None:
    """Objects appear whole; the last one makes the others true."""
    for position, (target, data) in enumerate(files):
        if guard is not None and position in (0, len(files) - 1):
            guard()
        assert isinstance(target, UrlPath)
        try:
            target.put(data.read_bytes() if isinstance(data, Path) else data)
        except OSError as error:
            raise storage_error(target, error) from error


def temporary_name(path: Path) -> Path:
    """A name beside `path` that no other writer has; it starts with a dot."""
    return path.with_name(f".{path.name}.{os.getpid()}-{next(_COUNTER)}.tmp")


def _make_folder(folder: Path) -> None:
    """A folder that outlives a power cut: the names of new folders are synced, too."""
    if folder.is_dir():
        return
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    _sync_folders(reversed(new))


def _write_synced(path: Path, data: bytes) -> None:
    _make_folder(path.parent)
    with open(path, "xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _take(source: Path, temporary: Path) -> None:
    _make_folder(temporary.parent)
    real = os.path.realpath(source)  # a link to a link would break with the source's folder
    try:
        os.link(real, temporary)
    except OSError as error:
        if error.errno not in (*_NO_LINKS, errno.EXDEV, errno.EACCES):
            raise
        with open(real, "rb") as old, open(temporary, "xb") as new:
            shutil.copyfileobj(old, new, 1 << 20)
            new.flush()
            os.fsync(new.fileno())


def _link(temporary: Path, path: Path, data: bytes) -> None:
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with open(path, "xb") as stream:  # exFAT and some network disks know no hard links
            stream.write(data)


def _same_or_error(path: Path, data: bytes) -> bool:
    if path.read_bytes() == data:
        return False
    what = "the file exists with other content; stored records are never replaced"
    raise RunFolderError(Fault(str(path), what, "choose another folder"))


def _sync_folders(paths: Iterable[Path]) -> None:
    for folder in dict.fromkeys(path.parent for path in paths):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network disks cannot sync a folder
                raise
        finally:
            os.close(descriptor)
