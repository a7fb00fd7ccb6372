"""Image bytes to arrays, with limits and reasons."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.errors import AssetError, Fault
from simgen.records.asset import Image

MAX_PIXELS = 8192 * 8192
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")  # Pillow would also start Ghostscript for EPS


@dataclass(frozen=True)
class Picture:
    """A decoded image.

    Args:
        rgb: uint8[H, W, 3], as stored (no colour management).
        alpha: uint8[H, W], or None if the file has none.
    """

    rgb: Image
    alpha: Image | None

    @property
    def grey(self) -> Image:
        """Mean of the channels, uint8[H, W]; equal channels are kept exactly."""
        return np.asarray((self.rgb.astype(np.uint16).sum(axis=2) + 1) // 3, np.uint8)


def decode_image(data: bytes, where: str, left: int = MAX_PIXELS) -> Picture:
    """Decode PNG, JPEG, WebP, BMP or TIFF.

    Args:
        where: file, for the message.
        left: pixels that the asset may still have.

    Raises:
        AssetError: not an image, damaged, or more than 8192 x 8192 pixels.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Our own limit below is the guard; Pillow's warning would only be noise.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            opened = Pillow.open(io.BytesIO(data), formats=_FORMATS)
            if opened.width * opened.height > MAX_PIXELS:
                what = f"the image has {opened.width} x {opened.height} pixels"
                raise AssetError(Fault(where, what, "scale it down to at most 8192 x 8192"))
            if opened.width * opened.height > left:
                what = "the asset's images have too many pixels together"
                raise AssetError(Fault(where, what, "scale them down"))
            opened.load()
    except AssetError:
        raise
    except UnidentifiedImageError:  # its text is the address of an object in memory
        what, cure = "it is not PNG, JPEG, WebP, BMP or TIFF", "replace the file"
        if data[:7] == b"\xabKTX 20" or data[:7] == b"\xabKTX 11":
            what, cure = "it is a KTX texture", "save it as PNG or JPEG (`ktx extract`)"
        raise AssetError(Fault(where, f"cannot be read as an image: {what}", cure)) from None
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as error:
        what = f"cannot be read as an image: {error}"
        raise AssetError(Fault(where, what, "replace the file")) from None
    return picture_of(opened)


def picture_of(opened: Any) -> Picture:
    """Arrays of an opened Pillow image, whatever its mode; 16 bit is reduced to 8."""
    if opened.mode.startswith("I;16") or opened.mode in ("I", "F"):
        deep = np.asarray(opened, np.float64)
        top = 65535.0 if opened.mode != "F" else 1.0
        flat = np.clip(deep / top * 255 + 0.5, 0, 255).astype(np.uint8)
        return Picture(np.repeat(flat[:, :, None], 3, axis=2), None)
    if "A" in opened.getbands() or "transparency" in opened.info:
        rgba: NDArray[np.uint8] = np.asarray(opened.convert("RGBA"), np.uint8)
        return Picture(np.ascontiguousarray(rgba[:, :, :3]), np.ascontiguousarray(rgba[:, :, 3]))
    return Picture(np.asarray(opened.convert("RGB"), np.uint8).copy(), None)
