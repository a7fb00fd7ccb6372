"""Images in memory: decoded once, shrunk to what training can use, within a bound."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms.v2 import functional

from simgen.detect.coco import LabelledImage
from simgen.errors import DataError, Fault

_MIB = 2**20


def decode(path: Path, size: tuple[int, int] | None = None) -> Tensor:
    """uint8[3, H, W] sRGB, channels last in memory, which is what torch resizes fastest.

    The orientation tag of a photograph is applied where that gives the wanted size, since
    labels were drawn on the picture as it was shown to people.

    Args:
        size: width and height that the labels count on; None takes the picture as it is shown.

    Raises:
        DataError: not an image, or of another size.
    """
    try:
        with Image.open(path) as opened:
            image: Image.Image = opened.convert("RGB")
            upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        what = f"cannot be read as an image: {error}"
        raise DataError(Fault(str(path), what, "replace the file")) from None
    if size is None or image.size != size:
        image = upright
    if size is not None and image.size != size:
        what = f"the image has {image.size[0]} x {image.size[1]} pixels, its labels say "
        what += f"{size[0]} x {size[1]}"
        raise DataError(Fault(str(path), what, "scale the boxes, or restore the image"))
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def resized(pixels: Tensor, width: int, height: int) -> Tensor:
    """uint8[3, height, width], bilinear and free of aliasing."""
    out: Tensor = functional.resize_image(pixels, [height, width], antialias=True)
    return out


class ImageCache:
    """Decoded images of a list; what does not fit is decoded anew each time.

    Filled when made, so that worker processes share it after their fork.

    Args:
        images: of all sources.
        side: no image is kept with a longer side than this, pixels.
        limit_mib: bound on all pixels together.
        threads: that decode at the same time.
    """

    def __init__(
        self, images: Sequence[LabelledImage], side: int, limit_mib: int, threads: int
    ) -> None:
        self._side = side
        self._images = images
        room, fitting = limit_mib * _MIB, []
        for number, image in enumerate(images):
            width, height = shrunk_size(image.width, image.height, side)
            room -= 3 * width * height
            if room < 0:
                break
            fitting.append(number)
        with ThreadPoolExecutor(max(1, threads)) as pool:
            self._kept = dict(zip(fitting, pool.map(self._load, fitting), strict=True))

    def __call__(self, number: int) -> Tensor:
        """uint8[3, H, W]; its size is `shrunk_size` of the labelled size."""
        kept = self._kept.get(number)
        return self._load(number) if kept is None else kept

    def size(self, number: int) -> tuple[int, int]:
        """Width and height of the pixels that a call gives."""
        image = self._images[number]
        return shrunk_size(image.width, image.height, self._side)

    @property
    def complete(self) -> bool:
        """Whether all images are kept."""
        return len(self._kept) == len(self._images)

    def __len__(self) -> int:
        """Images that are kept."""
        return len(self._kept)

    def _load(self, number: int) -> Tensor:
        image = self._images[number]
        pixels = decode(image.path, (image.width, image.height))
        width, height = shrunk_size(image.width, image.height, self._side)
        if (width, height) == (image.width, image.height):
            return pixels
        return resized(pixels, width, height)


def shrunk_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height with a longer side of at most `side`."""
    factor = min(1.0, side / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))
