"""Images to search: those of a COCO file, a dataset folder, or a folder of pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from simgen.detect.categories import counterparts
from simgen.detect.coco import locate, read_coco
from simgen.errors import DataError, Fault

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


class ResultRow(TypedDict):
    """One detection as COCO results hold it."""

    image_id: int
    category_id: int
    bbox: list[float]
    score: float


@dataclass(frozen=True)
class ListedImage:
    """An image with its id; `size` is what its labels count on, None where there are none."""

    id: int
    path: Path
    size: tuple[int, int] | None


@dataclass(frozen=True)
class Listing:
    """What to search and how to number what is found.

    Args:
        images: in order.
        category_ids: COCO id of each label of the detector; None: leave it out.
        index: COCO rows of the images and categories, for readers of the results; empty if the
            results refer to a COCO file that is there already.
    """

    images: tuple[ListedImage, ...]
    category_ids: tuple[int | None, ...]
    index: dict[str, Any]


def list_images(
    path: Path,
    images: Path | None,
    categories: Mapping[str, int],
    mapping: Mapping[str, str | None],
) -> Listing:
    """List what is to be searched.

    Args:
        path: COCO file, simgen dataset, or folder of pictures.
        images: folder that the COCO file's names start at, if it is not beside the file.
        categories: name -> id of the detector.
        mapping: names of the COCO file -> names of the detector.

    Raises:
        DataError: nothing to search, or files are missing.
        SceneFileError: categories do not match; a mapping is offered.
    """
    if path.is_dir() and not (path / "manifest.json").is_file():
        return _folder(path, categories)
    file, folder = locate(path, images)
    labelled = read_coco(file, folder)
    theirs = counterparts(labelled, tuple(categories), mapping, str(file), "--map")
    listed = tuple(ListedImage(i.id, i.path, (i.width, i.height)) for i in labelled.images)
    return Listing(listed, theirs, {})


def _folder(folder: Path, categories: Mapping[str, int]) -> Listing:
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES)
    if not paths:
        what = f"no image in it ({', '.join(_SUFFIXES)})"
        raise DataError(Fault(str(folder), what, "give a folder of pictures, or a COCO file"))
    listed = tuple(ListedImage(i, path, None) for i, path in enumerate(paths, start=1))
    index = {
        "images": [
            {"id": image.id, "file_name": image.path.relative_to(folder).as_posix()}
            for image in listed
        ],
        "categories": [{"id": i, "name": name} for name, i in categories.items()],
    }
    return Listing(listed, tuple(categories.values()), index)


def write_results(rows: list[ResultRow], listing: Listing, out: Path) -> None:
    """Write COCO results, and `NAME.images.json` beside them where ids mean nothing else."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if listing.index:
        index = out.with_name(f"{out.stem}.images.json")
        index.write_text(json.dumps(listing.index, indent=1) + "\n")
    out.write_text("[" + ",\n".join(json.dumps(row) for row in rows) + "]\n")
