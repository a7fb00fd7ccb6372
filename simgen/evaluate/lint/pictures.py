"""Checks of one frame's files: there, whole, of the right size, and showing something."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.reader import Dataset
from simgen.dataset.records import FileFact, FrameRecord
from simgen.errors import SimgenError
from simgen.evaluate.duplicates import perceptual_hash, small_grey
from simgen.evaluate.lint.finding import Finding, Thresholds

_FLAT = 1.0  # standard deviation of display values


@dataclass
class Seen:
    """What was read of a frame.

    Args:
        arrays: by output.
        bits: perceptual hash as 64 bits; None: the picture cannot be read.
        grey: uint8[32, 32], small, for pairs of hashes.
        sha256: of the picture's file.
    """

    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    bits: int | None = None
    grey: NDArray[np.uint8] | None = None
    sha256: str = ""


def file_findings(
    dataset: Dataset, record: FrameRecord, limits: Thresholds, seen: Seen
) -> Iterator[Finding]:
    """What is wrong with the files of a frame; what could be read goes into `seen`."""
    frame = record.frame
    for output in dataset.manifest.outputs:
        fact = record.files.get(output)
        if fact is None:
            yield Finding("missing-file", f"the record names no {output}", frame)
            continue
        path = dataset.layout.root / fact.name
        problem = _file_problem(path, fact)
        if problem is not None:
            code, what = problem
            yield Finding(code, what, frame, file=fact.name)
            if code == "missing-file":
                continue
        try:
            array = _read(dataset, output, frame)
        except (SimgenError, OSError, ValueError) as error:
            what = error.faults[0].what if isinstance(error, SimgenError) else str(error)
            yield Finding("undecodable", what, frame, file=fact.name)
            continue
        if array is None:
            continue
        width, height = dataset.size(record)
        if array.shape[:2] != (height, width):
            what = f"{array.shape[1]} x {array.shape[0]} instead of {width} x {height}"
            yield Finding("wrong-size", what, frame, file=fact.name)
            continue
        seen.arrays[output] = array
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            number = int((~np.isfinite(array)).sum())
            yield Finding("not-finite", f"{number} values", frame, file=fact.name)
        if output == "rgb":
            seen.sha256 = fact.sha256
            yield from _picture(array, frame, fact.name, limits, seen)


def _picture(
    rgb: NDArray[np.uint8], frame: int, name: str, limits: Thresholds, seen: Seen
) -> Iterator[Finding]:
    grey = small_grey(rgb)
    seen.grey = np.asarray(np.clip(np.round(grey), 0, 255), np.uint8)
    packed = np.packbits(perceptual_hash(grey))
    seen.bits = int.from_bytes(packed.tobytes(), "big")
    mean, white = float(rgb.mean()), float((rgb.min(axis=2) == 255).mean())
    if mean < limits.dark:
        yield Finding("black", f"mean value {mean:.1f} of 255", frame, file=name)
    elif white > limits.blown:
        yield Finding("blown", f"{100 * white:.0f} % of its pixels are white", frame, file=name)
    elif float(rgb.std()) < _FLAT:
        yield Finding("flat", f"standard deviation {rgb.std():.2f}", frame, file=name)


def _file_problem(path: Path, fact: FileFact) -> tuple[str, str] | None:
    try:
        if not path.is_file():
            return "missing-file", "it is not there"
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return "undecodable", f"it cannot be read: {error.strerror}"
    if digest != fact.sha256:
        return "changed-file", f"{path.stat().st_size} bytes, {fact.bytes} were written"
    return None


def _read(dataset: Dataset, output: str, frame: int) -> NDArray[Any] | None:
    """An output that is an array; passes: any that is not finite, else nothing."""
    if output == "passes":
        for layer in dataset.passes(frame).values():
            if layer.dtype.kind == "f" and not np.isfinite(layer).all():
                return layer
        return None
    name = {"depth": "depth_m", "sensor_depth": "sensor_depth_m"}.get(output, output)
    read = getattr(dataset, name, None)
    return None if read is None else np.asarray(read(frame))
