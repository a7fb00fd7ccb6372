"""Reading a dataset: records in order, images and label maps of a frame, whole samples."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from simgen.dataset import images, npz
from simgen.dataset.layout import Layout
from simgen.dataset.records import FORMAT, FrameRecord, Manifest
from simgen.dataset.urls import UrlPath, ahead, reach
from simgen.errors import Fault, RunFolderError
from simgen.records.sample import Sample
from simgen.records.serial import from_json
from simgen.records.world import World

T = TypeVar("T")


@dataclass(frozen=True)
class Dataset:
    """An opened dataset folder, rendered or made by a stage; reads on demand, holds nothing.

    Args:
        layout: paths.
        manifest: what all frames share.
    """

    layout: Layout
    manifest: Manifest

    @staticmethod
    def open(out: Path) -> Dataset:
        """Open a dataset folder.

        Raises:
            RunFolderError: there is no manifest, or it cannot be read.
        """
        layout = Layout(out)
        reach(out)
        if not layout.manifest.is_file():
            what = "not a dataset of simgen: there is no manifest.json"
            cure = "give a folder of `simgen render`; `simgen import` makes one of a COCO file"
            raise RunFolderError(Fault(str(out), what, cure))
        return Dataset(layout, read_manifest(layout.manifest))

    def frames(self) -> Iterator[int]:
        """Numbers of all frames, ascending."""
        return self.layout.frames()

    def records(self) -> Iterator[FrameRecord]:
        """Records of all frames, ascending."""
        paths = (self.layout.record(frame) for frame in self.frames())
        for path, load in ahead(paths):
            yield _read(FrameRecord, path, "a frame record", load)

    def record(self, frame: int) -> FrameRecord:
        """Record of a frame."""
        return read_record(self.layout.record(frame))

    def world(self, index: int) -> World:
        """A stored world; the views of one world follow each other, so the last are kept."""
        path = self.layout.world(index)
        known = not isinstance(path, UrlPath) and path.exists()
        return _cached_world(path, path.stat().st_mtime_ns if known else 0)

    def scene(self, record: FrameRecord) -> World | None:
        """The world that a frame shows; None for frames that no world was rendered for.

        Raises:
            RunFolderError: the set was rendered and the world is missing.
        """
        if self.manifest.stage is not None and not self.layout.world(record.world).is_file():
            return None
        return self.world(record.world)

    def size(self, record: FrameRecord) -> tuple[int, int]:
        """Width and height of a frame, pixels."""
        return record.size or self.manifest.size

    def file(self, output: str, frame: int) -> Path:
        """Path of an output of a frame; originals of photographs keep their suffix."""
        path = self.layout.output(output, frame)
        if self.manifest.stage is None or path.is_file():
            return path
        fact = self.record(frame).files.get(output)
        return self.layout.root / fact.name if fact else path

    def sample(self, frame: int, outputs: Collection[str] | None = None) -> Sample:
        """A frame as a whole, without loss; its arrays are read-only.

        Args:
            outputs: to decode; None: all that are arrays. The picture always is. What is not
                decoded still travels as a file.
        """
        from simgen.dataset.samples import read_sample

        return read_sample(self, self.record(frame), outputs)

    def samples(self, outputs: Collection[str] | None = None) -> Iterator[Sample]:
        """All frames, ascending, one in memory at a time."""
        return (self.sample(frame, outputs) for frame in self.frames())

    def rgb(self, frame: int) -> NDArray[np.uint8]:
        """uint8[H, W, 3] sRGB."""
        return images.decode_rgb(self.file("rgb", frame))

    def depth_m(self, frame: int) -> NDArray[np.float32]:
        """float32[H, W] metres, 0 where there is no surface."""
        return images.decode_depth(self.file("depth", frame), self.manifest.metres_per_depth_step)

    def sensor_depth_m(self, frame: int) -> NDArray[np.float32]:
        """float32[H, W] metres as a depth camera measured them, 0 where it did not."""
        step = self.manifest.metres_per_depth_step
        return images.decode_depth(self.file("sensor_depth", frame), step)

    def instances(self, frame: int) -> NDArray[np.int32]:
        """int32[H, W] instance ids, 0 is background."""
        return images.decode_instances(self.file("instances", frame))

    def normals(self, frame: int) -> NDArray[np.float32]:
        """float32[H, W, 3] unit normals in the camera frame."""
        return images.decode_normals(self.file("normals", frame))

    def albedo(self, frame: int) -> NDArray[np.uint8]:
        """uint8[H, W, 3] sRGB base colours, black where there is no surface."""
        return images.decode_rgb(self.file("albedo", frame))

    def passes(self, frame: int) -> dict[str, NDArray[Any]]:
        """The engine's passes by name, float16 or float32 [H, W, channels]."""
        return npz.decode_npz(self.file("passes", frame))


def read_record(path: Path) -> FrameRecord:
    """A frame record.

    Raises:
        RunFolderError: missing or damaged.
    """
    return _read(FrameRecord, path, "a frame record")


def read_world(path: Path) -> World:
    """A stored world.

    Raises:
        RunFolderError: missing or damaged.
    """
    return _read(World, path, "a world")


def read_manifest(path: Path) -> Manifest:
    """The manifest of a run folder.

    Raises:
        RunFolderError: missing, damaged, or of another format.
    """
    manifest = _read(Manifest, path, "a manifest")
    if manifest.format != FORMAT:
        what = f"format {manifest.format}; this simgen reads {FORMAT}"
        raise RunFolderError(Fault(str(path), what, f"use simgen {manifest.simgen}"))
    return manifest


@lru_cache(maxsize=4)
def _cached_world(path: Path, mtime_ns: int) -> World:
    return read_world(path)


def _read(kind: type[T], path: Path, noun: str, load: Callable[[], bytes] | None = None) -> T:
    try:
        return from_json(kind, load() if load else path.read_bytes())
    except OSError as error:
        cure = "run the command that made the folder again: what is missing is made"
        raise RunFolderError(Fault(str(path), f"cannot read: {error.strerror}", cure)) from None
    except msgspec.DecodeError as error:  # also ValidationError
        cure = "delete it and run the command that made the folder again"
        if kind is Manifest:
            cure = "restore it from a copy, or move the folder away and make it again"
        raise RunFolderError(Fault(str(path), f"not {noun} of simgen: {error}", cure)) from None
