"""The door to the farm: any pieces of work, in this process, on workers of this machine or others.

Stages that turn a dataset into another one use it as rendering does: they say what a piece is,
how a worker opens its tools and what a piece leaves on disk. See `farm` for the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from simgen.errors import Fault, MissingExtraError
from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.crew import Crew
from simgen.pipeline.farm.drive import Drive
from simgen.pipeline.farm.inline import run_inline
from simgen.pipeline.farm.limits import Limits
from simgen.pipeline.farm.local import LocalCrew
from simgen.pipeline.farm.machine import cores, shares_of, usable_mib
from simgen.pipeline.farm.settings import INLINE, Farm
from simgen.pipeline.farm.site import FolderSite, Site
from simgen.pipeline.farm.work import Failure, Hold, Make, Share, Work

__all__ = [
    "INLINE",
    "Failure",
    "Farm",
    "FolderSite",
    "Hold",
    "Make",
    "Outcome",
    "Share",
    "Work",
    "cores",
    "run_tasks",
]


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
    site: Site | None = None,
    began: float | None = None,
) -> Outcome:
    """Make every piece.

    Args:
        work: how a worker makes one.
        pieces: with `key` and `title`, see `farm.work.Piece`; read as they are needed.
        count: of pieces.
        on_beat: called here with every number that a worker says is finished.
        site: the run folder, which other drivers may share; None: nobody else works on this.
        began: `time.monotonic()` from which `max_hours` count; None: now.

    Raises:
        StorageError: the disk is full or cannot be written; everything stops.
        MissingExtraError: the tools cannot be opened.
        WorkError: workers die whatever they do.
    """
    hours = farm.max_hours
    began = time.monotonic() if began is None else began
    until = None if hours is None else began + 3600 * hours
    with (site or Site()).open() as place:
        if farm.kind == "inline":
            book, share = Book(pieces, tries=1), shares_of(work, 1, farm.threads, (), 1)[0]
            complete = run_inline(work, book, share, place, on_beat, until)
        else:
            book = Book(pieces, farm.tries, farm.backoff_s)
            with _crew(work, farm, count) as (crew, memory_mib, most_mib):
                limits = Limits(
                    piece_s=farm.world_limit_s,
                    stall_s=farm.stall_limit_s,
                    memory_mib=memory_mib,
                    memory_most_mib=most_mib,
                    recycle=farm.recycle_worlds,
                    until=until,
                )
                complete = Drive(book, crew, limits, place, on_beat).run()
    return Outcome(tuple(sorted(book.failures, key=lambda one: one.piece.key)), complete)


@contextmanager
def _crew(work: Work, farm: Farm, count: int) -> Iterator[tuple[Crew, float, float]]:
    """Workers, and how much memory one of them may hold: as a rule, and at most."""
    if farm.kind == "ray":
        ray = _ray()
        with ray.cluster(farm.address):
            yield ray.RayCrew(work, farm, count), farm.memory_limit_mib, 0.0
        return
    shares = shares_of(work, farm.jobs, farm.threads, farm.gpus, count)
    usable = usable_mib()
    yield LocalCrew(work, shares), farm.memory_limit_mib or usable / len(shares), usable


def _ray() -> Any:
    try:
        from simgen.pipeline.farm import _ray
    except ImportError as error:
        cure = "pip install 'simgen[farm]'"
        raise MissingExtraError(Fault("--farm ray", f"{error}", cure)) from None
    return _ray
