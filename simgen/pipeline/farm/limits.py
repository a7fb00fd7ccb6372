"""Bounds of time and memory, of tries and of whole runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """When a try has failed, and when a run is over.

    Args:
        piece_s: that a piece may take; 0: no limit.
        stall_s: that may pass without anything being finished; 0: no limit.
        memory_mib: that a worker may hold; 0: no limit. A piece that is tried again after it
            needed more may have as much again.
        memory_most_mib: that even such a worker may not exceed; 0: no limit.
        recycle: pieces after which a worker is replaced, against slow leaks; 0: never.
        until: time of the clock when all must have stopped; None: when all is done.
    """

    piece_s: float = 0.0
    stall_s: float = 1800.0
    memory_mib: float = 0.0
    memory_most_mib: float = 0.0
    recycle: int = 500
    until: float | None = None
