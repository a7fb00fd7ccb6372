"""A farm in virtual time: many workers under several drivers, and everything goes wrong at random.

Books, drives, sites, leases and quarantine are the real ones, on a real folder; workers, their
machines and time are made up. A frame counts as made when its worker commits it, after the same
check of its lease that real workers make. Test and bench use it with different sizes.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from simgen.errors import Fault, FencedError
from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.crew import Event
from simgen.pipeline.farm.drive import Drive
from simgen.pipeline.farm.lease import TTL_S, Lease, Leases
from simgen.pipeline.farm.limits import Limits
from simgen.pipeline.farm.site import FolderSite
from simgen.pipeline.farm.work import Try
from simgen.pipeline.tasks import Task

NODE = 25  # workers on one machine
BEAT_S = TTL_S / 6
START_S, FRAME_S = 20.0, 2.0
STALL_S, MEMORY_MIB = 300.0, 1000.0
_STEP_S = 2.0
_TROUBLES = ("driver killed", "driver stopped", "machine stopped")


@dataclass(frozen=True)
class Rates:
    """How often things go wrong, for a try of a world; nodes and drivers by time.

    Args:
        die: the worker is killed somewhere in the middle.
        crash: the worker dies just after a commit, before it can tell.
        hang: nothing happens any more.
        fail: an error of this try.
        grow: the worker holds too much memory.
        node_s: mean time between losses of a whole node of a driver.
        driver_s: between troubles of a driver: it is killed, or stopped for longer than it is
            believed to live, alone or with its workers.
    """

    die: float = 0.02
    crash: float = 0.01
    hang: float = 0.004
    fail: float = 0.01
    grow: float = 0.004
    node_s: float = 900.0
    driver_s: float = 1500.0


@dataclass
class World:
    """What all drivers share: the clock, the store of frames, chance."""

    frames: int
    rates: Rates
    rng: np.random.Generator
    now: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.commits = np.zeros(self.frames, np.uint8)

    def still(self, task: Task) -> Task | None:
        """What of a world is not there yet."""
        frames = tuple(f for f in task.frames if not self.commits[f])
        return replace(task, frames=frames) if frames else None


@dataclass
class _Worker:
    """A made-up worker: what it will do next stands in the fleet's calendar."""

    generation: int
    task: Task | None = None
    lease: Lease | None = None
    doom: str = ""
    doomed_at: int = -1  # frames of its piece after which that happens
    grown: bool = False


