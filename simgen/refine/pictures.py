"""`pictures`: refinements that were made elsewhere, on a GPU machine or by another program."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simgen.dataset.readers.photos import SUFFIXES, read_photo
from simgen.errors import DataError, Fault
from simgen.imaging.transfer import mixed
from simgen.plugin import Params, Refiner, Root, Stream
from simgen.records.sample import Sample
from simgen.refine.workplace import OneByOne, Workplace


class PicturesParams(Params):
    """Settings."""

    path: Root = Field(
        description="folder with a picture for every frame, named by its eight-digit number as "
        "in the dataset's `images` (00000042.jpg), in sub-folders or not",
        examples=["out/edited"],
    )


class Pictures(Refiner):
    """Pictures that were refined elsewhere, by name of the frame; same size, same objects."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = PicturesParams

    def open(self, params: PicturesParams, data: Workplace) -> OneByOne:
        """List the pictures.

        Raises:
            DataError: there is none.
        """
        root = params.path.location
        files = {p.stem: p for p in sorted(root.rglob("*")) if p.suffix.lower() in SUFFIXES}
        if not files:
            raise DataError(Fault(str(root), "there are no pictures", "check the path"))

        def take(
            sample: Sample, rng: Stream, strength: float
        ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
            return mixed(sample.rgb, _read(files, root, sample), strength), {}

        return OneByOne("pictures", take)


def _read(files: dict[str, Path], root: Path, sample: Sample) -> NDArray[np.uint8]:
    name = f"{sample.frame:08d}"
    if name not in files:
        what = f"there is no picture {name} for frame {sample.frame}"
        raise DataError(Fault(str(root), what, "make it, or refine other frames (--range)"))
    rgb, _ = read_photo(files[name], sample.size)
    return rgb
