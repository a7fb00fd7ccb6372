"""Which pictures there are: files of a folder, or boxes of a labelled set."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simgen.detect.coco import LabelledImage, locate, read_coco
from simgen.errors import DataError, Fault
from simgen.generate.job import Item
from simgen.spec.faults import suggest

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class Listing:
    """Pictures to learn from and to judge by.

    Args:
        root: absolute folder.
        items: to learn from.
        held_out: to judge by.
        categories: names.
    """

    root: Path
    items: tuple[Item, ...]
    held_out: tuple[Item, ...]
    categories: tuple[str, ...]


def list_pictures(
    path: Path,
    images: Path | None,
    *,
    crops: bool,
    wanted: tuple[str, ...] = (),
    margin: float = 0.1,
    min_px: float = 16,
    held_out: float = 0.1,
) -> Listing:
    """List pictures; which are held out depends on their names alone.

    Args:
        path: folder of pictures, dataset folder or COCO file.
        images: of a COCO file.
        crops: boxes of the labelled set, not whole pictures.
        wanted: categories; () is all.
        margin: around boxes, in longer sides.
        min_px: shorter sides below this are left out.
        held_out: part that is kept back.

    Raises:
        DataError: nothing there, no labels where boxes are wanted, unknown categories.
    """
    labelled = path.is_file() or (path / "annotations").is_dir()
    if crops and not labelled:
        what = "crops need labels, and this is no COCO file or dataset"
        raise DataError(Fault(str(path), what, "give labels, or set pictures.what: whole"))
    if labelled:
        root, found, names = _labelled(path, images, crops, margin, min_px)
    else:
        root, found, names = _folder(path)
    unknown = [name for name in wanted if name not in names]
    if unknown:
        what = f"there is no category {unknown[0]!r}"
        raise DataError(Fault(str(path), what, suggest(unknown[0], names, "categories")))
    kept = wanted or names
    chosen = [Item(i.file, kept.index(names[i.category]), i.box_xywh_px)
              for i in found if names[i.category] in kept]  # fmt: skip
    back = [item for item in chosen if _share(item) < held_out]
    rest = [item for item in chosen if _share(item) >= held_out]
    if not rest:
        what = "no picture is left to learn from" if chosen else "there are no pictures"
        cure = "give more pictures, or lower pictures.min_px or pictures.held_out"
        raise DataError(Fault(str(path), what, cure))
    return Listing(root, tuple(rest), tuple(back), kept)


def _labelled(
    path: Path, images: Path | None, crops: bool, margin: float, min_px: float
) -> tuple[Path, list[Item], tuple[str, ...]]:
    file, root = locate(path, images)
    known = read_coco(file, root)
    items: list[Item] = []
    for image in known.images:
        name = Path(os.path.relpath(image.path, root)).as_posix()
        if crops:
            items += _boxes(image, name, margin, min_px)
        else:
            items.append(Item(name))
    return root, items, known.names if crops else ("",)


def _boxes(image: LabelledImage, name: str, margin: float, min_px: float) -> Iterator[Item]:
    rows = zip(image.boxes.tolist(), image.labels.tolist(), image.ignored.tolist(), strict=True)
    for (x1, y1, x2, y2), label, ignored in rows:
        if ignored or min(x2 - x1, y2 - y1) < min_px:
            continue
        side = max(x2 - x1, y2 - y1) * (1 + 2 * margin)
        left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
        yield Item(name, int(label), (left, top, side, side))


def _folder(path: Path) -> tuple[Path, list[Item], tuple[str, ...]]:
    if not path.is_dir():
        raise DataError(Fault(str(path), "there is no such folder or file", "check the path"))
    files = sorted(f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
    names = [f.relative_to(path).as_posix() for f in files]
    # Sub-folders are categories where every picture lies in one.
    groups = {name.partition("/")[0] for name in names if "/" in name}
    if not groups or any("/" not in name for name in names):
        return path.resolve(), [Item(name) for name in names], ("",)
    order = tuple(sorted(groups))
    items = [Item(name, order.index(name.partition("/")[0])) for name in names]
    return path.resolve(), items, order


def _share(item: Item) -> float:
    """A number in [0, 1) that depends on the file: crops of one photo stay together."""
    digest = hashlib.blake2b(item.file.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