class Fleet:
    """A crew in virtual time.

    Args:
        world: shared by all fleets.
        count: of workers.
    """

    def __init__(self, world: World, count: int) -> None:
        self.world, self.count, self.now = world, count, world.now
        self.inside_s = 0.0  # processor seconds spent on making things up, not on scheduling
        self._workers: dict[int, _Worker] = {}
        self._calendar: list[tuple[float, int, int, int, str, int]] = []
        self._order, self._generation = itertools.count(), itertools.count()
        self._node_due = self.now + world.rng.exponential(world.rates.node_s)

    def size(self) -> int:
        return self.count

    def start(self, worker: int) -> None:
        self._workers[worker] = _Worker(next(self._generation))
        self._plan(worker, START_S * (0.5 + self.world.rng.random()), "ready")

    def give(self, worker: int, piece: Any, lease: Lease | None) -> None:
        began = time.process_time()
        hand, rng, rates = self._workers[worker], self.world.rng, self.world.rates
        hand.task, hand.lease, hand.doom = piece, lease, ""
        names = ("die", "crash", "hang", "fail", "grow")
        chances = np.cumsum([getattr(rates, name) for name in names])
        drawn = int(np.searchsorted(chances, rng.random(), side="right"))
        if drawn < len(names):
            hand.doom = names[drawn]
            hand.doomed_at = int(rng.integers(0, len(piece.frames)))
        self._plan(worker, self._frame_s(), "frame", 0)
        self.inside_s += time.process_time() - began

    def waiting(self, worker: int) -> bool:
        return False

    def wait(self, seconds: float) -> list[Event]:
        began = time.process_time()
        end = self.now + seconds
        events: list[Event] = []
        while self._calendar and self._calendar[0][0] <= end:
            at, _, worker, generation, what, number = heapq.heappop(self._calendar)
            hand = self._workers.get(worker)
            if hand is not None and hand.generation == generation:
                self.now = max(self.now, at)
                events += self._happen(worker, hand, what, number)
                if events:
                    break
        else:
            self.now = end
        if self.now >= self._node_due:
            events += self._lose_node()
        self.inside_s += time.process_time() - began
        return events

    def memory_mib(self, worker: int) -> float:
        hand = self._workers.get(worker)
        return 5 * MEMORY_MIB if hand is not None and hand.grown else MEMORY_MIB / 2

    def dismiss(self, worker: int) -> None:
        self._workers.pop(worker, None)

    def kill(self, worker: int) -> str:
        self._workers.pop(worker, None)
        return "last words"

    def close(self) -> None:
        self._workers.clear()

    def _frame_s(self) -> float:
        return FRAME_S * float(self.world.rng.lognormal(0, 0.5))

    def _plan(self, worker: int, after: float, what: str, number: int = 0) -> None:
        generation = self._workers[worker].generation
        entry = (self.now + after, next(self._order), worker, generation, what, number)
        heapq.heappush(self._calendar, entry)

    def _happen(self, worker: int, hand: _Worker, what: str, number: int) -> list[Event]:
        if what == "ready":
            return [Event(worker, "ready")]
        assert hand.task is not None
        doomed = hand.doom if hand.doom and number == hand.doomed_at else ""
        if doomed and doomed != "crash":
            return self._doomed(worker, hand, doomed)
        frame = hand.task.frames[number]
        try:
            if hand.lease is not None:
                hand.lease.check()
        except FencedError as error:
            self.world.faults["fenced"] += 1
            return [Event(worker, "failed", how=Try(error.faults, fenced=True))]
        self.world.commits[frame] += 1
        if doomed:
            self.world.faults["crash"] += 1
            return [self._died(worker)]
        if number + 1 == len(hand.task.frames):
            hand.task = None
            return [Event(worker, "beat", frame), Event(worker, "done")]
        self._plan(worker, self._frame_s(), "frame", number + 1)
        return [Event(worker, "beat", frame)]

    def _doomed(self, worker: int, hand: _Worker, doom: str) -> list[Event]:
        self.world.faults[doom] += 1
        if doom == "fail":
            return [Event(worker, "failed", how=Try((Fault("world", "failed by chance"),)))]
        if doom == "die":
            return [self._died(worker)]
        hand.grown = doom == "grow"
        return []  # a hang, or one that is killed for its memory: nothing is heard any more

    def _died(self, worker: int) -> Event:
        self._workers.pop(worker)
        return Event(worker, "died", how=Try((Fault("worker", "died by chance"),), died=True))

    def _lose_node(self) -> list[Event]:
        self._node_due = self.now + self.world.rng.exponential(self.world.rates.node_s)
        node = int(self.world.rng.integers(0, max(1, self.count // NODE)))
        lost = [n for n in range(node * NODE, (node + 1) * NODE) if n in self._workers]
        self.world.faults["node"] += 1
        return [self._died(worker) for worker in lost]


class Driver:
    """One driver with its fleet: real leases and site, beats in virtual time."""

    def __init__(self, world: World, out: Path, name: str, workers: int, tasks: list[Task]) -> None:
        self.world, self.name = world, name
        self.fleet = Fleet(world, workers)
        leases = Leases(out / "leases", name, lambda: self.fleet.now)
        # As if on a machine of its own: nobody can see whether its process is there.
        leases._me = {"host": name, "pid": 1, "boot": name, "pids": name}
        self.site = FolderSite(out, name, world.still, leases=leases)
        self.drive = Drive(
            Book(iter(tasks)),
            self.fleet,
            Limits(stall_s=STALL_S, memory_mib=MEMORY_MIB, recycle=100),
            self.site,
            clock=lambda: self.fleet.now,
        )
        self.stack = ExitStack()
        self.stack.enter_context(leases.open(beating=False))
        self.beaten, self.real_s = self.fleet.now, 0.0
        self.stopped_until = 0.0
        self.workers_stopped = False
        self.unheard: list[Event] = []
        self.trouble = self.fleet.now + world.rng.exponential(world.rates.driver_s)

    @property
    def time(self) -> float:
        """When it will do something next."""
        return max(self.fleet.now, self.stopped_until if self.workers_stopped else 0.0)

    def stop_for(self, seconds: float, workers: bool) -> None:
        """SIGSTOP and, later, SIGCONT: of the driver, or of the machine with its workers, too."""
        self.stopped_until, self.workers_stopped = self.fleet.now + seconds, workers

    def step(self) -> None:
        """One step of the drive, timed; or, while it is stopped, of its workers alone."""
        if self.workers_stopped:  # it is over now, and everything that was due happens at once
            self.fleet.now, self.workers_stopped = self.stopped_until, False
        if self.fleet.now < self.stopped_until:
            self.unheard += self.fleet.wait(_STEP_S)
            return
        heard, self.unheard = self.unheard, []
        for event in heard:
            self.drive._take(event)
        began = time.process_time()
        if self.fleet.now - self.beaten >= BEAT_S:
            self.beaten = self.fleet.now
            self.site.leases.beat()
        self.drive.step()
        self.real_s += time.process_time() - began
        self.world.now = self.fleet.now


@dataclass(frozen=True)
class Result:
    """What came out.

    Args:
        commits: of each frame.
        faults: that happened, by kind.
        passes: runs over the whole until nothing was set aside.
        worlds: that were handed to workers again or for the first time.
        scheduling_s: processor seconds of all drivers without what the simulation itself takes.
        virtual_s: time that the farm would have taken.
    """

    commits: Any
    faults: Counter[str]
    passes: int
    worlds: int
    scheduling_s: float
    virtual_s: float


def simulate(
    out: Path,
    worlds: int,
    views: int,
    workers: int,
    drivers: int,
    seed: int,
    rates: Rates | None = None,
    told: Callable[[str], None] = lambda text: None,
) -> Result:
    """Run a farm until every frame is there.

    Args:
        out: folder for leases and quarantine.
        worlds, views: that make `worlds * views` frames.
        workers: of all drivers together.
        drivers: that share the folder.
    """
    world = World(worlds * views, rates or Rates(), np.random.Generator(np.random.PCG64(seed)))
    tasks = [Task(w, tuple(range(w * views, (w + 1) * views))) for w in range(worlds)]
    names = (f"driver{n:04d}" for n in itertools.count())
    spent, passes = 0.0, 0
    while not world.commits.all():
        passes += 1
        spent += _one_pass(world, out, names, workers // drivers, drivers, tasks)
        told(f"pass {passes}: {int((world.commits > 0).sum())} of {world.frames} frames")
        tasks = [task for task in tasks if world.still(task) is not None]
    given = sum(world.faults[name] for name in ("die", "crash", "hang", "fail", "grow", "fenced"))
    return Result(world.commits, world.faults, passes, worlds + given, spent, world.now)


def _one_pass(
    world: World, out: Path, names: Iterator[str], workers: int, count: int, tasks: list[Task]
) -> float:
    """All drivers at once, always the one that is furthest behind in time; processor seconds."""
    living = [Driver(world, out, next(names), workers, tasks) for _ in range(count)]
    spent = 0.0
    while living:
        driver = min(living, key=lambda one: one.time)
        if driver.drive.over:
            driver.stack.close()
            living.remove(driver)
            spent += driver.real_s - driver.fleet.inside_s
        elif driver.time >= driver.trouble:
            rng = world.rng
            driver.trouble = driver.time + rng.exponential(world.rates.driver_s)
            what = _TROUBLES[int(rng.integers(0, len(_TROUBLES)))]
            world.faults[what] += 1
            if what != "driver killed":
                driver.stop_for(2 * TTL_S, workers=what == "machine stopped")
            else:  # SIGKILL on a machine of its own: its file stays, its workers end
                living.remove(driver)
                spent += driver.real_s - driver.fleet.inside_s
                living.append(Driver(world, out, next(names), workers, tasks))
        else:
            driver.step()
    return spent
