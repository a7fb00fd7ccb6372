"""Putting a sample's files into another folder: linked, copied, or encoded."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from simgen.dataset import images
from simgen.dataset.atomic import storage_error
from simgen.errors import DataError, Fault
from simgen.records.sample import Sample

PLAIN = (".png", ".jpg", ".jpeg")


def put_rgb(sample: Sample, folder: Path, stem: str, link: bool = True) -> str:
    """The picture as `folder/stem.SUFFIX`; PNG and JPEG files are taken as they are.

    Returns:
        The file's name.

    Raises:
        StorageError: it cannot be written.
    """
    original = sample.files.get("rgb")
    kept = original is not None and original.array is sample.rgb
    if original is not None and kept and original.path.suffix.lower() in PLAIN:
        name = f"{stem}{original.path.suffix.lower()}"
        put_file(original.path, folder / name, link)
        return name
    write(folder / f"{stem}.png", images.encode_rgb(sample.rgb))
    return f"{stem}.png"


def put_file(source: Path, target: Path, link: bool = True) -> None:
    """A hard link, or a copy where links are not wanted or not possible.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if link:
            try:
                os.link(os.path.realpath(source), target)
                return
            except OSError:
                target.unlink(missing_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise storage_error(target, error) from error


def write(path: Path, data: bytes | str) -> None:
    """A file of a format; the folder around it is not under its final name yet.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    except OSError as error:
        raise storage_error(path, error) from error


def cannot(sample: Sample, what: str, cure: str) -> DataError:
    """A sample that a format cannot hold."""
    return DataError(Fault(f"frame {sample.frame}", what, cure))
