"""Radiance .hdr and OpenEXR files to linear arrays, their size known before they are decoded."""

from __future__ import annotations

import io
import re
import struct

import numpy as np
from numpy.typing import NDArray

from simgen.errors import AssetError, Fault
from simgen.records.colour import srgb_to_linear

Radiance = NDArray[np.float32]
MAX_PIXELS = 8192 * 4096
EXR_MAGIC = b"v/1\x01"


def read_hdri(data: bytes, where: str) -> Radiance:
    """Linear radiance of a Radiance .hdr or OpenEXR file, as stored; not mirrored.

    Raises:
        AssetError: not such a file, damaged, too large, or not finite.
    """
    import os

    # OpenCV reads EXR only if this is set when its first EXR is read.
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    import cv2

    _check_pixels(data, where)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise AssetError(Fault(where, f"cannot be read: {error.err}", "replace it")) from None
    if image is not None and image.ndim == 2:
        image = np.repeat(image[:, :, None], 3, axis=2)
    if image is None or image.ndim != 3 or image.shape[2] < 3:
        what = "cannot be read as an environment (expected a .hdr or .exr panorama)"
        raise AssetError(Fault(where, what, "replace the file"))
    linear = image[:, :, 2::-1].astype(np.float32)
    if image.dtype == np.uint8:  # a photograph: decode sRGB
        linear = srgb_to_linear(linear / np.float32(255))
    if not np.isfinite(linear).all():
        raise AssetError(Fault(where, "the panorama holds NaN or infinite values", "repair it"))
    out: Radiance = np.maximum(linear, 0)
    return out


def _check_pixels(data: bytes, where: str) -> None:
    """Refuse what would fill the memory; OpenCV itself stops at a thousand million pixels."""
    from PIL.Image import DecompressionBombError

    try:
        width, height = _size(data)
    except DecompressionBombError as error:
        raise AssetError(Fault(where, str(error), "scale it down to at most 8192 x 4096")) from None
    if width * height > MAX_PIXELS:
        what = f"the panorama has {width} x {height} pixels"
        raise AssetError(Fault(where, what, "scale it down to at most 8192 x 4096"))


def _size(data: bytes) -> tuple[int, int]:
    """Width and height that the header says; (0, 0) where it is not understood."""
    if data[:4] == EXR_MAGIC:
        window = re.search(rb"dataWindow\0box2i\0\x10\0\0\0(.{16})", data[:65536], re.S)
        if window is None:
            return 0, 0
        left, top, right, bottom = struct.unpack("<4i", window[1])
        return abs(right - left) + 1, abs(bottom - top) + 1
    if data[:2] == b"#?":
        axes = re.search(rb"\n[-+][XY] (\d{1,9}) [-+][XY] (\d{1,9})\n", data[:65536])
        return (int(axes[2]), int(axes[1])) if axes else (0, 0)
    from PIL import Image as Pillow

    try:
        with Pillow.open(io.BytesIO(data)) as opened:
            return int(opened.size[0]), int(opened.size[1])
    except (OSError, ValueError, SyntaxError):
        return 0, 0  # the decoder will say what is wrong
