"""A worker process: opens its tools, makes the pieces that it is handed, dies with its parent."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from simgen.errors import SimgenError
from simgen.pipeline.farm.work import Hold, Try, Work, attempt, crash

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_LOOK_S = 1.0


def main(descriptor: int, parent: int) -> None:
    """Work until the connection ends.

    Args:
        descriptor: of the inherited end of a connection; it carries Work and Share, then pieces
            with their leases.
        parent: process that must be alive.
    """
    os.set_inheritable(descriptor, False)  # Blender would hold it open
    faulthandler.enable()  # a crash in native code leaves its stack in the log
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, _leave)
    _die_with(parent)
    # Hints about files were given when they were checked; no need for one per process.
    logging.getLogger("simgen").setLevel(logging.ERROR)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _serve(Connection(descriptor))


def _serve(pipe: Connection[Any, Any]) -> None:
    work: Work
    work, share = pipe.recv()

    def tell(number: int) -> None:
        pipe.send(("beat", number))

    try:
        with work.open(share) as make:
            pipe.send(("ready", None))
            while (given := pipe.recv()) is not None:
                piece, lease = given
                how = attempt(make, piece, Hold(tell, lease))
                pipe.send(("done", None) if how is None else ("failed", _bounded(how)))
    except SimgenError as error:  # while opening, or one that no piece could survive
        pipe.send(("fatal", error))
    except (EOFError, OSError):
        raise
    except Exception as error:
        pipe.send(("died", _bounded(replace(crash("worker", error), died=True))))


def _bounded(how: Try) -> Try:
    # The parent reads whole messages: a long one could be cut by a stopped worker and hold it up.
    return replace(how, trace=how.trace[-16_000:])


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(1)  # contexts end: engines stop their processes


def _die_with(parent: int) -> None:
    """End when the parent does, even if that is killed: Linux tells; elsewhere a thread looks."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_S)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()
