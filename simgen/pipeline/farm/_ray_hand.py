"""What runs on the nodes of a Ray cluster: workers, and a porter on each node."""

from __future__ import annotations

import faulthandler
import logging
import os
import queue
import signal
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import ray

from simgen.errors import SimgenError
from simgen.pipeline.farm.lease import Lease
from simgen.pipeline.farm.work import Hold, Make, Share, Try, Work, attempt
from simgen.pipeline.memory import descendants, resident_mib

NEWS_S = 5.0
_GATHER_S = 0.4
_TAIL_LINES = 40


class Hand:
    """A worker: an actor with its tools open."""

    def __init__(self, work: Work, share: Share) -> None:
        self.work, self.share = work, share
        self.beats: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self.stack = ExitStack()
        self.make_piece: Make | None = None

    def hello(self) -> dict[str, Any]:
        """Where this is; answered as soon as there is a place for the actor."""
        node = ray.get_runtime_context().get_node_id()
        return {"node": node, "pid": os.getpid(), "name": f"{socket.gethostname()}:{os.getpid()}"}

    def open(self) -> None:
        """Open the tools."""
        faulthandler.enable()
        logging.getLogger("simgen").setLevel(logging.ERROR)
        self.make_piece = self.stack.enter_context(self.work.open(self.share))

    def make(
        self, turn: int, piece: Any, lease: Lease | None
    ) -> tuple[Try | SimgenError | None, list[int]]:
        """Make a piece; how it went, and all that was finished, told before or not.

        Args:
            turn: tells the news of this piece from those of others.
        """
        assert self.make_piece is not None
        made: list[int] = []

        def tell(number: int) -> None:
            made.append(number)
            self.beats.put((turn, number))

        try:
            return attempt(self.make_piece, piece, Hold(tell, lease)), made
        except SimgenError as error:  # no piece could succeed
            return error, made

    def news(self) -> tuple[list[tuple[int, int]], float]:
        """What has been finished, with its turn, soon after it was; the memory that is held."""
        beats = []
        with suppress(queue.Empty):
            beats.append(self.beats.get(timeout=NEWS_S))
            time.sleep(_GATHER_S)  # a message for each small frame would cost more than the frame
            while True:
                beats.append(self.beats.get_nowait())
        return beats, resident_mib(os.getpid())

    def close(self) -> None:
        """Close the tools."""
        self.stack.close()


class Porter:
    """One a node: ends processes that do not listen, and reads what they wrote last."""

    def kill(self, pid: int) -> None:
        """SIGKILL for a process and all below it."""
        for each in (pid, *descendants(pid)):
            with suppress(OSError):
                os.kill(each, signal.SIGKILL)

    def last_words(self, pid: int) -> str:
        """The end of a worker's log."""
        logs = Path(ray._private.worker._global_node.get_logs_dir_path())
        lines: list[str] = []
        for path in sorted(logs.glob(f"worker-*-{pid}.*")):
            with suppress(OSError):
                lines += path.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        return "\n".join(line for line in lines if not line.startswith(":"))
