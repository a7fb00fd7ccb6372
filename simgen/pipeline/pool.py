"""The door to the farm: any pieces of work, in this process, on workers of this machine or others.

Stages that turn a dataset into another one use it as rendering does: they say what a piece is,
how a worker opens its tools and what a piece leaves on disk. See `farm` for the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.drive import Drive, Limits
from simgen.pipeline.farm.inline import run_inline
from simgen.pipeline.farm.local import LocalCrew
from simgen.pipeline.farm.machine import cores, shares_of, usable_mib
from simgen.pipeline.farm.work import Failure, Hold, Make, Share, Work

__all__ = ["Failure", "Farm", "Hold", "Make", "Outcome", "Share", "Work", "cores", "run_tasks"]


@dataclass(frozen=True)
class Farm:
    """Who works, and how patiently.

    Args:
        kind: `local`: processes of this machine; `inline`: this process.
        jobs, threads: workers, threads of each; 0: as the machine and the work suggest.
        gpus: ids, one pinned to each worker in turn; None: the machine's if the work uses any.
        memory_mib: of each worker; 0: its part of the machine.
        tries: on fresh workers, after which a piece is given up.
        backoff_s: before the second try; four times as long before the third.
        piece_s: that a piece may take; 0: no limit.
        stall_s: that may pass without a finished frame; 0: no limit.
        max_hours: after which the run ends in good order; None: when all is done.
    """

    kind: str = "local"
    jobs: int = 0
    threads: int = 0
    gpus: tuple[str, ...] | None = None
    memory_mib: float = 0.0
    tries: int = 3
    backoff_s: float = 1.0
    piece_s: float = 0.0
    stall_s: float = 1800.0
    max_hours: float | None = None


INLINE = Farm("inline", jobs=1)


@dataclass(frozen=True)
class Outcome:
    """How it went.

    Args:
        failures: pieces that could not be made, by key.
        complete: whether every other piece was made; False: time was up.
    """

    failures: tuple[Failure, ...]
    complete: bool


def run_tasks(
    work: Work,
    pieces: Iterable[Any],
    count: int,
    farm: Farm,
    on_beat: Callable[[int], None] = lambda number: None,
) -> Outcome:
    """Make every piece.

    Args:
        work: how a worker makes one.
        pieces: with `key` and `title`, see `farm.work.Piece`; read as they are needed.
        count: of pieces.
        on_beat: called here with every number that a worker says is finished.

    Raises:
        StorageError: the disk is full or cannot be written; everything stops.
        MissingExtraError: the tools cannot be opened.
        WorkError: workers die whatever they do.
    """
    hours = farm.max_hours
    until = None if hours is None else time.monotonic() + 3600 * hours
    shares = shares_of(work, farm.jobs, farm.threads, farm.gpus, count)
    if farm.kind == "inline":
        book = Book(pieces, tries=1)
        complete = run_inline(work, book, shares[0], on_beat, until)
    else:
        book = Book(pieces, farm.tries, farm.backoff_s)
        limits = _limits(farm, len(shares), until)
        complete = Drive(book, LocalCrew(work, shares), limits, on_beat).run()
    return Outcome(tuple(sorted(book.failures, key=lambda one: one.piece.key)), complete)


def _limits(farm: Farm, jobs: int, until: float | None) -> Limits:
    usable = usable_mib()
    return Limits(
        piece_s=farm.piece_s,
        stall_s=farm.stall_s,
        memory_mib=farm.memory_mib or usable / jobs,
        memory_most_mib=usable,
        until=until,
    )
