"""Which variants a folder of meshes holds, and what they are called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from simgen.errors import AssetError, Fault
from simgen.plugin.files import list_files
from simgen.spec.fields import Root

# File and folder names that say how a mesh was made, not what it is (YCB's among them).
_GENERIC = {"textured", "textured_simple", "model", "mesh", "scene", "object", "nontextured"}
_GENERIC |= {"visual", "untitled", "google_16k", "google_64k", "google_512k", "poisson", "tsdf"}
_GENERIC |= {"meshes", "models"}


@dataclass(frozen=True)
class Entry:
    """One mesh file of a source.

    Args:
        variant: unique name.
        file: path below the root; "" if the root is the file.
        name: the thing's name, `{name}` in category templates.
    """

    variant: str
    file: str
    name: str


def catalogue(
    root: Root,
    suffixes: tuple[str, ...],
    include: tuple[str, ...] = (),
    names: dict[str, str] | None = None,
) -> dict[str, Entry]:
    """Entries by variant name, in the order of their paths.

    A folder that holds one mesh gives it its name (`mug/textured.obj` is `mug`); of several
    each keeps its own (`mug/a.obj` is `mug/a`, named `mug`). Meshes directly in the root are
    named by their stems.

    Raises:
        AssetError: nothing found, `names` has a key that fits nothing, or two meshes would
            get one name.
    """
    files = list_files(root, suffixes)
    if files == [""]:
        if root.location.suffix.lower() not in suffixes:
            what = f"{root.location.name} is not one of {', '.join(suffixes)}"
            raise AssetError(Fault(root.name or root.written, what))
        entries = [_single(root)]
    else:
        files = [f for f in files if not include or any(_fits(f, p) for p in include)]
        entries = _entries(root, files)
    entries = _renamed(entries, names or {}, root)
    out = {entry.variant: entry for entry in entries}
    if not out:
        what = f"no file in {root.location} fits include: {', '.join(include)}"
        raise AssetError(Fault(root.name or root.written, what, "fix the patterns"))
    if len(out) < len(entries):
        twice = next(v for v, n in Counter(e.variant for e in entries).items() if n > 1)
        what = f"two meshes of {root.location} are called {twice!r} (formats of one mesh?)"
        raise AssetError(Fault(root.name or root.written, what, "choose with `include:`"))
    return out


def _fits(file: str, pattern: str) -> bool:
    return fnmatchcase(file, pattern) or fnmatchcase(f"./{file}", pattern)


def thing_name(path: Path) -> str:
    """What a mesh file is a mesh of: its stem, or the folder's name where that says nothing."""
    if path.stem.lower() not in _GENERIC:
        return path.stem
    for folder in path.parents:
        if folder.name and folder.name.lower() not in _GENERIC:
            return folder.name
    return path.stem


def _single(root: Root) -> Entry:
    name = thing_name(root.location)
    return Entry(name, "", name)


def _entries(root: Root, files: list[str]) -> list[Entry]:
    per_folder = Counter(PurePosixPath(f).parent for f in files)
    simple = Counter(_folder_name(PurePosixPath(f), root) for f in files)
    out = []
    for file in files:
        path = PurePosixPath(file)
        name = _folder_name(path, root)
        if path.parent == PurePosixPath("."):
            generic = path.stem.lower() in _GENERIC and len(files) == 1
            stem = name if generic else path.stem
            out.append(Entry(stem, file, stem))
        elif per_folder[path.parent] == 1:
            short = name if simple[name] == 1 else path.parent.as_posix()
            out.append(Entry(short, file, name))
        else:
            out.append(Entry(path.with_suffix("").as_posix(), file, name))
    return out


def _folder_name(path: PurePosixPath, root: Root) -> str:
    for part in reversed(path.parent.parts):
        if part.lower() not in _GENERIC:
            return part
    return path.parent.name or root.location.name


def _renamed(entries: list[Entry], names: dict[str, str], root: Root) -> list[Entry]:
    unused = set(names)
    out = []
    for entry in entries:
        path = PurePosixPath(entry.file or root.location.name)
        # The most telling key wins: the file, the variant, then folders from the inside out.
        keys = [path.as_posix(), path.with_suffix("").as_posix(), entry.variant]
        keys += [parent.as_posix() for parent in path.parents if parent.name]
        found = [key for key in keys if key in names]
        unused -= set(found)
        name = names[found[0]] if found else entry.name
        out.append(Entry(entry.variant, entry.file, name))
    if unused:
        what = f"names: {', '.join(sorted(unused))} fits no mesh of {root.location}"
        raise AssetError(Fault(root.name or root.written, what, "use a file or folder below it"))
    return out
