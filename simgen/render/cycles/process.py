"""The worker as a process: started, asked, timed, killed."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

from simgen.errors import Fault, MissingExtraError
from simgen.render.cycles.worker.wire import Unpacker, pack

_START_S = 180.0
_TAIL_LINES = 6


class WorkerDied(Exception):
    """The worker crashed, hung or answered with an error; the message says which."""


class Worker:
    """A running worker.

    Args:
        folder: exchange folder.
        settings: the engine's Params as plain data.
        python: its interpreter, "" for this one.
        task: what it is for.

    Raises:
        MissingExtraError: the interpreter, bpy or blenderproc is not there.
        WorkerDied: it did not start.
    """

    def __init__(
        self,
        folder: Path,
        settings: dict[str, Any],
        python: str,
        task: Literal["render", "import"] = "render",
    ) -> None:
        self.worlds = 0
        self.memory_mib = 0.0
        self._log = folder / "worker.log"
        self._unpacker = Unpacker()
        command = [python or sys.executable, "-m", "worker"]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent), "TMPDIR": str(folder)}
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=environment,
                    start_new_session=True,  # Ctrl-C is ours to handle
                )
        except OSError as error:
            raise missing(f"the interpreter {command[0]} cannot be started: {error}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        try:
            self._greet({"folder": str(folder), "settings": settings, "task": task})
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def _greet(self, start: dict[str, Any]) -> None:
        self.send(start)
        answer = self.answer(_START_S)
        if "missing" in answer:
            raise missing(f"the worker cannot import {answer['missing']} ({answer['why']})")

    def send(self, message: dict[str, Any]) -> None:
        """Hand a message over; the worker reads while it is idle.

        Raises:
            WorkerDied: it is not there any more.
        """
        try:
            self._in.write(pack(message))
            self._in.flush()
        except OSError:
            raise WorkerDied(self._obituary()) from None

    def answer(self, seconds: float) -> dict[str, Any]:
        """The next answer.

        Raises:
            WorkerDied: none came in time, the process ended, or the answer is an error.
        """
        end = time.monotonic() + seconds
        while (message := self._unpacker.take()) is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._out, selectors.EVENT_READ)
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise WorkerDied(f"no answer within {seconds:g} s")
            data = os.read(self._out.fileno(), 1 << 16)
            if not data:
                raise WorkerDied(self._obituary())
            self._unpacker.feed(data)
        if "error" in message:
            raise WorkerDied(str(message["error"]))
        self.memory_mib = float(message.get("memory_mib", self.memory_mib))
        return message

    def kill(self) -> None:
        """End it now, whatever it does, with all its children."""
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()
        self._process.wait()
        for stream in (self._in, self._out):
            try:
                stream.close()
            except OSError:
                continue  # unsent bytes for a dead reader

    def _obituary(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "it closed its pipes"
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        tail = self._log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        return f"it ended with {how}" + "".join(f"\n    | {line}" for line in tail)


def missing(what: str) -> MissingExtraError:
    """The error of a machine without Blender's module."""
    cure = (
        "pip install 'simgen[cycles]' with Python 3.11 (or set `cycles.python` to an interpreter "
        "that has it), or use `--renderer raycast`"
    )
    return MissingExtraError(Fault("renderer cycles", what, cure))
