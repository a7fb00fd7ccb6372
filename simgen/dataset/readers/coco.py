"""Reader `coco`: COCO instances and keypoints of any tool."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from pydantic import Field

from simgen.dataset.layout import MAX_FRAMES
from simgen.dataset.readers.coco_rows import annotation_row
from simgen.dataset.readers.photos import at_most, leads_out, missing_faults, read_photo
from simgen.errors import DataError, Fault
from simgen.plugin.scene import Category
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.annotations import from_rows
from simgen.records.provenance import Origin, Step
from simgen.records.sample import Sample
from simgen.spec.fields import Params, Root

_TRIED = 64


class CocoParams(Params):
    """How a COCO file is read."""

    images: Root | None = Field(
        None, description="folder that file names start at; default: `images` beside the file, "
        "beside its folder, or the file's own folder",
    )  # fmt: skip
    group_by: str = Field(
        "image", min_length=1,
        description="what a split keeps together: `image`, `folder`, or a key of COCO's images",
    )  # fmt: skip


class Coco:
    """COCO instances (JSON): boxes, polygons, RLE, crowds; image ids are kept."""

    api = 1
    Params = CocoParams

    def recognises(self, path: Path) -> bool:
        """A JSON file."""
        return path.suffix.lower() == ".json" and path.is_file()

    def open(self, params: CocoParams, path: Path) -> CocoSession:
        """Read and check the file; see `plugin.Reader`."""
        return CocoSession(params, path)


class _Raw(msgspec.Struct):
    """The file with its annotations undecoded: most of a large file is masks."""

    images: list[dict[str, Any]]
    categories: list[dict[str, Any]]
    annotations: list[msgspec.Raw] = []
    licenses: list[dict[str, Any]] = []


class _Head(msgspec.Struct):
    image_id: Any
    id: Any = None
    category_id: Any = None


class CocoSession:
    """An open COCO file."""

    def __init__(self, params: CocoParams, path: Path) -> None:
        data = _read(path)
        self.path, self.digest = path, hashlib.sha256(data).hexdigest()
        raw = _decode(path, data)
        self.folder = params.images.location if params.images else _image_folder(path, raw)
        heads = [msgspec.json.decode(row, type=_Head) for row in raw.annotations]
        faults = [*_category_faults(path, raw), *_image_faults(path, raw)]
        faults += _annotation_faults(path, raw, heads)
        faults += [] if faults else missing_faults(self.folder, (_name(r) for r in raw.images))
        if faults:
            raise DataError(at_most(faults, path))
        self._categories = {c.id: c for c in _categories(raw)}
        self._licences = {row.get("id"): str(row.get("name", "")) for row in raw.licenses}
        self._images, self.keeps_ids = _numbered(raw.images)
        self.numbers: Sequence[int] = sorted(self._images)
        self._groups = _groups(params.group_by, self._images, path)
        self._rows: dict[Any, list[msgspec.Raw]] = {}
        for head, row in zip(heads, raw.annotations, strict=True):
            self._rows.setdefault(head.image_id, []).append(row)
        self.facts = SetFacts(
            path.stem, tuple(self._categories.values()), size=_common_size(raw.images)
        )

    def read(self, number: int) -> Sample:
        """One photograph with its labels."""
        image = self._images[number]
        wanted = _size(image)
        path = self.folder / _name(image)
        rgb, original = read_photo(path, wanted)
        size = (rgb.shape[1], rgb.shape[0])
        where = f"{self.path} image {image['id']}"
        decoded = [msgspec.json.decode(row) for row in self._rows.get(image["id"], [])]
        rows = [
            annotation_row(r, self._categories, size, where) for r in decoded if "caption" not in r
        ]
        licence = self._licences.get(image.get("license"))
        return Sample(
            rgb,
            from_rows(rows),
            frame=number,
            world=self._groups[number],
            facts={} if self.keeps_ids else {"source_id": image["id"]},
            captions=tuple(str(r["caption"]) for r in decoded if "caption" in r),
            provenance=(Step("import", (Origin(file=_name(image)),)),),
            licences=(licence,) if licence else (),
            files={"rgb": original} if original else {},
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"cannot read: {error.strerror}"
        raise DataError(Fault(str(path), what, "give a COCO file (JSON)")) from None


def _decode(path: Path, data: bytes) -> _Raw:
    try:
        raw = msgspec.json.decode(data, type=_Raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"not COCO labels: {error}"
        cure = "expected an object with images, annotations and categories"
        raise DataError(Fault(str(path), what, cure)) from None
    if not raw.images:
        raise DataError(Fault(str(path), "there are no images in it", "give another file"))
    return raw


def _image_folder(path: Path, raw: _Raw) -> Path:
    """The first usual folder that holds any of the first pictures."""
    folders = (path.parent / "images", path.parent.parent / "images", path.parent)
    names = [name for name in map(_name, raw.images[:_TRIED]) if not leads_out(name)]
    fitting = (f for f in folders if any((f / name).is_file() for name in names))
    return next(fitting, path.parent)


def _name(image: dict[str, Any]) -> str:
    return str(image.get("file_name", ""))


def _size(image: dict[str, Any]) -> tuple[int, int] | None:
    width, height = image.get("width"), image.get("height")
    return (int(width), int(height)) if width and height else None


def _common_size(images: Sequence[dict[str, Any]]) -> tuple[int, int]:
    sizes = {_size(image) for image in images}
    only = sizes.pop() if len(sizes) == 1 else None
    return only or (0, 0)


def _categories(raw: _Raw) -> tuple[Category, ...]:
    return tuple(_category(row) for row in sorted(raw.categories, key=lambda row: int(row["id"])))


def _category(row: dict[str, Any]) -> Category:
    points, bones = row.get("keypoints"), row.get("skeleton")
    return Category(
        row["id"],
        row["name"],
        str(row.get("supercategory") or ""),
        tuple(map(str, points)) if points else None,
        tuple((int(a), int(b)) for a, b in bones) if bones else None,
    )


def _numbered(images: Sequence[dict[str, Any]]) -> tuple[dict[int, dict[str, Any]], bool]:
    """Images by frame number, and whether COCO's id of each is its own id."""
    if all(type(row["id"]) is int and 1 <= row["id"] <= MAX_FRAMES for row in images):
        return {row["id"] - 1: row for row in images}, True
    return dict(enumerate(images)), False


