"""The run folder as the farm sees it: who may work on what, what is there, what was set aside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from simgen.pipeline.farm.lease import Lease, Leases
from simgen.pipeline.farm.quarantine import Quarantine
from simgen.pipeline.farm.work import Failure


@dataclass(frozen=True)
class Entry:
    """Whether a piece can be worked on.

    Args:
        what: `go`; `wait` (another driver has it); `done` (it is there); `failed` (elsewhere).
        piece: what is left of it.
        lease: of `go`.
        failure: of `failed`.
    """

    what: Literal["go", "wait", "done", "failed"]
    piece: Any = None
    lease: Lease | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Toll:
    """What a piece took.

    Args:
        seconds: that it took.
        memory_mib: most that its worker was seen to hold; 0: not looked at.
        warm: whether its worker had made a piece before.
    """

    seconds: float
    memory_mib: float
    warm: bool


class Site:
    """No folder at all: everything may go. Base of the others."""

    @contextmanager
    def open(self) -> Iterator[Site]:
        """Work in it."""
        yield self

    def enter(self, piece: Any) -> Entry:
        """Ask for a piece."""
        return Entry("go", piece)

    def leave(self, lease: Lease | None) -> None:
        """Let a piece go, made or not."""

    def made(self, piece: Any, toll: Toll) -> None:
        """A piece is complete."""

    def failed(self, failure: Failure) -> None:
        """A piece is given up."""

    def spent(self, workers: int, worker_s: float) -> None:
        """How many workers there are now, and what all have cost so far, in seconds of one."""


def _all(piece: Any) -> Any:
    return piece


def _nothing(piece: Any) -> Sequence[Path]:
    return ()


class FolderSite(Site):
    """A run folder that several drivers may share.

    Args:
        out: run folder.
        run: id of this driver's run.
        still: what of a piece is missing in the folder now; None: nothing.
        evidence: files that tell more about a piece that failed.
        leases: of this driver, for tests with a clock of their own.
    """

    def __init__(
        self,
        out: Path,
        run: str,
        still: Callable[[Any], Any | None] = _all,
        evidence: Callable[[Any], Sequence[Path]] = _nothing,
        leases: Leases | None = None,
    ) -> None:
        self.out = out
        self.leases = leases or Leases(out / "leases", run)
        self._still, self._evidence = still, evidence
        self._quarantine = Quarantine(out / "quarantine", run)
        self._began = time.monotonic()

    @property
    def facts(self) -> dict[str, Any]:
        """What this driver says of itself: `done`, `seconds`, `workers`, `worker_s`."""
        return self.leases.facts

    @contextmanager
    def open(self) -> Iterator[Site]:
        """Work in the folder.

        Raises:
            StorageError: it cannot be written.
        """
        with self.leases.open():
            yield self

    def enter(self, piece: Any) -> Entry:
        """Ask for a piece; what another driver has made meanwhile is not made again."""
        lease = self.leases.take(piece.key)
        if lease is None:
            return Entry("wait", piece)
        rest = self._still(piece)
        if rest is None:
            self.leases.release(lease)
            return Entry("done", piece)
        failure = self._quarantine.of_another(rest)
        if failure is not None:
            self.leases.release(lease)
            return Entry("failed", rest, failure=failure)
        return Entry("go", rest, lease)

    def leave(self, lease: Lease | None) -> None:
        """Let a piece go."""
        if lease is not None:
            self.leases.release(lease)

    def made(self, piece: Any, toll: Toll) -> None:
        """A piece is complete: it may have been in quarantine before."""
        self._quarantine.lift(piece.key)

    def failed(self, failure: Failure) -> None:
        """Set a piece aside with all that is known about it."""
        self._quarantine.add(failure, self._evidence(failure.piece))

    def spent(self, workers: int, worker_s: float) -> None:
        """Tell those who ask, with the driver's next beat."""
        seconds = time.monotonic() - self._began
        self.facts.update(workers=workers, worker_s=round(worker_s, 3), seconds=round(seconds, 3))
