"""Tasks in this process or in several; a worker that dies costs its task, not the run."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize
from typing import Any, Protocol

from simgen.errors import Fault, WorkError
from simgen.pipeline.plan import Task
from simgen.pipeline.worker import Failure

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_MAX_DEATHS = 8


class Worker(AbstractContextManager[Any], Protocol):
    """One process's tools: renders worlds, or carries a stage out."""

    def attempt(self, task: Task, on_frame: Callable[[int], None]) -> Failure | None:
        """Make a task; what goes wrong in it alone is the answer, not an exception."""


# Makes a worker that may use so many threads; pickles, so that other processes can.
OpenWorker = Callable[[int], Worker]
_worker: Worker | None = None  # of a worker process, built at its first task


def run_tasks(
    open_worker: OpenWorker,
    tasks: Iterable[Task],
    jobs: int,
    on_frame: Callable[[int], None],
) -> list[Failure]:
    """Make every task.

    Args:
        open_worker: `partial(WorldWorker, plan, out)`, for example.
        jobs: worker processes; 1 works in this process.
        on_frame: called here with each frame that was committed.

    Returns:
        The tasks that failed, in the order of their numbers.

    Raises:
        StorageError: the disk is full or cannot be written; everything stops.
    """
    if jobs == 1:
        failures = []
        with open_worker(cores()) as worker:
            for task in tasks:
                failure = worker.attempt(task, on_frame)
                failures += [failure] if failure else []
        return failures
    farm = _Farm(open_worker, jobs, on_frame)
    with _environment(threads_of(jobs)):
        farm.run(deque(tasks))
    return sorted(farm.failures, key=lambda failure: failure.world)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_of(jobs: int) -> int:
    """Threads of each worker."""
    return max(1, cores() // jobs)


class _Farm:
    """Keeps `jobs` tasks in flight, so that memory is bounded and a death names its suspects."""

    def __init__(self, open_worker: OpenWorker, jobs: int, on_frame: Callable[[int], None]) -> None:
        self.open_worker, self.jobs, self.on_frame = open_worker, jobs, on_frame
        self.failures: list[Failure] = []
        self.deaths = 0

    def run(self, queue: deque[Task]) -> None:
        while queue:
            suspects = self.drain(queue, self.jobs)
            # One of them killed its worker. Alone in a pool, the guilty one shows itself.
            self.deaths += bool(suspects)
            alone = deque(suspects)
            while alone:
                self.failures += [_death(task) for task in self.drain(alone, 1)]
            if self.deaths >= _MAX_DEATHS:
                what = f"workers died {self.deaths} times; giving up"
                raise WorkError(Fault("pool", what, "use fewer --jobs, look at memory (dmesg)"))

    def drain(self, queue: deque[Task], workers: int) -> list[Task]:
        """Work until the queue is empty, or a worker dies: then what was in flight."""
        flying: dict[Future[tuple[list[int], Failure | None]], Task] = {}
        with _pool(workers, self.open_worker, threads_of(self.jobs)) as pool:
            try:
                while queue or flying:
                    while queue and len(flying) < workers:
                        flying[pool.submit(_attempt, queue[0])] = queue[0]
                        queue.popleft()
                    for future in wait(flying, return_when=FIRST_COMPLETED).done:
                        self.take(*future.result())
                        del flying[future]
            except BrokenProcessPool:
                done = [f for f in flying if f.done() and f.exception() is None]
                for future in done:
                    self.take(*future.result())
                    del flying[future]
                return list(flying.values())
        return []

    def take(self, frames: list[int], failure: Failure | None) -> None:
        for frame in frames:
            self.on_frame(frame)
        if failure is not None:
            self.failures.append(failure)


def _death(task: Task) -> Failure:
    fault = Fault(
        f"world {task.world}",
        "its worker process died (killed for memory, or a crash in native code)",
        "run the same command again with --jobs 1",
    )
    return Failure(task.world, task.frames, (fault,))


@contextmanager
def _pool(workers: int, open_worker: OpenWorker, threads: int) -> Iterator[ProcessPoolExecutor]:
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(open_worker, threads),
    )
    try:
        yield pool
    except BaseException:
        # An error or Ctrl-C: do not wait for worlds that nobody wants any more.
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    pool.shutdown(wait=True)


@contextmanager
def _environment(threads: int) -> Iterator[None]:
    """Thread limits that spawned processes inherit; libraries read them when they load."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, str(threads)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_setup: tuple[OpenWorker, int] | None = None


def _start(open_worker: OpenWorker, threads: int) -> None:
    """In a worker process: remember the plan, leave Ctrl-C to the parent, do not outlive it."""
    global _setup
    _setup = (open_worker, threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Hints about files were given when they were checked; no need for one per process.
    logging.getLogger("simgen").setLevel(logging.ERROR)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _attempt(task: Task) -> tuple[list[int], Failure | None]:
    """In a worker process: make one task. Errors while building the tools reach the parent."""
    global _worker
    if _worker is None:
        assert _setup is not None
        open_worker, threads = _setup
        _worker = open_worker(threads)
        _worker.__enter__()
        Finalize(None, _worker.__exit__, args=(None, None, None), exitpriority=10)
    frames: list[int] = []
    failure = _worker.attempt(task, frames.append)
    return frames, failure
