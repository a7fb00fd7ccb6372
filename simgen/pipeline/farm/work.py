"""What crews carry out: pieces with keys, the tools that make them, and what went wrong."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from simgen.errors import Fault, FencedError, MissingExtraError, SimgenError, StorageError
from simgen.pipeline.farm.lease import Lease


class Piece(Protocol):
    """The unit of work and retry; pickles."""

    @property
    def key(self) -> str:
        """Its name, fit for a file name; no other piece of the run folder has it."""

    @property
    def title(self) -> str:
        """Its name for people."""


@dataclass(frozen=True)
class Share:
    """What of a machine one worker may use.

    Args:
        number: place of the worker, from 0.
        threads: that it may keep busy.
        gpu: the one GPU that it sees, by the system's name for it; "" leaves all as they are.
    """

    number: int = 0
    threads: int = 1
    gpu: str = ""


class Hold:
    """A piece in a worker's hands.

    Args:
        tell: takes the number of each thing (a frame) that has been finished.
        lease: of the piece; None: nobody else can have it.
    """

    def __init__(self, tell: Callable[[int], None], lease: Lease | None = None) -> None:
        self._tell, self._lease = tell, lease

    def beat(self, number: int) -> None:
        """Say that something is finished: it is counted, and shows that the worker is alive."""
        self._tell(number)

    def check(self) -> None:
        """To be called when results are about to get their names.

        Raises:
            FencedError: another driver has taken the piece over; commit nothing.
        """
        if self._lease is not None:
            self._lease.check()


Make = Callable[[Any, Hold], None]


@dataclass(frozen=True)
class Work:
    """What a crew is to do, whatever the pieces; pickles.

    Args:
        open: called once in each worker; gives, as a context, the function that makes a piece.
            Making a piece again must be harmless: its results are files that are committed
            whole, and a try may have made some of them.
        threads: that one worker makes good use of.
        memory_mib: that one worker is likely to need.
        gpu: whether a worker computes on a GPU.
    """

    open: Callable[[Share], AbstractContextManager[Make]]
    threads: int = 1
    memory_mib: int = 1024
    gpu: bool = False


@dataclass(frozen=True)
class Try:
    """One try that failed.

    Args:
        faults: why.
        trace: traceback, for `--debug`.
        bad_input: the cause lies in the user's files: trying again would not help.
        died: the worker died or had to be killed.
        fenced: another driver has the piece now; that is no failure.
        log: last lines that the worker wrote.
        worker: who tried.
        seconds: that it took.
    """

    faults: tuple[Fault, ...]
    trace: str = ""
    bad_input: bool = False
    died: bool = False
    fenced: bool = False
    log: str = ""
    worker: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Failure:
    """A piece that could not be made.

    Args:
        piece: which.
        tries: all of them, in order.
    """

    piece: Any
    tries: tuple[Try, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Why the last try failed."""
        return self.tries[-1].faults

    @property
    def trace(self) -> str:
        """Traceback of the last try."""
        return self.tries[-1].trace

    @property
    def bad_input(self) -> bool:
        """Whether the cause lies in the user's files."""
        return self.tries[-1].bad_input


def attempt(make: Make, piece: Piece, hold: Hold) -> Try | None:
    """Make a piece, with what goes wrong in it as a value.

    Raises:
        StorageError, MissingExtraError: no piece could succeed.
    """
    try:
        make(piece, hold)
    except (StorageError, MissingExtraError):
        raise
    except FencedError as error:
        return Try(error.faults, fenced=True)
    except SimgenError as error:
        # Exit code 2 is how errors say that the input is to blame.
        return Try(error.faults, traceback.format_exc(), bad_input=error.exit_code == 2)
    except MemoryError:
        return Try((Fault(piece.title, "out of memory", "use fewer --jobs"),))
    except Exception as error:  # a piece may fail in any way; the others go on
        return crash(piece.title, error)
    return None


def crash(where: str, error: BaseException) -> Try:
    """A try that ended with an exception that nobody foresaw; call it while it is handled."""
    what = f"{type(error).__name__}: {error}"
    cure = "a bug of simgen or of a plugin; --debug shows where"
    return Try((Fault(where, what, cure),), traceback.format_exc())
