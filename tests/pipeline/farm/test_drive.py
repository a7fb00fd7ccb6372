"""The drive with a crew that lives in virtual time: limits, recycling, stopping in good order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from simgen.errors import Fault, MissingExtraError, WorkError
from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.crew import Event
from simgen.pipeline.farm.drive import Drive
from simgen.pipeline.farm.limits import Limits
from simgen.pipeline.farm.site import Site
from simgen.pipeline.farm.work import Try
from tests.pipeline.farm.toys import Toy, toys

DIED = Try((Fault("worker", "died"),), died=True)


class ToyCrew:
    """Each piece takes a second and holds 100 MiB; acts of a toy change that."""

    def __init__(self, size: int) -> None:
        self.count, self.now = size, 0.0
        self.hands: dict[int, tuple[Toy, float]] = {}
        self.log: list[tuple[float, str, int, int]] = []
        self.held: dict[int, float] = {}
        self.closed = False
        self.starting: list[int] = []
        self.asleep = self.deadborn = False  # what workers do instead of starting

    def size(self) -> int:
        return self.count

    def start(self, worker: int) -> None:
        self.starting += [] if self.asleep else [worker]
        self.log.append((self.now, "start", worker, -1))

    def give(self, worker: int, piece: Any, lease: Any) -> None:
        self.hands[worker] = (piece, self.now)
        self.held[worker] = 1000.0 if piece.act == "grow" else self.held.get(worker, 0) + 100.0
        self.log.append((self.now, "give", worker, piece.number))

    def waiting(self, worker: int) -> bool:
        return False

    def wait(self, seconds: float) -> list[Event]:
        self.now += min(seconds, 0.25)
        events = [Event(worker, "ready") for worker in self.starting]
        if self.deadborn:
            events = [Event(worker, "died", how=DIED) for worker in self.starting]
        self.starting = []
        for worker, (toy, since) in list(self.hands.items()):
            if toy.act in ("hang", "grow") or self.now - since < 1:
                continue
            del self.hands[worker]
            if toy.act == "kill":
                events.append(Event(worker, "died", how=DIED))
            elif toy.act == "fail":
                events.append(Event(worker, "failed", how=replace(DIED, died=False)))
            elif toy.act == "full":
                error = MissingExtraError(Fault("toy", "nothing works"))
                events.append(Event(worker, "fatal", error=error))
            else:
                events += [Event(worker, "beat", toy.number), Event(worker, "done")]
        return events

    def memory_mib(self, worker: int) -> float:
        return self.held.get(worker, 0)

    def dismiss(self, worker: int) -> None:
        self.held.pop(worker, None)
        self.log.append((self.now, "dismiss", worker, -1))

    def kill(self, worker: int) -> str:
        number = self.hands.pop(worker)[0].number if worker in self.hands else -1
        self.held.pop(worker, None)
        self.log.append((self.now, "kill", worker, number))
        return "last words"

    def close(self) -> None:
        self.closed = True

    def count_of(self, what: str) -> int:
        return sum(entry[1] == what for entry in self.log)


def drive(pieces: list[Toy], size: int = 2, **limits: Any) -> tuple[Drive, ToyCrew, list[int]]:
    """A drive over toys, with what it counted."""
    crew, beats = ToyCrew(size), list[int]()
    book = Book(pieces, tries=3, backoff_s=1)
    made = Drive(book, crew, Limits(**limits), Site(), beats.append, lambda: crew.now)
    return made, crew, beats


def reasons(made: Drive) -> dict[int, list[str]]:
    return {f.piece.number: [t.faults[0].what for t in f.tries] for f in made.book.failures}


def test_everything_is_made_with_every_worker():
    made, crew, beats = drive(toys(7), size=3)
    assert made.run()
    assert sorted(beats) == list(range(7))
    assert {worker for _, _, worker, _ in crew.log} == {0, 1, 2}
    assert crew.now < 4
    assert crew.closed


def test_a_deadly_piece_is_given_up_after_three_tries_and_the_rest_is_made():
    made, crew, beats = drive(toys(6, _1="kill"))
    assert made.run()
    assert sorted(beats) == [0, 2, 3, 4, 5]
    assert reasons(made) == {1: ["died"] * 3}
    times = [now for now, what, _, number in crew.log if what == "give" and number == 1]
    assert times[1] - times[0] >= 2
    assert times[2] - times[1] >= 5  # one second of work, four of back-off


def test_after_a_failure_the_worker_is_replaced():
    made, crew, _ = drive(toys(1, _0="fail"), size=1)
    made.run()
    assert crew.count_of("dismiss") == 3


def test_a_hang_is_killed_by_either_limit():
    made, _, _ = drive(toys(2, _0="hang"), stall_s=5)
    assert made.run()
    assert reasons(made) == {0: ["no progress for 5 s"] * 3}
    assert made.book.failures[0].tries[0].log == "last words"
    made, _, _ = drive(toys(2, _0="hang"), stall_s=0, piece_s=7)
    assert made.run()
    assert reasons(made) == {0: ["not finished within 7 s"] * 3}


def test_a_worker_that_does_not_start_is_waited_for_longer_and_blamed_itself():
    made, crew, _ = drive(toys(9), size=1, stall_s=5, piece_s=7)
    crew.asleep = True
    with pytest.raises(WorkError, match="3 workers in a row died before they were ready") as caught:
        made.run()
    assert "not ready within 600 s" in str(caught.value)
    assert 1800 < crew.now < 1820
    assert crew.count_of("give") == 0


def test_workers_that_die_at_once_end_the_run():
    made, crew, _ = drive(toys(9), size=2)
    crew.deadborn = True
    with pytest.raises(WorkError, match="6 workers in a row died before they were ready"):
        made.run()
    assert crew.closed


def test_a_place_that_comes_late_holds_no_piece():
    made, crew, beats = drive(toys(6), size=2)
    crew.waiting = lambda worker: worker == 1  # type: ignore[method-assign]
    ready = crew.wait

    def wait(seconds: float) -> list[Event]:
        crew.starting = [worker for worker in crew.starting if worker == 0]
        return ready(seconds)

    crew.wait = wait  # type: ignore[method-assign]
    assert made.run()
    assert sorted(beats) == list(range(6))


def test_a_piece_that_needs_more_memory_gets_more_on_each_try():
    made, _, _ = drive(toys(1, _0="grow"), memory_mib=400, memory_most_mib=1100, stall_s=9)
    assert made.run()
    said = reasons(made)[0]
    assert "1000 MiB" in said[0]
    assert "more than 400" in said[0]
    assert "more than 800" in said[1]
    assert said[2] == "no progress for 9 s"  # 1100 were enough


def test_workers_are_recycled_by_count_and_by_memory():
    made, crew, _ = drive(toys(9), size=1, recycle=4)
    made.run()
    assert crew.count_of("dismiss") == 2
    made, crew, _ = drive(toys(9), size=1, memory_mib=400)
    made.run()
    assert crew.count_of("dismiss") == 2  # above three quarters: after every fourth


def test_a_limit_of_time_begins_nothing_that_would_not_end():
    made, crew, beats = drive(toys(50), size=1, until=5.5)
    assert not made.run()
    assert beats == [0, 1, 2, 3, 4]
    assert crew.count_of("kill") == 0
    assert crew.now <= 5.5
    assert reasons(made) == {}


def test_at_the_limit_of_time_what_runs_is_killed_and_no_failure():
    made, crew, _ = drive(toys(3, _0="hang"), size=1, until=5)
    assert not made.run()
    assert crew.count_of("kill") == 1
    assert reasons(made) == {}


def test_all_done_just_in_time_is_complete():
    made, _, beats = drive(toys(2), size=2, until=2)
    assert made.run()
    assert len(beats) == 2


def test_workers_that_die_on_everything_end_the_run():
    made, crew, _ = drive(toys(40, **{f"_{i}": "kill" for i in range(40)}))
    with pytest.raises(WorkError, match="died on 8 pieces in a row"):
        made.run()
    assert crew.closed


def test_what_no_piece_could_survive_ends_the_run():
    made, crew, _ = drive(toys(3, _1="full"))
    with pytest.raises(MissingExtraError, match="nothing works"):
        made.run()
    assert crew.closed


def test_a_cluster_that_grows_is_used():
    made, crew, beats = drive(toys(12), size=0)
    made.step()
    assert beats == []
    crew.count = 4
    assert made.run()
    assert len(beats) == 12
    assert {worker for _, _, worker, _ in crew.log} == {0, 1, 2, 3}
