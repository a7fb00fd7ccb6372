"""Workers as actors of a Ray cluster (extra `farm`); only the modules `_ray*` import ray.

An actor rather than a task for each piece: a worker's tools (scene, engine, a loaded model) take
seconds to open and are used for many pieces, and an actor can be watched, replaced and pinned to
its CPUs, GPU and memory. At most one piece is on its way to each: that is the back-pressure. Ray
retries nothing by itself (its default for workers that ran out of memory is for ever); tries
are counted by the book, here as elsewhere.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, replace
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from simgen.errors import Fault, SimgenError
from simgen.pipeline.farm._ray_hand import Hand, Porter
from simgen.pipeline.farm.crew import Event
from simgen.pipeline.farm.lease import Lease
from simgen.pipeline.farm.settings import Farm
from simgen.pipeline.farm.work import Share, Try, Work, crash

_LOOK_S = 5.0  # between looks at the size of the cluster
_PORTER_S = 5.0
_KILLS = 64  # the last of them are waited for in the end


@dataclass
class _Worker:
    """An actor as the driver sees it."""

    actor: Any
    hello: Any
    opened: Any
    facts: dict[str, Any] | None = None
    ready: bool = False
    piece: Any = None  # reference to the answer
    news: Any = None
    turn: int = 0  # counts its pieces
    told: int = 0  # beats of this one that have been heard, the first so many
    memory_mib: float = 0.0

    def references(self) -> list[Any]:
        """What may be answered next."""
        waited = [None if self.facts else self.hello, None if self.ready else self.opened]
        return [ref for ref in (*waited, self.piece, self.news) if ref is not None]


class RayCrew:
    """Actors of a cluster.

    Args:
        work: what they are for.
        farm: settings; `jobs` 0 uses the whole cluster, also when it grows.
        count: of pieces; more workers than that would idle.
    """

    def __init__(self, work: Work, farm: Farm, count: int) -> None:
        self.work, self.farm, self.count = work, farm, count
        self.threads = farm.threads or work.threads
        self._workers: dict[int, _Worker] = {}
        self._porters: dict[str, Any] = {}
        self._mute: set[str] = set()
        self._killing: list[Any] = []
        self._size, self._looked = 0, float("-inf")
        self._hand = ray.remote(Hand).options(**self._resources())

    def _resources(self) -> dict[str, Any]:
        needs: dict[str, Any] = {"num_cpus": self.threads}
        if self.work.gpu and self.farm.gpus != ():
            needs["num_gpus"] = 1
        if self.farm.memory_limit_mib:
            needs["memory"] = int(self.farm.memory_limit_mib) << 20
        return {
            **needs,
            "max_restarts": 0,
            "max_task_retries": 0,
            "max_concurrency": 2,  # news while a piece is being made
            "scheduling_strategy": "SPREAD",
        }

    def size(self) -> int:
        """As many as asked for, or as the cluster has room for."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_S:
            self._looked = now
            room = min(self.farm.jobs or self._room(), self.count)
            self._size = max(self._size, room)
        return self._size

    def _room(self) -> int:
        have = ray.cluster_resources()
        rooms = [have.get("CPU", 0) / self.threads]
        if self.work.gpu and self.farm.gpus != ():
            rooms.append(have.get("GPU", 0))
        if self.farm.memory_limit_mib:
            rooms.append(have.get("memory", 0) / 2**20 / self.farm.memory_limit_mib)
        return int(min(rooms))

    def waiting(self, worker: int) -> bool:
        """Whether a worker waits for its place in the cluster."""
        found = self._workers.get(worker)
        return found is not None and found.facts is None

    def start(self, worker: int) -> None:
        """Ask for an actor; it comes when the cluster has room for it."""
        actor = self._hand.remote(self.work, Share(worker, self.threads))
        self._workers[worker] = _Worker(actor, actor.hello.remote(), actor.open.remote())

    def give(self, worker: int, piece: Any, lease: Lease | None) -> None:
        """Hand a piece over."""
        found = self._workers[worker]
        found.turn, found.told = found.turn + 1, 0
        found.piece = found.actor.make.remote(found.turn, piece, lease)
        found.news = found.news or found.actor.news.remote()

    def wait(self, seconds: float) -> list[Event]:
        """What has happened."""
        owners = {ref: n for n, worker in self._workers.items() for ref in worker.references()}
        if not owners:
            time.sleep(seconds)
            return []
        done, _ = ray.wait(list(owners), num_returns=1, timeout=seconds)
        if done:  # whatever else is there comes along
            done, _ = ray.wait(list(owners), num_returns=len(owners), timeout=0)
        events: list[Event] = []
        for ref in done:
            worker = self._workers.get(owners[ref])
            if worker is not None and ref in worker.references():  # not dealt with meanwhile
                events += self._heard(owners[ref], ref)
        return events

    def _heard(self, number: int, ref: Any) -> list[Event]:
        worker = self._workers[number]
        try:
            answer = ray.get(ref)
        except RayError as error:
            return [self._lost(number, error)]
        if ref == worker.hello:
            worker.facts = answer
            return []
        if ref == worker.opened:
            worker.ready = True
            return [Event(number, "ready")]
        if ref == worker.news:
            beats, worker.memory_mib = answer
            working = worker.piece is not None
            worker.news = worker.actor.news.remote() if working else None
            # Of a piece that is finished everything has been told by its answer.
            return self._beats(number, [n for turn, n in beats if working and turn == worker.turn])
        worker.piece = None
        how, made = answer
        events = self._beats(number, made[worker.told :])
        if isinstance(how, SimgenError):
            return [Event(number, "fatal", error=how)]
        if how is None:
            return [*events, Event(number, "done")]
        return [*events, Event(number, "failed", how=self._signed(worker, how))]

    def _beats(self, number: int, beats: list[int]) -> list[Event]:
        self._workers[number].told += len(beats)
        return [Event(number, "beat", beat) for beat in beats]

    def _signed(self, worker: _Worker, how: Try) -> Try:
        return replace(how, worker=worker.facts["name"] if worker.facts else "")

    def _lost(self, number: int, error: RayError) -> Event:
        worker = self._workers.pop(number)
        facts = worker.facts or {}
        cause = getattr(error, "cause", None)
        if isinstance(cause, SimgenError):  # its tools cannot be opened
            with suppress(RayError):
                ray.kill(worker.actor)
            return Event(number, "fatal", error=cause)
        if isinstance(error, RayActorError):
            what, cure = f"its worker died: {_first_line(error)}", "see its node and Ray's logs"
            how = Try((Fault(f"worker {facts.get('name', number)}", what, cure),), died=True)
        else:
            how = replace(crash(f"worker {facts.get('name', number)}", cause or error), died=True)
            with suppress(RayError):
                ray.kill(worker.actor)
        return Event(number, "died", how=replace(how, log=self._last_words(worker.facts)))

    def memory_mib(self, worker: int) -> float:
        """As the worker said last."""
        found = self._workers.get(worker)
        return found.memory_mib if found else 0.0

    def dismiss(self, worker: int) -> None:
        """Let it end; its place is free then."""
        found = self._workers.pop(worker, None)
        if found is not None:
            with suppress(RayError):
                found.actor.close.remote()
                found.actor.__ray_terminate__.remote()

    def kill(self, worker: int) -> str:
        """End it now. Ray asks a process to end itself; one that is stopped does not listen."""
        found = self._workers.pop(worker, None)
        if found is None:
            return ""
        words = self._last_words(found.facts)
        with suppress(RayError):
            ray.kill(found.actor)
        if found.facts:
            killing = self._porter(found.facts["node"]).kill.remote(found.facts["pid"])
            self._killing = [*self._killing[-_KILLS:], killing]
        return words

    def close(self) -> None:
        """End all."""
        for number in list(self._workers):
            if self._workers[number].piece is None:
                self.dismiss(number)
            else:
                self.kill(number)
        if self._killing:  # or the porter would go first
            ray.wait(self._killing, num_returns=len(self._killing), timeout=_PORTER_S)
        for porter in self._porters.values():
            with suppress(RayError):
                ray.kill(porter)

    def _last_words(self, facts: dict[str, Any] | None) -> str:
        """What a worker wrote last; a node that does not answer is not asked twice."""
        if not facts or facts["node"] in self._mute:
            return ""
        words = self._porter(facts["node"]).last_words.remote(facts["pid"])
        try:
            return str(ray.get(words, timeout=_PORTER_S))
        except RayError:  # the node is gone, and the process with it
            self._mute.add(facts["node"])
            return ""

    def _porter(self, node: str) -> Any:
        if node not in self._porters:
            there = NodeAffinitySchedulingStrategy(node, soft=False)
            porter = ray.remote(Porter).options(num_cpus=0, scheduling_strategy=there)
            self._porters[node] = porter.remote()
        return self._porters[node]


@contextmanager
def cluster(address: str) -> Iterator[None]:
    """A connection to a cluster; where none is running and none was named, one of this machine.

    Raises:
        SimgenError: there is no cluster at the address.
    """
    if ray.is_initialized():
        yield
        return
    options = {"log_to_driver": False, "logging_level": "ERROR", "namespace": "simgen"}
    try:
        ray.init(address=address, **options)
    except ConnectionError as error:
        if address != "auto":
            what = f"there is no Ray cluster: {_first_line(error)}"
            cure = "start one (`ray start --head`) or leave --address out"
            raise SimgenError(Fault(f"--address {address}", what, cure)) from None
        logging.getLogger("simgen").warning("no Ray cluster is running: starting one here")
        ray.init(include_dashboard=False, **options)
    # Ray tells of lost workers and nodes on stdout, whatever its options; --json is there.
    with redirect_stdout(sys.stderr):
        try:
            yield
        finally:
            ray.shutdown()


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if "cause" in line.lower() or "memory" in line.lower()]
    return (told or lines or [type(error).__name__])[0]
