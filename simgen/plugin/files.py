"""Files that scene files point at: listing and content hashes.

A name may not leave the folder by itself (absolute, `..`): names come from records and mesh
files, which may be foreign. Nor may a link: a folder that was unpacked from a stranger's archive
could show any file of this machine. Links to places inside the folder are fine. Folders that
consist of links to elsewhere (DVC, git-annex, Bazel) need `follow_links: true` in the scene file:
then a file may be a link to anywhere; the folders on the way to it still may not lead out.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from simgen.errors import AssetError, Fault
from simgen.records.material import FileRef
from simgen.spec.fields import Root

BUNDLED = "bpy"  # in the place of a path setting's name: the environments that bpy brings
LINK_CURE = "put the file itself there, or set `follow_links: true` if you trust the folder's links"
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def list_files(root: Root, suffixes: tuple[str, ...]) -> list[str]:
    """Names below a root with one of the suffixes, sorted; `""` if the root is such a file.

    Raises:
        AssetError: the root does not exist, holds no such file, or a link that leads nowhere.
    """
    path = root.location
    if path.is_file():
        return [""]
    if not path.is_dir():
        raise AssetError(
            Fault(root.name or root.written, f"there is no file or folder {path}", "fix the path")
        )
    fitting = sorted(p for p in path.rglob("*") if p.suffix.lower() in suffixes)
    # Left out in silence they would change which objects are drawn.
    broken = [p for p in fitting if p.is_symlink() and not p.exists()]
    if broken:
        what = f"{len(broken)} links lead nowhere, the first is {broken[0]}"
        cure = "fetch what they point at (git annex get, dvc pull), or remove them"
        raise AssetError(Fault(root.name or root.written, what, cure))
    outside = [p for p in fitting if not _stays(p, root)]
    if outside:
        what = f"{len(outside)} links lead out of the folder, the first is {outside[0]}"
        raise AssetError(Fault(root.name or root.written, what, LINK_CURE))
    found = sorted(p.relative_to(path).as_posix() for p in fitting if p.is_file())
    if not found:
        kinds = ", ".join(suffixes)
        raise AssetError(Fault(root.name or root.written, f"no file of {kinds} in {path}"))
    return found


def bundled_hdris() -> Root:
    """The folder of CC0 environments (Poly Haven's) inside bpy, found without importing it.

    Raises:
        AssetError: bpy is not installed.
    """
    found = importlib.util.find_spec("bpy")
    for place in (found.submodule_search_locations or ()) if found else ():
        for folder in sorted(Path(place).glob("*/datafiles/studiolights/world")):
            return Root("bpy's environments", folder, BUNDLED)
    cure = "set `path` to HDRI files, or pip install 'simgen[cycles]' (Python 3.11)"
    raise AssetError(Fault("environment", "bpy, which brings HDRIs, is not installed", cure))


def file_ref(root: Root, name: str) -> FileRef:
    """Reference by content to a file below a root (`name` "" is the root itself)."""
    path = locate(root, name)
    return FileRef(root.name, name, sha256_of(path))


def locate(root: Root, name: str) -> Path:
    """The file `name` below `root`; records may be foreign, so it cannot leave the root.

    Raises:
        AssetError: it does not exist or lies outside.
    """
    folder = root.location
    path = folder / name if name else folder
    if name and not lies_inside(folder, name, None if root.follow_links else folder):
        what = f"the name {name!r} leads out of the folder"
        cure = LINK_CURE if path.is_symlink() else "use a file that lies in the folder"
        raise AssetError(Fault(str(folder), what, cure))
    if not path.is_file():
        raise AssetError(Fault(str(path), "the file is missing", "restore it or fix the path"))
    return path


def lies_inside(root: Path, name: str, links: Path | None) -> bool:
    """Whether a relative name, slashes forward, is an entry below `root`.

    Args:
        links: folder in which the entry must end if it is a link; None: anywhere. The folders on
            the way to it may not lead out of `root` in any case.
    """
    pure = PurePosixPath(name)
    if "\0" in name or pure.is_absolute() or ".." in pure.parts or PureWindowsPath(name).drive:
        return False
    if not (root / pure).parent.resolve().is_relative_to(root.resolve()):
        return False
    return links is None or (root / pure).resolve().is_relative_to(links.resolve())


def _stays(path: Path, root: Root) -> bool:
    """Whether a listed file is where it seems to be; only links, and what lies behind linked
    folders, can be elsewhere."""
    return root.follow_links or path.resolve().is_relative_to(root.location.resolve())


def sha256_of(path: Path) -> str:
    """Hex digest of a file, cached until it changes."""
    stat = path.stat()
    return _sha256(str(path), stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=65536)
def _sha256(path: str, mtime_ns: int, size: int) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
