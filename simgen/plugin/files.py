"""Files that scene files point at: listing and content hashes."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from simgen.errors import AssetError, Fault
from simgen.records.material import FileRef
from simgen.spec.fields import Root

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def list_files(root: Root, suffixes: tuple[str, ...]) -> list[str]:
    """Names below a root with one of the suffixes, sorted; `""` if the root is such a file.

    Raises:
        AssetError: the root does not exist, or holds no such file.
    """
    path = root.location
    if path.is_file():
        return [""]
    if not path.is_dir():
        raise AssetError(
            Fault(root.name or root.written, f"there is no file or folder {path}", "fix the path")
        )
    found = sorted(
        p.relative_to(path).as_posix()
        for p in path.rglob("*")
        if p.suffix.lower() in suffixes and p.is_file()
    )
    if not found:
        kinds = ", ".join(suffixes)
        raise AssetError(Fault(root.name or root.written, f"no file of {kinds} in {path}"))
    return found


def file_ref(root: Root, name: str) -> FileRef:
    """Reference by content to a file below a root (`name` "" is the root itself)."""
    path = locate(root.location, name)
    return FileRef(root.name, name, sha256_of(path))


def locate(root: Path, name: str) -> Path:
    """The file `name` below `root`; records may be foreign, so it cannot leave the root.

    Raises:
        AssetError: it does not exist or lies outside.
    """
    path = root / name if name else root
    if name and not path.resolve().is_relative_to(root.resolve()):
        raise AssetError(Fault(str(root), f"the name {name!r} leads out of the folder"))
    if not path.is_file():
        raise AssetError(Fault(str(path), "the file is missing", "restore it or fix the path"))
    return path


def sha256_of(path: Path) -> str:
    """Hex digest of a file, cached until it changes."""
    stat = path.stat()
    return _sha256(str(path), stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=65536)
def _sha256(path: str, mtime_ns: int, size: int) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
