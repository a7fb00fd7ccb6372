"""What a stage must offer, and what it is given to work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord, Manifest
from simgen.plugin.protocols import Stream
from simgen.records.provenance import Step
from simgen.records.sample import Sample


@dataclass(frozen=True)
class Piece:
    """A frame to make.

    Args:
        frame: its number in the output.
        rng: its own stream, keyed by seed, kind of stage and number alone.
    """

    frame: int
    rng: Stream


@dataclass(frozen=True)
class Kept:
    """A frame of a source whose files stay as they are; they are linked and not decoded.

    Args:
        record: as it shall be in the output: number, labels, provenance; its files are filled in.
        source, frame: whose files are taken.
    """

    record: FrameRecord
    source: Dataset
    frame: int


@dataclass(frozen=True)
class Dropped:
    """A frame that is not to be, with the reason; a resumed run does not try it again."""

    frame: int
    step: Step


Outcome = Sample | Kept | Dropped
# Makes the frames of a batch; exactly one outcome for each, in any order.
Make = Callable[[Sequence[Piece]], Iterable[Outcome]]


class Stage(Protocol):
    """Something that makes frames. It pickles: other processes open it anew.

    Optional: an attribute `needs` (`records.needs.Needs`) says what a worker takes of a machine.
    """

    def open(self, threads: int) -> AbstractContextManager[Make]:
        """Ready to work in this process: datasets opened, models loaded.

        Args:
            threads: that it may use.
        """


@dataclass(frozen=True)
class StagePlan:
    """A run of a stage.

    Args:
        manifest: of the output; `stage_manifest` makes it.
        frames: numbers to make, ascending.
        batch: frames that are made together.
        sources: absolute paths by name; for the run log alone.
    """

    manifest: Manifest
    frames: Sequence[int]
    batch: int = 1
    sources: Mapping[str, Path] = field(default_factory=dict)
