"""The reader of the worker's files takes nothing else."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from simgen.render.cycles.exr import read_layers


def written(path: Path, channels: dict[str, np.ndarray], compression: int = 0) -> Path:
    """An OpenEXR file by the book: header, offsets, lines of channels in order of their names."""
    height, width = next(iter(channels.values())).shape
    names = sorted(channels)
    kinds = {"float16": 1, "float32": 2}

    def attribute(name: str, kind: str, value: bytes) -> bytes:
        return f"{name}\0{kind}\0".encode() + struct.pack("<I", len(value)) + value

    listed = b"".join(
        n.encode() + b"\0" + struct.pack("<IIii", kinds[channels[n].dtype.name], 0, 1, 1)
        for n in names
    )
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    head = struct.pack("<II", 20000630, 2)
    head += attribute("channels", "chlist", listed + b"\0")
    head += attribute("compression", "compression", bytes([compression]))
    head += attribute("dataWindow", "box2i", window) + b"\0"
    lines = [b"".join(channels[n][y].tobytes() for n in names) for y in range(height)]
    offsets, position = b"", len(head) + 8 * height
    body = b""
    for y, line in enumerate(lines):
        offsets += struct.pack("<Q", position)
        position += 8 + len(line)
        body += struct.pack("<iI", y, len(line)) + line
    path.write_bytes(head + offsets + body)
    return path


@pytest.fixture
def channels() -> dict[str, np.ndarray]:
    x = np.arange(35, dtype=np.float32).reshape(5, 7)
    return {"Layer.Combined.R": x, "Layer.Depth.Z": -x, "Layer.Half.Y": x.astype(np.float16)}


def test_reads_what_was_written(tmp_path: Path, channels: dict[str, np.ndarray]):
    layers = read_layers(written(tmp_path / "a.exr", channels))
    assert set(layers) == {"Combined.R", "Depth.Z", "Half.Y"}
    for name, values in channels.items():
        assert np.array_equal(layers[name.removeprefix("Layer.")], values.astype(np.float32))


def test_refuses_other_files(tmp_path: Path, channels: dict[str, np.ndarray]):
    with pytest.raises(ValueError, match="uncompressed"):
        read_layers(written(tmp_path / "zip.exr", channels, compression=3))
    other = tmp_path / "other.exr"
    other.write_bytes(b"\x89PNG and so on")
    with pytest.raises(ValueError, match="scanline OpenEXR"):
        read_layers(other)
    cut = written(tmp_path / "cut.exr", channels)
    os.truncate(cut, cut.stat().st_size - 9)
    with pytest.raises(ValueError):  # noqa: PT011 - numpy's words
        read_layers(cut)
