"""Workers as processes of this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from simgen.errors import Fault
from simgen.pipeline.farm.crew import Event
from simgen.pipeline.farm.lease import Lease
from simgen.pipeline.farm.work import Share, Try, Work
from simgen.pipeline.memory import descendants, resident_mib

_GRACE_S = 5.0
_TAIL_BYTES, _TAIL_LINES = 8192, 40
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_GPUS = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
# A fresh interpreter with our module path, as `multiprocessing` starts one, but without running
# the caller's main module again: scripts need no guard, notebooks work.
_START = """\
import sys
sys.path[:] = {path!r}
from simgen.pipeline.farm.process import main
main({fd}, {pid})
"""


class LocalCrew:
    """Processes, one a share.

    Args:
        work: what they are for.
        shares: of this machine.
    """

    def __init__(self, work: Work, shares: Sequence[Share]) -> None:
        self.work, self.shares = work, shares
        self._workers: dict[int, _Worker] = {}
        self._leaving: list[_Worker] = []
        self._logs = Path(tempfile.mkdtemp(prefix="simgen-farm-"))

    def size(self) -> int:
        """As many as there are shares."""
        return len(self.shares)

    def start(self, worker: int) -> None:
        """Start a process."""
        self._settle(_GRACE_S)  # two engines on one GPU may be one too many
        log = self._logs / f"{worker}.log"
        self._workers[worker] = _Worker(self.work, self.shares[worker], log)

    def give(self, worker: int, piece: Any, lease: Lease | None) -> None:
        """Hand a piece over."""
        with suppress(OSError):  # it has died: `wait` finds out
            self._workers[worker].pipe.send((piece, lease))

    def waiting(self, worker: int) -> bool:
        """Never: a process starts at once."""
        return False

    def wait(self, seconds: float) -> list[Event]:
        """What has happened."""
        self._settle(0)
        numbers = {worker.pipe: number for number, worker in self._workers.items()}
        events: list[Event] = []
        for pipe in wait(list(numbers), timeout=seconds):
            assert isinstance(pipe, Connection)
            events += self._read(numbers[pipe], pipe)
        if not numbers:
            time.sleep(seconds)
        return events

    def memory_mib(self, worker: int) -> float:
        """Resident set of the process and all below it."""
        found = self._workers.get(worker)
        return 0.0 if found is None else resident_mib(found.process.pid)

    def dismiss(self, worker: int) -> None:
        """Let it end."""
        leaving = self._workers.pop(worker, None)
        if leaving is not None:
            leaving.ask_to_end()
            self._leaving.append(leaving)

    def kill(self, worker: int) -> str:
        """End it now."""
        victim = self._workers.pop(worker, None)
        if victim is None:
            return ""
        victim.kill()
        return victim.last_words()

    def close(self) -> None:
        """End all: they get a few seconds to tidy up."""
        for number in list(self._workers):
            self._workers[number].process.terminate()
            self.dismiss(number)
        self._settle(_GRACE_S)
        for worker in self._leaving:
            worker.kill()
        self._leaving.clear()
        shutil.rmtree(self._logs, ignore_errors=True)

    def _settle(self, seconds: float) -> None:
        """Wait for those that were asked to end; one that does not in its time is killed."""
        end = time.monotonic() + seconds
        for worker in list(self._leaving):
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(0.0, end - time.monotonic()))
            if worker.process.poll() is not None or worker.overdue():
                worker.kill()
                self._leaving.remove(worker)

    def _read(self, number: int, pipe: Connection[Any, Any]) -> list[Event]:
        events: list[Event] = []
        try:
            while pipe.poll():
                what, value = pipe.recv()
                if what == "died":
                    self.kill(number)
                    return [*events, Event(number, "died", how=value)]
                events.append(_event(number, what, value))
        except (EOFError, OSError):
            events.append(Event(number, "died", how=self._autopsy(number)))
        return events

    def _autopsy(self, number: int) -> Try:
        worker = self._workers[number]
        with suppress(subprocess.TimeoutExpired):
            worker.process.wait(_GRACE_S)
        code = worker.process.poll()
        words = self.kill(number)
        what, cure = _cause(code)
        return Try((Fault(f"worker {worker.name}", what, cure),), died=True, log=words)


class _Worker:
    """One process."""

    def __init__(self, work: Work, share: Share, log: Path) -> None:
        ours, theirs = socket.socketpair()
        self.log = log
        self._end_by = 0.0
        descriptor = theirs.fileno()
        start = _START.format(path=sys.path, fd=descriptor, pid=os.getpid())
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-c", start],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=os.environ | environment(share),
                pass_fds=(descriptor,),
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        theirs.close()
        self.pipe: Connection[Any, Any] = Connection(ours.detach())
        self.name = f"{socket.gethostname()}:{self.process.pid}"
        self.pipe.send((work, share))

    def ask_to_end(self) -> None:
        """No more pieces for it."""
        self._end_by = time.monotonic() + _GRACE_S
        with suppress(OSError):
            self.pipe.send(None)
        self.pipe.close()

    def overdue(self) -> bool:
        """Whether it was asked to end and has not, for longer than it may."""
        return time.monotonic() > self._end_by

    def kill(self) -> None:
        """SIGKILL for it and everything below it; a stopped process ends too."""
        for pid in (self.process.pid, *descendants(self.process.pid)):
            with suppress(OSError):
                if pid != self.process.pid or self.process.poll() is None:
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.pipe.close()

    def last_words(self) -> str:
        """The end of what it wrote."""
        with suppress(OSError), self.log.open("rb") as stream:
            stream.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            lines = stream.read().decode(errors="replace").splitlines()
            return "\n".join(lines[-_TAIL_LINES:])
        return ""


def environment(share: Share) -> dict[str, str]:
    """Variables of a worker: libraries read thread limits and visible GPUs when they load."""
    found = dict.fromkeys(_THREADS, str(share.threads))
    if share.gpu:
        found |= dict.fromkeys(_GPUS, share.gpu)
        found["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # as nvidia-smi numbers them
    return found


def _event(number: int, what: Any, value: Any) -> Event:
    if what == "failed":
        return Event(number, what, how=value)
    if what == "fatal":
        return Event(number, what, error=value)
    return Event(number, what, number=value or 0)


def _cause(code: int | None) -> tuple[str, str]:
    if code is None or code >= 0:
        return f"its process ended with exit code {code}", "look at its last words in the log"
    name = signal.Signals(-code).name
    if code == -signal.SIGKILL:
        return "its process was killed (SIGKILL), perhaps for memory", "use fewer --jobs; see dmesg"
    return f"its process crashed in native code ({name})", "look at its last words in the log"
