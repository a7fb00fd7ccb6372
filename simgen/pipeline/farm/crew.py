"""What every kind of crew offers to the drive, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from simgen.errors import SimgenError
from simgen.pipeline.farm.lease import Lease
from simgen.pipeline.farm.work import Try


@dataclass(frozen=True)
class Event:
    """Something that happened at a worker.

    Args:
        worker: its number.
        what: `ready` (its tools are open), `beat` (a thing of its piece is finished), `done`,
            `failed` (it goes on), `died` (it is gone), `fatal` (no piece could succeed).
        number: of the thing that is finished.
        how: of `failed` and `died`.
        error: of `fatal`.
    """

    worker: int
    what: Literal["ready", "beat", "done", "failed", "died", "fatal"]
    number: int = 0
    how: Try | None = None
    error: SimgenError | None = None


class Crew(Protocol):
    """Workers of one kind, numbered from 0; a replaced worker leaves its share to the next."""

    def size(self) -> int:
        """How many workers there can be now; a cluster may grow or shrink."""

    def start(self, worker: int) -> None:
        """Begin to start a worker; `ready` tells when it can have a piece."""

    def give(self, worker: int, piece: Any, lease: Lease | None) -> None:
        """Hand a piece to an idle worker."""

    def waiting(self, worker: int) -> bool:
        """Whether a worker waits for a place to start at, which is nobody's fault."""

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; returns early when something does."""

    def memory_mib(self, worker: int) -> float:
        """Resident memory of a worker and its children; 0 if it cannot be told."""

    def dismiss(self, worker: int) -> None:
        """Let a worker end that has no piece."""

    def kill(self, worker: int) -> str:
        """End a worker now, with its children, whatever it does; gives its last words."""

    def close(self) -> None:
        """End all workers: in good order those that are idle, the others within seconds."""
