"""Reads the one kind of OpenEXR file that the worker writes: single-part, scanline, plain.

The layout is OpenEXR's ("OpenEXR File Layout", openexr.com): with no compression, each line
holds its number, its size and one run of samples per channel, channels by name.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x76\x2f\x31\x01"
_SAMPLES = {0: "<u4", 1: "<f2", 2: "<f4"}
_NO_COMPRESSION = b"\x00"


def read_layers(path: Path) -> dict[str, NDArray[np.float32]]:
    """All channels by name without the view layer's (`Combined.R`), float32[H, W] each.

    Raises:
        ValueError: another kind of file, or a damaged one.
    """
    data = path.read_bytes()
    attributes, start = _header(data)
    if attributes.get("compression") != _NO_COMPRESSION:
        raise ValueError(f"{path.name}: expected an uncompressed file")
    channels = _channels(attributes["channels"])
    x0, y0, x1, y1 = struct.unpack("<4i", attributes["dataWindow"])
    width, height = x1 - x0 + 1, y1 - y0 + 1
    line = np.dtype([("y", "<i4"), ("size", "<i4"), *((n, kind, (width,)) for n, kind in channels)])
    lines = np.frombuffer(data, line, height, start + 8 * height)  # after the offset table
    if not np.array_equal(lines["y"], np.arange(y0, y1 + 1)):
        raise ValueError(f"{path.name}: lines are not in order")
    return {
        name.split(".", 1)[-1]: np.ascontiguousarray(lines[name], np.float32)
        for name, _ in channels
    }


def _header(data: bytes) -> tuple[dict[str, bytes], int]:
    if data[:4] != _MAGIC or data[5] & 0x1A:  # tiled, deep or multi-part
        raise ValueError("expected a single-part scanline OpenEXR file")
    position, out = 8, {}
    while data[position]:
        name, position = _text(data, position)
        _, position = _text(data, position)
        (size,) = struct.unpack_from("<I", data, position)
        out[name] = data[position + 4 : position + 4 + size]
        position += 4 + size
    return out, position + 1


def _channels(data: bytes) -> list[tuple[str, str]]:
    position = 0
    out: list[tuple[str, str]] = []
    while data[position]:
        name, position = _text(data, position)
        kind, _, x_step, y_step = struct.unpack_from("<IIii", data, position)
        if (x_step, y_step) != (1, 1):
            raise ValueError(f"channel {name} is subsampled")
        out.append((name, _SAMPLES[kind]))
        position += 16
    return out


def _text(data: bytes, position: int) -> tuple[str, int]:
    end = data.index(0, position)
    return data[position:end].decode(), end + 1
