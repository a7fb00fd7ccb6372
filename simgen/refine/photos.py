"""Real photographs that refiners look at: listed once, decoded when needed, the last ones kept."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.readers.photos import SUFFIXES, read_photo
from simgen.errors import DataError, Fault
from simgen.imaging.descriptor import describe

_KEPT = 32


class Photos:
    """The pictures below a folder, or those of a COCO file's `images`.

    Args:
        root: folder, or a COCO file.

    Raises:
        DataError: there is no picture.
    """

    def __init__(self, root: Path) -> None:
        self.files = list_photos(root)
        self.read = lru_cache(maxsize=_KEPT)(self._read)
        self._descriptors: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.files)

    def nearest(self, rgb: NDArray[np.uint8], among: int) -> list[int]:
        """Numbers of the photos most like a picture in layout of colours, nearest first."""
        if self._descriptors is None:
            self._descriptors = np.stack([describe(self.read(i)) for i in range(len(self))])
        distance = np.linalg.norm(self._descriptors - describe(rgb), axis=1)
        return [int(i) for i in np.argsort(distance, kind="stable")[:among]]

    def _read(self, number: int) -> NDArray[np.uint8]:
        return read_photo(self.files[number], None)[0]


def list_photos(root: Path) -> list[Path]:
    """Pictures below a folder, sorted, or those that a COCO file names.

    Raises:
        DataError: there is none.
    """
    if root.is_file():
        return _of_coco(root)
    found = []
    if root.is_dir():
        found = sorted(p for p in root.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        cure = "give a folder of photographs, or a COCO file of them"
        raise DataError(Fault(str(root), "there are no pictures", cure))
    return found


def _of_coco(file: Path) -> list[Path]:
    import json

    try:
        names = [str(row["file_name"]) for row in json.loads(file.read_bytes())["images"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"not a COCO file: {type(error).__name__}: {error}"
        raise DataError(Fault(str(file), what, "give a folder or a COCO file")) from None
    beside = (file.parent / "images", file.parent.parent / "images", file.parent)
    folder = next((f for f in beside if names and (f / names[0]).is_file()), None)
    if folder is None:
        what = "its pictures are not beside it"
        raise DataError(Fault(str(file), what, "give the folder of the pictures instead"))
    return [folder / name for name in names]
