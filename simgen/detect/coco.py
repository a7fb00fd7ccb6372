"""Labelled images out of COCO files and simgen datasets, with plain JSON and numpy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.errors import DataError, Fault

_SHOWN = 8


@dataclass(frozen=True)
class LabelledImage:
    """One image of a set.

    Args:
        id: in the COCO file.
        path: of the file.
        width, height: pixels, as the COCO file says.
        boxes: float32[N, 4] x1, y1, x2, y2 in pixels.
        labels: int64[N], positions in the list of category names.
        ignored: bool[N], neither learnt nor background.
    """

    id: int
    path: Path
    width: int
    height: int
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    ignored: NDArray[np.bool_]


@dataclass(frozen=True)
class LabelledSet:
    """All images of a COCO file.

    Args:
        file: where it came from.
        categories: id -> name, in the order of the file.
        images: in the order of the file; labels index `names`.
    """

    file: Path
    categories: dict[int, str]
    images: tuple[LabelledImage, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the categories, in the order of the file."""
        return tuple(self.categories.values())


def locate(path: Path, images: Path | None = None) -> tuple[Path, Path]:
    """COCO file and image folder of a simgen dataset folder, or of a COCO file.

    Without `images`, the folder `images` beside the file or beside its folder is taken, and
    the file's own folder if there is none.

    Raises:
        DataError: neither, or the dataset has no index yet.
    """
    if path.is_dir():
        index = path / "annotations" / "instances.json"
        if not index.is_file():
            cure = f"run `simgen finalize {path}`, or give the COCO file itself"
            raise DataError(Fault(str(path), "there is no annotations/instances.json", cure))
        return index.resolve(), (images or path / "images").resolve()
    if not path.is_file():
        what = "there is no such dataset folder or COCO file"
        raise DataError(Fault(str(path), what, "check the path"))
    folder = images or next(folder for folder in image_folders(path) if folder.is_dir())
    return path.resolve(), folder.resolve()


def image_folders(file: Path) -> tuple[Path, ...]:
    """Where the images of a COCO file may lie, the likeliest first."""
    return file.parent / "images", file.parent.parent / "images", file.parent


def read_coco(file: Path, images: Path, min_visibility: float = 0.0) -> LabelledSet:
    """Read a COCO file and look whether its images are there.

    Objects with `iscrowd`, or with a recorded visibility below `min_visibility`, are marked as
    ignored.

    Raises:
        DataError: not COCO, no images in it, or files are missing (they are listed).
    """
    try:
        data = json.loads(file.read_bytes())
        categories = {int(row["id"]): str(row["name"]) for row in data["categories"]}
        rows = _by_image(data.get("annotations", ()))
        position = {identity: i for i, identity in enumerate(categories)}
        found = tuple(
            _image(row, rows.get(row["id"], []), images, position, min_visibility)
            for row in data["images"]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"cannot be read as COCO: {type(error).__name__}: {error}"
        raise DataError(Fault(str(file), what, "check the file")) from None
    if not found:
        raise DataError(Fault(str(file), "there are no images in it", "give another file"))
    _check_files(found, images)
    return LabelledSet(file, categories, found)


def _by_image(annotations: Any) -> dict[Any, list[Any]]:
    rows: dict[Any, list[Any]] = {}
    for row in annotations:
        rows.setdefault(row["image_id"], []).append(row)
    return rows


def _image(
    row: Any, labels: list[Any], folder: Path, position: dict[int, int], min_visibility: float
) -> LabelledImage:
    name = str(row["file_name"])
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError(f"the name {name!r} leads out of the image folder")
    boxes = np.array([r["bbox"] for r in labels], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    kinds = np.array([position[int(r["category_id"])] for r in labels], np.int64)
    hidden = [_visibility(r) < min_visibility or bool(r.get("iscrowd", 0)) for r in labels]
    ignored = np.array(hidden, np.bool_)
    if not np.isfinite(boxes).all():
        raise ValueError(f"{name}: a box is not finite")
    real = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)  # boxes without area teach nothing
    size = int(row["width"]), int(row["height"])
    return LabelledImage(
        int(row["id"]), folder / name, *size, boxes[real], kinds[real], ignored[real]
    )


def _visibility(row: Any) -> float:
    extra = row.get("simgen")
    return float(extra.get("visibility", 1.0)) if isinstance(extra, dict) else 1.0


def _check_files(images: tuple[LabelledImage, ...], folder: Path) -> None:
    missing = [str(image.path) for image in images if not image.path.is_file()]
    if not missing:
        return
    shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
    what = f"{len(missing)} of {len(images)} images are missing: {shown}"
    cure = "fetch them, or say where they lie (`images:`)"
    raise DataError(Fault(str(folder), what, cure))
