"""Pictures of foreign sets: names that stay inside their folder, whole files, right sizes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.errors import DataError, Fault
from simgen.records.sample import Original

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
SHOWN = 8
_PLAIN = ("RGB", "RGBA", "L", "LA", "P", "1")  # what other readers decode to the same pixels


def read_photo(
    path: Path, size: tuple[int, int] | None
) -> tuple[NDArray[np.uint8], Original | None]:
    """Pixels of a picture, and the file where it can be kept as it is.

    Args:
        size: width and height that the labels count on; None takes the picture as it is shown.

    Returns:
        uint8[H, W, 3] sRGB, read-only; None for the file where pixels had to be turned or
        converted.

    Raises:
        DataError: missing, damaged, cut short, of another size, or not of 8 bits.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            if opened.mode.startswith(("I", "F")):
                what = f"the picture has mode {opened.mode}: more than 8 bits a channel"
                raise DataError(Fault(str(path), what, "convert it to 8 bits"))
            keep = opened.mode in _PLAIN
            image: Any = opened.convert("RGB")  # decodes all of it, unlike verify()
            upright = ImageOps.exif_transpose(image)
    except FileNotFoundError:
        raise DataError(Fault(str(path), "the picture is missing", "restore it")) from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        what = f"cannot be read as a picture: {error}"
        raise DataError(Fault(str(path), what, "restore it, or leave it out")) from None
    if size is None or image.size != size:
        keep = keep and _orientation(image) == 1
        image = upright
    if size is not None and image.size != size:
        what = f"the picture has {image.size[0]} x {image.size[1]} pixels, its labels say "
        what += f"{size[0]} x {size[1]}"
        raise DataError(Fault(str(path), what, "scale the labels, or restore the picture"))
    rgb = np.asarray(image, np.uint8)
    rgb.flags.writeable = False
    return rgb, Original(path, rgb) if keep else None


def _orientation(image: Any) -> int:
    return int(image.getexif().get(0x0112, 1))


def leads_out(name: str) -> bool:
    """Whether a file name of a label file points anywhere but below its folder."""
    pure, windows = PurePosixPath(name), PureWindowsPath(name)
    drive = bool(windows.drive or windows.root)
    return not name or "\0" in name or pure.is_absolute() or drive or ".." in windows.parts


def missing_faults(folder: Path, names: Iterable[str]) -> list[Fault]:
    """One fault that names pictures that are not there."""
    wanted = list(names)
    missing = [name for name in wanted if not (folder / name).is_file()]
    if not missing:
        return []
    shown = ", ".join(missing[:SHOWN]) + (", ..." if len(missing) > SHOWN else "")
    what = f"{len(missing)} of {len(wanted)} pictures are missing: {shown}"
    return [Fault(str(folder), what, "fetch them, or say where they lie (--images DIR)")]


def at_most(faults: list[Fault], where: Path) -> list[Fault]:
    """The first faults, and how many more there are."""
    if len(faults) <= SHOWN:
        return faults
    return [*faults[:SHOWN], Fault(str(where), f"... and {len(faults) - SHOWN} more faults")]
