"""Reader `voc`: Pascal VOC's XML files."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as xml

from pydantic import Field

from simgen.dataset.readers.photos import at_most, leads_out, missing_faults, read_photo
from simgen.errors import DataError, Fault
from simgen.plugin.scene import Category
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.annotations import from_rows
from simgen.records.provenance import Origin, Step
from simgen.records.sample import Sample
from simgen.spec.fields import Params, Root

_FLAGS = ("truncated", "occluded")


class VocReaderParams(Params):
    """Which pictures and categories are read."""

    images: Root | None = Field(None, description="folder of the pictures; default: JPEGImages")
    split: str = Field("", description="list in ImageSets/Main; default: every XML file")
    categories: tuple[str, ...] = Field(
        (), description="names in the order of their ids; default: labels.txt, or sorted as found"
    )


class VocReader:
    """Pascal VOC: boxes of XML files; `difficult` objects are to be ignored."""

    api = 1
    Params = VocReaderParams

    def recognises(self, path: Path) -> bool:
        """A folder with Annotations/*.xml."""
        return any((path / "Annotations").glob("*.xml"))

    def open(self, params: VocReaderParams, path: Path) -> VocSession:
        """Read and check all XML files; see `plugin.Reader`."""
        return VocSession(params, path)


class VocSession:
    """An open VOC folder; frames are numbered in the order of the names."""

    def __init__(self, params: VocReaderParams, path: Path) -> None:
        self.folder = params.images.location if params.images else path / "JPEGImages"
        files = _files(path, params.split)
        digest, faults = hashlib.sha256(), list[Fault]()
        self.trees: list[xml.Element] = []
        for file in files:
            data = file.read_bytes()
            digest.update(file.name.encode() + b"\0" + hashlib.sha256(data).digest())
            try:
                self.trees.append(_parsed(data))
            except (xml.ParseError, ValueError) as error:
                faults.append(Fault(str(file), f"not a VOC annotation: {error}", "repair it"))
        if not faults:
            faults += _name_faults(files, self.trees)
            faults += missing_faults(self.folder, map(_picture, self.trees)) if not faults else []
        used = {_text(item, "name") for tree in self.trees for item in tree.iter("object")}
        self.names = params.categories or _listed(path) or tuple(sorted(used))
        faults += [
            Fault(str(path), f"there is no category {name!r}", "add it to `categories`")
            for name in sorted(used - set(self.names))
        ]
        if faults:
            raise DataError(at_most(faults, path))
        self.files, self.digest = files, digest.hexdigest()
        self.numbers: Sequence[int] = range(len(files))
        sizes = {_size(tree) for tree in self.trees}
        size = (sizes.pop() if len(sizes) == 1 else None) or (0, 0)
        categories = tuple(Category(i, n) for i, n in enumerate(self.names, start=1))
        self.facts = SetFacts(path.resolve().name, categories, size=size)

    def read(self, number: int) -> Sample:
        """One photograph with its labels."""
        tree, name = self.trees[number], _picture(self.trees[number])
        rgb, original = read_photo(self.folder / name, _size(tree))
        try:
            rows = [_row(item) for item in tree.iter("object")]
        except ValueError as error:
            raise DataError(Fault(str(self.files[number]), str(error), "repair it")) from None
        return Sample(
            rgb,
            from_rows(rows),
            frame=number,
            world=number,
            provenance=(Step("import", (Origin(file=name),)),),
            files={"rgb": original} if original else {},
        )


def _files(path: Path, split: str) -> list[Path]:
    folder = path / "Annotations"
    if not split:
        found = sorted(folder.glob("*.xml"))
        if not found:
            what = "there are no Annotations/*.xml"
            raise DataError(Fault(str(path), what, "give the folder that holds Annotations"))
        return found
    file = path / "ImageSets" / "Main" / f"{split}.txt"
    try:
        stems = [line.split()[0] for line in file.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(Fault(str(file), f"cannot read: {error}", "check `split`")) from None
    if any(leads_out(stem) for stem in stems):
        raise DataError(Fault(str(file), "a name leads out of the folder", "repair it"))
    missing = [stem for stem in stems if not (folder / f"{stem}.xml").is_file()]
    if missing or not stems:
        what = f"{len(missing)} of {len(stems)} pictures have no XML file: {missing[:8]}"
        raise DataError(Fault(str(file), what, "repair the list"))
    return [folder / f"{stem}.xml" for stem in dict.fromkeys(stems)]


def _parsed(data: bytes) -> xml.Element:
    if b"<!ENTITY" in data:  # a few bytes that unfold to gigabytes
        raise ValueError("entities are not allowed")
    tree = xml.fromstring(data)
    if tree.tag != "annotation":
        raise ValueError(f"expected <annotation>, got <{tree.tag}>")
    _size(tree)
    return tree


def _name_faults(files: Sequence[Path], trees: Sequence[xml.Element]) -> Iterator[Fault]:
    for file, tree in zip(files, trees, strict=True):
        name = _picture(tree)
        if leads_out(name):
            what = f"the file name {name!r} leads out of the image folder"
            yield Fault(str(file), what, "names start at the image folder")


def _listed(path: Path) -> tuple[str, ...]:
    file = path / "labels.txt"
    return tuple(file.read_text().splitlines()) if file.is_file() else ()


def _text(item: xml.Element, name: str) -> str:
    return (item.findtext(name) or "").strip()


def _picture(tree: xml.Element) -> str:
    return _text(tree, "filename")


def _size(tree: xml.Element) -> tuple[int, int] | None:
    texts = (_text(tree, "size/width"), _text(tree, "size/height"))
    if texts in (("", ""), ("0", "0")):
        return None
    width, height = map(int, texts)
    if width < 1 or height < 1:
        raise ValueError(f"the size is {width} x {height}")
    return width, height


def _row(item: xml.Element) -> dict[str, object]:
    texts = [_text(item, f"bndbox/{key}") for key in ("xmin", "ymin", "xmax", "ymax")]
    try:
        left, top, right, bottom = map(_number, texts)
    except ValueError:
        raise ValueError(f"object {_text(item, 'name')!r} has the bndbox {texts}") from None
    # Pixels count from 1, and xmax is the last one: x = xmin - 1, w = xmax - xmin + 1.
    x, y, w, h = left - 1, top - 1, right - left + 1, bottom - top + 1
    if w <= 0 or h <= 0:
        raise ValueError(f"object {_text(item, 'name')!r} has a box of {w} x {h} pixels")
    marks = {key: True for key in _FLAGS if _text(item, key) == "1"}
    return {
        "category": _text(item, "name"),
        "box_xywh_px": (x, y, w, h),
        "ignore": _text(item, "difficult") == "1",
        "facts": marks,
    }


def _number(text: str) -> int | float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return int(value) if value == int(value) else value
