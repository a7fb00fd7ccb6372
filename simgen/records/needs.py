"""What a worker with an engine takes of a machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Needs:
    """Hints for sharing a machine between workers.

    Args:
        threads: that one worker makes good use of.
        memory_mib: that one worker is likely to need.
        gpu: whether it computes on a GPU.
    """

    threads: int = 1
    memory_mib: int = 1024
    gpu: bool = False
