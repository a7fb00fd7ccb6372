"""Run folders behind a URL (`s3://bucket/set`): the methods of `Path` that they need, over fsspec.

Rules that hold on every store: an object appears whole or not at all (PUT), its record comes last,
and what must exist once is created by a conditional PUT. Requests that fail for a reason that may
pass are tried again, later each time. A PUT whose answer was lost may have worked: writing the
same bytes again is harmless, and creating finds its own bytes.

A path behind a URL is a `Path` so that layouts and readers need not know. It has no name that the
system could open: whatever is not written here fails at once instead of making a local file.
"""

from __future__ import annotations

import fnmatch
import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path, PosixPath
from types import SimpleNamespace
from typing import Any, TypeVar

from simgen.errors import Fault, MissingExtraError, RunFolderError

T = TypeVar("T")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://")
_TRIES, _WAIT_S = 6, 0.2
# Answers, not accidents; ValueError and the like are mistakes of ours.
_FINAL = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError,
          NotADirectoryError, ValueError, TypeError, AttributeError, NotImplementedError,
          ImportError)  # fmt: skip
_FOLDERS = {"file", "local", "sftp", "ssh", "ftp", "smb", "hdfs", "webhdfs", "memory"}
_AHEAD, _LISTED = 16, 16


def place(text: str) -> Path:
    """A folder that a person named: a path, or a URL.

    Raises:
        RunFolderError: nobody knows such URLs.
        MissingExtraError: the package for them is not installed.
    """
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    if not _SCHEME.match(text):
        return Path(text)
    path = UrlPath(text)
    path.store()
    return path


def reach(path: Path) -> None:
    """Make sure that a store behind a URL answers at all.

    Raises:
        RunFolderError: it does not.
    """
    if not isinstance(path, UrlPath):
        return
    try:
        path.exists()
    except Exception as error:  # each store has its own: no credentials, no such bucket, no net
        what = f"cannot be reached: {type(error).__name__}: {error}"
        raise RunFolderError(Fault(str(path), what, "check name, credentials, network")) from None


