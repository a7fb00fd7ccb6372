"""Where everything lies in a run folder: eight-digit names in chunks of 10,000."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simgen.dataset.urls import UrlPath

CHUNK = 10_000
MAX_FRAMES = 100_000_000
# Output name in scene files -> folder and suffix.
OUTPUT_FILES: dict[str, tuple[str, str]] = {
    "rgb": ("images", ".png"),
    "depth": ("depth", ".png"),
    "instances": ("instances", ".png"),
    "normals": ("normals", ".png"),
    "points": ("points", ".ply"),
    "albedo": ("albedo", ".png"),
    "passes": ("passes", ".npz"),
    "sensor_depth": ("sensor_depth", ".png"),
}


def chunked(number: int, suffix: str) -> str:
    """`0000/00000042.png` for number 42."""
    return f"{number // CHUNK:04d}/{number:08d}{suffix}"


@dataclass(frozen=True)
class Layout:
    """Paths below one run folder.

    Args:
        root: the folder, `OUT`.
    """

    root: Path

    @property
    def manifest(self) -> Path:
        """What all shards of this dataset share."""
        return self.root / "manifest.json"

    @property
    def coco(self) -> Path:
        """COCO index, written by finalize."""
        return self.root / "annotations" / "instances.json"

    def split(self, name: str) -> Path:
        """COCO index of one split of the worlds."""
        return self.coco.with_name(f"{name}.json")

    @property
    def runs(self) -> Path:
        """Folder of run logs: the only place for time, host and absolute paths."""
        return self.root / "runs"

    def output(self, output: str, frame: int) -> Path:
        """File of an output (`rgb`, `depth`, ...) of a frame."""
        return self.root / self.output_name(output, frame)

    @staticmethod
    def output_name(output: str, frame: int, suffix: str = "") -> str:
        """The same, relative to the run folder, with forward slashes.

        Args:
            suffix: of an original that is kept as it is, `.jpg`; default: the output's own.
        """
        folder, usual = OUTPUT_FILES[output]
        return f"{folder}/{chunked(frame, suffix or usual)}"

    def record(self, frame: int) -> Path:
        """Record of a frame; it exists when the frame does."""
        return self.root / "frames" / chunked(frame, ".json")

    def dropped(self, frame: int) -> Path:
        """Why a stage made no such frame."""
        return self.root / "dropped" / chunked(frame, ".json")

    def world(self, index: int) -> Path:
        """A world, written once."""
        return self.root / "worlds" / chunked(index, ".json")

    def frames(self) -> Iterator[int]:
        """Numbers of all frames that have a record, ascending, one chunk in memory at a time."""
        return _numbers(self.root / "frames")

    def dropped_frames(self) -> Iterator[int]:
        """Numbers of all frames that a stage decided not to make, ascending."""
        return _numbers(self.root / "dropped")

    def worlds(self) -> Iterator[int]:
        """Numbers of all stored worlds, ascending."""
        return _numbers(self.root / "worlds")


def _numbers(folder: Path) -> Iterator[int]:
    chunks = sorted(name for name in _names(folder) if name.isdigit())
    for chunk in chunks:
        # Temporary files start with a dot and are never taken for records. Plain names, because
        # ten thousand Path objects would be most of the memory of a pass over the records.
        stems = (name.removesuffix(".json") for name in _names(folder / chunk))
        yield from sorted(int(stem) for stem in stems if len(stem) == 8 and stem.isdigit())


def _names(folder: Path) -> list[str]:
    if isinstance(folder, UrlPath):
        return list(folder.listing())
    return os.listdir(folder) if folder.is_dir() else []