def _groups(key: str, images: dict[int, dict[str, Any]], path: Path) -> dict[int, int]:
    """Group of each frame: a number by order of first appearance, or the frame's own."""
    if key == "image":
        return {number: number for number in images}
    seen: dict[Any, int] = {}
    groups = {}
    for number in sorted(images):
        image = images[number]
        if key != "folder" and key not in image:
            what = f"image {image['id']} has no {key!r} to group by"
            cure = f"its keys are {', '.join(sorted(image))}; or use `folder`"
            raise DataError(Fault(str(path), what, cure))
        value = str(Path(_name(image)).parent) if key == "folder" else str(image[key])
        groups[number] = seen.setdefault(value, len(seen))
    return groups


def _category_faults(path: Path, raw: _Raw) -> Iterator[Fault]:
    for row in raw.categories:
        if type(row.get("id")) is not int or not isinstance(row.get("name"), str):
            yield Fault(f"{path} categories", f"no whole `id` and `name`: {row}", "repair the file")
    for key in ("id", "name"):
        for value, count in Counter(str(row.get(key)) for row in raw.categories).items():
            if count > 1:
                what = f"{count} categories have the {key} {value!r}"
                yield Fault(f"{path} categories", what, "make them different")


def _image_faults(path: Path, raw: _Raw) -> Iterator[Fault]:
    for value, count in Counter(str(row.get("id")) for row in raw.images).items():
        if count > 1 or value == "None":
            what = f"{count} images have the id {value}"
            yield Fault(f"{path} images", what, "ids must be there and different")
    for row in raw.images:
        if leads_out(_name(row)):
            what = f"the name {_name(row)!r} leads out of the image folder"
            if not _name(row):
                what = "there is no `file_name`"
            yield Fault(f"{path} image {row.get('id')}", what, "names start at the image folder")
        sides = (row.get("width", 1), row.get("height", 1))
        if any(type(side) is not int or side < 1 for side in sides):
            what = f"width and height are {sides}"
            yield Fault(f"{path} image {row.get('id')}", what, "expected whole pixels")


def _annotation_faults(path: Path, raw: _Raw, heads: Sequence[_Head]) -> Iterator[Fault]:
    images = {str(row.get("id")) for row in raw.images}
    categories = {row.get("id") for row in raw.categories}
    for value, count in Counter(str(h.id) for h in heads if h.id is not None).items():
        if count > 1:
            what = f"{count} annotations have the id {value}"
            yield Fault(f"{path} annotations", what, "ids must be different")
    for head in heads:
        where = f"{path} annotation {head.id}"
        if str(head.image_id) not in images:
            yield Fault(where, f"there is no image {head.image_id}", "repair the file")
        if head.category_id is not None and head.category_id not in categories:
            what = f"there is no category {head.category_id}"
            yield Fault(where, what, "add it to `categories`, or leave the annotation out")