class UrlPath(PosixPath):
    """A path behind a URL."""

    __slots__ = ()

    def store(self) -> tuple[Any, str]:
        """The file system of fsspec and the name in it.

        Raises:
            RunFolderError, MissingExtraError: see `place`.
        """
        try:
            import fsspec

            found: tuple[Any, str] = fsspec.core.url_to_fs(str(self), use_listings_cache=False)
        except ImportError as error:
            cure = "pip install 'simgen[farm]', or the package that fsspec names"
            raise MissingExtraError(Fault(str(self), str(error), cure)) from None
        except ValueError as error:  # "Protocol not known"
            raise RunFolderError(Fault(str(self), str(error), "see fsspec's list")) from None
        return found

    def __str__(self) -> str:
        first, *rest = self.parts or ("",)
        return f"{first}//{'/'.join(rest)}" if first.endswith(":") else "/".join(self.parts)

    def __repr__(self) -> str:
        return f"UrlPath({str(self)!r})"

    def as_posix(self) -> str:
        """The URL, or a name relative to one."""
        return str(self)

    def __fspath__(self) -> str:
        raise TypeError(f"{self} is no file of this system")

    def __reduce__(self) -> Any:
        return (UrlPath, (str(self),))

    def resolve(self, strict: bool = False) -> UrlPath:
        """Itself: it is absolute."""
        return self

    expanduser = absolute = resolve

    def stat(self, *, follow_symlinks: bool = True) -> Any:
        """`st_size` and `st_mtime_ns` (0: the store does not say)."""
        facts = self._ask(lambda fs, name: fs.info(name))
        return SimpleNamespace(st_size=int(facts.get("size") or 0), st_mtime_ns=0)

    def exists(self, **_: Any) -> bool:
        """Whether there is such an object, or anything below it."""
        return self._kind() is not None

    def is_file(self, **_: Any) -> bool:
        """Whether there is such an object."""
        return self._kind() == "file"

    def is_dir(self, **_: Any) -> bool:
        """Whether there is anything below it."""
        return self._kind() == "directory"

    def _kind(self) -> str | None:
        # `exists` of fsspec takes a request that failed for a missing object.
        try:
            return str(self._ask(lambda fs, name: fs.info(name))["type"])
        except FileNotFoundError:
            return None

    def read_bytes(self) -> bytes:
        """The whole object."""
        data: bytes = self._ask(lambda fs, name: fs.cat_file(name))
        return data

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        """The whole object as text."""
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")

    def open(self, mode: str = "rb", *_: Any, **__: Any) -> Any:
        """A stream to read from."""
        if mode != "rb":
            raise TypeError(f"{self} can be opened for reading alone")
        return self._ask(lambda fs, name: fs.open(name, "rb"))

    def iterdir(self) -> Iterator[UrlPath]:  # type: ignore[override]
        """What lies directly below; nothing where nothing is."""
        for name in self.listing():
            yield self / name

    def listing(self) -> dict[str, int]:
        """Names directly below with their sizes."""
        try:
            found = self._ask(lambda fs, name: fs.ls(name, detail=True))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        entries = ((str(e["name"]).rstrip("/"), e) for e in found)
        own = self.store()[1].rstrip("/")
        return {
            name.rsplit("/", 1)[-1]: int(e.get("size") or 0) for name, e in entries if name != own
        }

    def glob(self, pattern: str) -> Generator[UrlPath, None, None]:  # type: ignore[override, unused-ignore]
        """Names directly below that fit."""
        return (path for path in self.iterdir() if fnmatch.fnmatchcase(path.name, pattern))

    def mkdir(self, mode: int = 0, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: folders come and go with their objects."""

    def rmdir(self) -> None:
        """Nothing, either."""

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the object."""
        try:
            self._ask(lambda fs, name: fs.rm_file(name))
        except FileNotFoundError:
            if not missing_ok:
                raise

    def remove_tree(self) -> None:
        """Remove everything below."""
        with suppress(FileNotFoundError):
            self._ask(lambda fs, name: fs.rm(name, recursive=True))

    def put(self, data: bytes) -> None:
        """Write or replace the object as a whole."""
        self._ask(lambda fs, name: _in_folder(fs, name, lambda: fs.pipe_file(name, data)))

    def upload(self, file: Path) -> None:
        """The same with the content of a local file."""
        self._ask(lambda fs, name: _in_folder(fs, name, lambda: fs.put_file(str(file), name)))

    def create(self, data: bytes) -> bool:
        """Write the object unless there is one; whether the one there is ours."""

        def pipe(fs: Any, name: str) -> None:
            _in_folder(fs, name, lambda: fs.pipe_file(name, data, mode="create"))

        try:
            self._ask(pipe)
        except FileExistsError:
            try:
                return self.read_bytes() == data
            except FileNotFoundError:  # removed meanwhile
                return False
        return True

    def _ask(self, what: Callable[[Any, str], T]) -> T:
        """Carry a request out, again if it fails for a reason that may pass.

        Raises:
            OSError: it went on failing.
        """
        fs, name = self.store()
        for attempt in range(_TRIES):
            try:
                return what(fs, name)
            except _FINAL:
                raise
            except Exception as error:  # each store has its own
                if attempt == _TRIES - 1:
                    if isinstance(error, OSError):
                        raise
                    raise OSError(f"{type(error).__name__}: {error}") from error
            time.sleep(_WAIT_S * 2**attempt)
        raise AssertionError


def _in_folder(fs: Any, name: str, write: Callable[[], None]) -> None:
    """Write; stores that are made of real folders want them first."""
    try:
        write()
    except FileNotFoundError:
        protocols = {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)
        if not protocols & _FOLDERS:  # the bucket is missing: nobody asked for a new one
            raise
        fs.makedirs(name.rsplit("/", 1)[0], exist_ok=True)
        write()


def ahead(paths: Iterable[Path]) -> Iterator[tuple[Path, Callable[[], bytes]]]:
    """Paths with what reads them, in order; behind URLs several are fetched ahead, at once."""
    waiting = iter(paths)
    first = next(waiting, None)
    if first is None:
        return
    if not isinstance(first, UrlPath):
        yield from ((path, path.read_bytes) for path in chain([first], waiting))
        return
    with ThreadPoolExecutor(_AHEAD) as pool:
        flying = deque(
            (p, pool.submit(p.read_bytes)) for p in chain([first], islice(waiting, _AHEAD))
        )
        while flying:
            path, future = flying.popleft()
            yield path, future.result
            flying.extend((p, pool.submit(p.read_bytes)) for p in islice(waiting, 1))


class Sizes:
    """Sizes of files below a folder; behind a URL whole folders are listed, the last few kept.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: OrderedDict[Path, dict[str, int]] = OrderedDict()

    def __call__(self, name: str) -> int | None:
        """Size of a file; None: there is no such file."""
        path = self._root / name
        if not isinstance(path, UrlPath):
            return path.stat().st_size if path.is_file() else None
        if path.parent not in self._listed:
            self._listed[path.parent] = path.parent.listing()
            if len(self._listed) > _LISTED:
                self._listed.popitem(last=False)
        return self._listed[path.parent].get(path.name)
