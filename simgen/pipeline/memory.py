"""How much memory a job takes and the machine has."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

# Version 2 and 1 of Linux' control groups: what a container may use.
_GROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def peak_bytes() -> int:
    """Largest resident set of this process so far plus that of its largest ended child."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return unit * sum(resource.getrusage(which).ru_maxrss for which in who)


def machine_bytes() -> int:
    """Memory that this machine or container has; 0 if it cannot be told."""
    found = []
    with suppress(ValueError, OSError, AttributeError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for path in _GROUP_LIMITS:
        with suppress(ValueError, OSError):  # "max" is no number
            found.append(int(Path(path).read_text()))
    return min(found, default=0)


def descendants(pid: int) -> list[int]:
    """Processes below one, children first; empty where the system has no `/proc`."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError, ValueError):  # it has ended meanwhile
                children = [int(word) for word in path.read_text().split()]
                found += children
                waiting += children
    return found


def resident_mib(pid: int) -> float:
    """Resident sets of a process and all below it, MiB; shared pages count in each."""
    pages = 0
    for each in (pid, *descendants(pid)):
        with suppress(OSError, ValueError, IndexError):
            pages += int(Path(f"/proc/{each}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
