"""The loop that joins a book with a crew: hand out, listen, watch, stop in good order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from simgen.errors import Fault, WorkError
from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.crew import Crew, Event
from simgen.pipeline.farm.lease import Lease
from simgen.pipeline.farm.site import Entry, Site, Toll
from simgen.pipeline.farm.work import Try

_WATCH_S = 0.5
POLL_S = 2.0  # between looks at a piece that another driver has
_ENTRIES = 64
_OPEN_S = 600.0  # for a worker to start and open its tools, at least
_UNLUCKY = 8  # pieces in a row that killed their worker: it is the machine, not the pieces
_FULL = 0.75  # of its memory bound: a worker is replaced between pieces


@dataclass(frozen=True)
class Limits:
    """When a try has failed, and when a run is over.

    Args:
        piece_s: that a piece may take; 0: no limit.
        stall_s: that may pass without anything being finished; 0: no limit.
        memory_mib: that a worker may hold; 0: no limit. A piece that is tried again after it
            needed more may have as much again.
        memory_most_mib: that even such a worker may not exceed; 0: no limit.
        recycle: pieces after which a worker is replaced, against slow leaks; 0: never.
        until: time of the clock when all must have stopped; None: when all is done.
    """

    piece_s: float = 0.0
    stall_s: float = 1800.0
    memory_mib: float = 0.0
    memory_most_mib: float = 0.0
    recycle: int = 500
    until: float | None = None


@dataclass
class _Slot:
    """One worker as the drive sees it."""

    piece: Any = None
    lease: Lease | None = None
    given: float = 0.0
    since: float = 0.0  # the same, but not before its worker was ready
    beat: float = 0.0
    made: int = 0
    held_mib: float = 0.0  # most, while it has the piece
    ready: bool = False  # its tools are open


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
        self._idle: list[int] = []
        self._flying = 0
        self._longest_s = 0.0
        self._watched = self.clock()
        self._unlucky: set[str] = set()

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
            self.crew.close()
        return not self.stopped

    @property
    def over(self) -> bool:
        """Whether nothing is in hand and nothing can be handed out any more."""
        return self._flying == 0 and (self.stopped or self.book.empty)

    def step(self) -> None:
        """Hand out what can be handed out, then wait a moment for what happens."""
        self._hand_out()
        for event in self.crew.wait(self._patience()):
            self._take(event)
        now = self.clock()
        if now - self._watched >= _WATCH_S:
            self._watched = now
            self._watch(now)

    def _hand_out(self) -> None:
        now = self.clock()
        for number in range(len(self._slots), self.crew.size()):
            self._slots[number] = _Slot()
            self._idle.append(number)
        if self._closing(now):
            self.stopped = self.stopped or not self.book.empty
            return
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
        slot.given = slot.since = slot.beat = now
        self._flying += 1
        self.crew.give(number, entry.piece, entry.lease)

    def _closing(self, now: float) -> bool:
        """Whether a piece that starts now might not end in time."""
        until = self.limits.until
        return self.stopped or (until is not None and now + self._longest_s >= until)

    def _patience(self) -> float:
        if not self._idle or self.book.due is None:
            return _WATCH_S
        return min(_WATCH_S, max(0.0, self.book.due - self.clock()))

    def _take(self, event: Event) -> None:
        slot, now = self._slots[event.worker], self.clock()
        if event.error is not None:
            raise event.error
        slot.beat = now
        if event.what == "ready":  # what its start took is not the piece's
            slot.ready, slot.since = True, now
        elif event.what == "beat":
            self.on_beat(event.number)
        elif event.what == "done":
            self._made(event.worker, slot, now)
        elif event.how is not None:
            if event.what == "failed":  # its tools may be spoilt: the next try gets fresh ones
                self.crew.dismiss(event.worker)
            slot.ready = False
            self._lost(event.worker, slot, event.how, now)

    def _made(self, number: int, slot: _Slot, now: float) -> None:
        self.book.done(slot.piece)
        held = self.crew.memory_mib(number)
        toll = Toll(now - slot.given, max(slot.held_mib, held), slot.made > 0)
        self.site.made(slot.piece, toll)
        self._longest_s = max(self._longest_s, now - slot.since)
        self._unlucky.clear()
        slot.made += 1
        self._free(number, slot)
        bound = self.limits.memory_mib
        if (self.limits.recycle and slot.made >= self.limits.recycle) or (
            bound and held > _FULL * bound
        ):
            slot.made, slot.ready = 0, False
            self.crew.dismiss(number)

    def _lost(self, number: int, slot: _Slot, how: Try, now: float) -> None:
        slot.made = 0
        piece = slot.piece
        if piece is None:  # it died of boredom
            return
        if how.fenced:
            self.book.postpone(piece, now + POLL_S)
        else:
            timed = replace(how, seconds=round(now - slot.since, 3))
            failure = self.book.failed(piece, timed, now)
            if failure is not None:
                self.site.failed(failure)
        self._free(number, slot)
        if how.died:
            self._unlucky.add(piece.key)
        if len(self._unlucky) >= max(_UNLUCKY, 2 * self.crew.size()):
            what = f"workers died on {len(self._unlucky)} pieces in a row; giving up"
            faults = (Fault("farm", what, "use fewer --jobs, look at memory (dmesg)"), *how.faults)
            raise WorkError(faults)

    def _free(self, number: int, slot: _Slot) -> None:
        self.site.leave(slot.lease)
        slot.piece = slot.lease = None
        self._flying -= 1
        self._idle.append(number)

    def _watch(self, now: float) -> None:
        """Kill what takes too long, hangs, or holds too much memory."""
        until = self.limits.until
        for number, slot in self._slots.items():
            if slot.piece is None:
                continue
            if until is not None and now >= until:  # no fault of the piece: nothing is recorded
                self.stopped = True
                self.crew.kill(number)
                self._free(number, slot)
                continue
            fault = self._excess(number, slot, now)
            if fault is not None:
                words = self.crew.kill(number)
                slot.ready = False
                self._lost(number, slot, Try((fault,), died=True, log=words), now)

    def _excess(self, number: int, slot: _Slot, now: float) -> Fault | None:
        limits, title = self.limits, slot.piece.title
        if not slot.ready:
            patience = max(limits.stall_s, _OPEN_S)
            what = f"its worker was not ready within {patience:g} s"
            late = bool(limits.stall_s) and now - slot.beat > patience
            return Fault(title, what, "look at the machine's load and disks") if late else None
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
