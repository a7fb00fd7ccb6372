"""The loop that joins a book with a crew: start workers, hand out, listen, watch, stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from simgen.errors import Fault, WorkError
from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.crew import Crew, Event
from simgen.pipeline.farm.lease import Lease
from simgen.pipeline.farm.limits import Limits
from simgen.pipeline.farm.site import Entry, Site, Toll
from simgen.pipeline.farm.work import Try

POLL_S = 2.0  # between looks at a piece that another driver has
_WATCH_S = 0.5
_ENTRIES = 64
_OPEN_S = 600.0  # for a worker to start and open its tools, at least
_UNLUCKY = 8  # pieces in a row that killed their worker: it is the machine, not the pieces
_STILLBORN = 3  # workers in a row, for each place, that died before they were ready
_FULL = 0.75  # of its memory bound: a worker is replaced between pieces


@dataclass
class _Slot:
    """The place of one worker: empty, starting, idle, or busy with a piece."""

    here: bool = False
    ready: bool = False
    piece: Any = None
    lease: Lease | None = None
    since: float = 0.0
    beat: float = 0.0
    made: int = 0
    held_mib: float = 0.0  # most, while it has the piece


@dataclass
class Drive:
    """Carries a book out.

    Args:
        book: what is to be done.
        crew: who does it.
        limits: see there.
        site: who may work on what.
        on_beat: called with each thing that was finished.
        clock: seconds that never run backwards.
    """

    book: Book
    crew: Crew
    limits: Limits = field(default_factory=Limits)
    site: Site = field(default_factory=Site)
    on_beat: Callable[[int], None] = lambda number: None
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.stopped = False  # by the limit of time, before all was done
        self._slots: dict[int, _Slot] = {}
        self._empty: list[int] = []  # places without a worker
        self._idle: list[int] = []
        self._flying = 0
        self._longest_s = 0.0
        self._watched = self.clock()
        self._unlucky: set[str] = set()
        self._stillborn = 0
        self._worker_s, self._counted = 0.0, self._watched

    def run(self) -> bool:
        """Work until nothing is left to do.

        Returns:
            Whether every piece was made or has failed for good; False: time was up.

        Raises:
            StorageError, MissingExtraError: no piece could succeed.
            WorkError: workers die whatever they do.
        """
        try:
            while not self.over:
                self.step()
        finally:
            self._account(self.clock())
            self.crew.close()
        return not self.stopped

    @property
    def over(self) -> bool:
        """Whether nothing is in hand and nothing can be handed out any more."""
        return self._flying == 0 and (self.stopped or self.book.empty)

    def step(self) -> None:
        """Hand out what can be handed out, then wait a moment for what happens."""
        now = self.clock()
        if self._closing(now):
            self.stopped = self.stopped or not self.book.empty
        else:
            self._hire(now)
            self._hand_out(now)
        for event in self.crew.wait(self._patience()):
            self._take(event)
        now = self.clock()
        if now - self._watched >= _WATCH_S:
            self._watched = now
            self._account(now)
            self._watch(now)

    def _account(self, now: float) -> None:
        """Count what workers cost, from the moment they are asked for."""
        here = sum(slot.here for slot in self._slots.values())
        self._worker_s += here * (now - self._counted)
        self._counted = now
        self.site.spent(here, self._worker_s)

    def _closing(self, now: float) -> bool:
        """Whether a piece that starts now might not end in time."""
        until = self.limits.until
        return self.stopped or (until is not None and now + self._longest_s >= until)

    def _hire(self, now: float) -> None:
        """Start workers at empty places. They get a piece when they are ready, not before."""
        for number in range(len(self._slots), self.crew.size()):
            self._slots[number] = _Slot()
            self._empty.append(number)
        if self._idle or not self._empty or self.book.empty:
            return
        for number in self._empty:
            slot = self._slots[number]
            slot.here, slot.beat, slot.made = True, now, 0
            self.crew.start(number)
        self._empty.clear()

    def _hand_out(self, now: float) -> None:
        for _ in range(_ENTRIES):  # others may have made most of it: do not forget to listen
            piece = self.book.next(now) if self._idle else None
            if piece is None:
                break
            entry = self.site.enter(piece)
            if entry.what == "go":
                self._give(entry, now)
            elif entry.what == "wait":
                self.book.postpone(piece, now + POLL_S)
            elif entry.what == "done":
                self.book.done(piece)
            elif entry.failure is not None:
                self.book.given_up(entry.failure)

    def _give(self, entry: Entry, now: float) -> None:
        number = self._idle.pop()
        slot = self._slots[number]
        slot.piece, slot.lease, slot.held_mib = entry.piece, entry.lease, 0.0
        slot.since = slot.beat = now
        self._flying += 1
        self.crew.give(number, entry.piece, entry.lease)

    def _patience(self) -> float:
        if not self._idle or self.book.due is None:
            return _WATCH_S
        return min(_WATCH_S, max(0.0, self.book.due - self.clock()))

    def _take(self, event: Event) -> None:
        slot, now = self._slots[event.worker], self.clock()
        if event.error is not None:
            raise event.error
        slot.beat = now
        if event.what == "ready":
            self._stillborn = 0
            slot.ready = True
            self._idle.append(event.worker)
        elif event.what == "beat":
            self.on_beat(event.number)
        elif event.what == "done":
            self._made(event.worker, slot, now)
        elif event.how is not None:
            if event.what == "failed":  # its tools may be spoilt: the next try gets fresh ones
                self.crew.dismiss(event.worker)
            self._lost(event.worker, slot, event.how, now)

    def _made(self, number: int, slot: _Slot, now: float) -> None:
        held, took = self.crew.memory_mib(number), now - slot.since
        self.book.done(slot.piece)
        self.site.made(slot.piece, Toll(took, max(slot.held_mib, held), slot.made > 0))
        self._longest_s = max(self._longest_s, took)
        self._unlucky.clear()
        slot.made += 1
        self._free(slot)
        bound, recycle = self.limits.memory_mib, self.limits.recycle
        if (recycle and slot.made >= recycle) or (bound and held > _FULL * bound):
            self.crew.dismiss(number)
            self._vacate(number, slot)
        else:
            self._idle.append(number)

    def _lost(self, number: int, slot: _Slot, how: Try, now: float) -> None:
        """A worker is gone, with the piece that it had, if it had one."""
        piece, ready = slot.piece, slot.ready
        if piece is not None and how.fenced:
            self.book.postpone(piece, now + POLL_S)
        elif piece is not None:
            timed = replace(how, seconds=round(now - slot.since, 3))
            failure = self.book.failed(piece, timed, now)
            if failure is not None:
                self.site.failed(failure)
        if piece is not None:
            self._free(slot)
        elif number in self._idle:
            self._idle.remove(number)
        self._vacate(number, slot)
        if how.died:
            self._doubt(piece, ready, how)

    def _doubt(self, piece: Any, ready: bool, how: Try) -> None:
        """Give up when workers die whatever they do."""
        if piece is not None:
            self._unlucky.add(piece.key)
        self._stillborn += not ready
        what = ""
        if len(self._unlucky) >= max(_UNLUCKY, 2 * self.crew.size()):
            what = f"workers died on {len(self._unlucky)} pieces in a row; giving up"
        elif self._stillborn >= _STILLBORN * self.crew.size():
            what = f"{self._stillborn} workers in a row died before they were ready; giving up"
        if what:
            fault = Fault("farm", what, "use fewer --jobs, look at memory (dmesg)")
            raise WorkError((fault, *how.faults))

    def _free(self, slot: _Slot) -> None:
        self.site.leave(slot.lease)
        slot.piece = slot.lease = None
        self._flying -= 1

    def _vacate(self, number: int, slot: _Slot) -> None:
        slot.here = slot.ready = False
        self._empty.append(number)

    def _watch(self, now: float) -> None:
        """Kill what takes too long, hangs, or holds too much memory."""
        until = self.limits.until
        for number, slot in self._slots.items():
            if until is not None and now >= until and slot.piece is not None:
                self.stopped = True  # no fault of the piece: nothing is recorded
                self.crew.kill(number)
                self._free(slot)
                self._vacate(number, slot)
            elif slot.here and (fault := self._excess(number, slot, now)) is not None:
                words = self.crew.kill(number)
                self._lost(number, slot, Try((fault,), died=True, log=words), now)
            if self.clock() - now > _WATCH_S:
                return  # killing took its time, in which others may have said something

    def _excess(self, number: int, slot: _Slot, now: float) -> Fault | None:
        limits = self.limits
        if not slot.ready:
            return self._late(number, slot, now)
        if slot.piece is None:
            return None
        title = slot.piece.title
        if limits.piece_s and now - slot.since > limits.piece_s:
            what = f"not finished within {limits.piece_s:g} s"
            return Fault(title, what, "raise the limit of time, or make the scene cheaper")
        if limits.stall_s and now - slot.beat > limits.stall_s:
            what = f"no progress for {limits.stall_s:g} s"
            return Fault(title, what, "raise the limit if frames of this scene take that long")
        held = self.crew.memory_mib(number)
        slot.held_mib = max(slot.held_mib, held)
        bound = limits.memory_mib * (1 + self.book.tried(slot.piece))
        bound = min(bound, limits.memory_most_mib or bound)
        if bound and held > bound:
            what = f"its worker held {held:.0f} MiB of memory, more than {bound:.0f}"
            return Fault(title, what, "use fewer --jobs, or raise the limit of memory")
        return None

    def _late(self, number: int, slot: _Slot, now: float) -> Fault | None:
        """Whether a worker takes too long to start."""
        patience = max(self.limits.stall_s, _OPEN_S)
        if self.crew.waiting(number):
            slot.beat = now
        if not self.limits.stall_s or now - slot.beat <= patience:
            return None
        what = f"a worker was not ready within {patience:g} s"
        return Fault(f"worker {number}", what, "look at the machine's load and disks")
