"""data.yaml of a YOLO set: names of the classes, and where the pictures lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from simgen.dataset.readers.photos import SUFFIXES
from simgen.errors import DataError, Fault

_CURE = "name the folder in which everything lies with `root`, if you trust the file"


def description(path: Path) -> Path | None:
    """The file that describes a set: the path itself, or the first fitting YAML in the folder."""
    files = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    for file in files:
        if file.suffix.lower() in (".yaml", ".yml") and file.is_file():
            try:
                names = read_description(file)["names"]
            except DataError:
                continue
            if isinstance(names, (dict, list)):
                return file
    return None


def read_description(file: Path) -> dict[str, Any]:
    """Its content, with `names` as a list or by number.

    Raises:
        DataError: not readable, or without names.
    """
    try:
        about = yaml.safe_load(file.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise DataError(Fault(str(file), f"cannot be read: {error}", "repair it")) from None
    names = about.get("names") if isinstance(about, dict) else None
    plain = isinstance(names, list) or (
        isinstance(names, dict) and all(type(key) is int and key >= 0 for key in names)
    )
    values = names if isinstance(names, list) else list((names or {}).values())
    if not plain or not values or len(set(map(str, values))) != len(values):
        what = "expected `names`: a list of different names, or {0: name, 1: name, ...}"
        raise DataError(Fault(str(file), what, "repair it"))
    named = [str(v) for v in values]
    fixed = dict(zip(names, named, strict=True)) if isinstance(names, dict) else named
    return {**about, "names": fixed}


def pictures(about: dict[str, Any], root: Path, split: str, file: Path) -> list[Path]:
    """Pictures of a split, or of all, in the order of splits and names.

    Args:
        about: the description.
        root: folder that holds everything; what leads out of it is an error.
        split: its key; "" takes all.
        file: the description's, for messages.

    Raises:
        DataError: there are none, or a place does not exist or leads out.
    """
    base = _inside(root, str(about.get("path") or "."), root, file)
    wanted = [split] if split else [s for s in ("train", "val", "test") if about.get(s)]
    found: dict[Path, None] = {}
    for name in wanted:
        places = about.get(name)
        for place in places if isinstance(places, list) else [places]:
            if place is None:
                raise DataError(Fault(str(file), f"there is no {name!r}", "check `split`"))
            found |= dict.fromkeys(_listed(_inside(base, str(place), root, file), base, root, file))
    if not found:
        raise DataError(Fault(str(file), "there are no pictures in it", "check train and val"))
    return list(found)


def _inside(base: Path, name: str, root: Path, file: Path) -> Path:
    """The place `name` below `base`, which may not lead out of `root`."""
    # Exports of Roboflow say ../train/images and mean what lies beside data.yaml.
    for text in (name, name.removeprefix("../")):
        place = base / text
        if "\0" not in text and place.resolve().is_relative_to(root.resolve()) and place.exists():
            return place
    if (base / name).resolve().is_relative_to(root.resolve()):
        raise DataError(Fault(str(file), f"there is no {base / name}", "check train, val, path"))
    raise DataError(Fault(str(file), f"{name!r} leads out of {root}", _CURE))


def _listed(place: Path, base: Path, root: Path, file: Path) -> Iterator[Path]:
    if place.is_file():  # a list of pictures
        for line in place.read_text().splitlines():
            if line.strip():
                yield _inside(base, line.strip().removeprefix("./"), root, file)
    else:
        yield from sorted(p for p in place.rglob("*") if p.suffix.lower() in SUFFIXES)


def label_file(picture: Path) -> Path:
    """ultralytics' rule: the last folder called `images` becomes `labels`."""
    parts = list(picture.parts)
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] == "images":
            parts[i] = "labels"
            break
    return Path(*parts).with_suffix(".txt")
