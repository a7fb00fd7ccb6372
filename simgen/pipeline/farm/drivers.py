"""Who is at work in a run folder: the files in which drivers say that they live."""

from __future__ import annotations

import json
import os
import platform
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DRIVER = ".driver"


@dataclass(frozen=True)
class Driver:
    """A driver that is at work, as far as can be seen at one glance.

    Args:
        run: id of its run.
        host: where it runs.
        done: things (frames) that it had made at its last beat.
        seconds: that it had been at work then.
        workers: that it had then.
        worker_s: that all its workers had cost.
        holds: pieces that it has claimed.
        silent_s: since its last beat, by this machine's clock; 0 where files have no time.
    """

    run: str
    host: str
    done: int = 0
    seconds: float = 0.0
    workers: int = 0
    worker_s: float = 0.0
    holds: int = 0
    silent_s: float = 0.0


def drivers_of(folder: Path) -> list[Driver]:
    """The drivers at work in a folder of leases.

    One that was killed on another machine is among them until its file is removed.
    """
    me, held = process_facts(), dict[str, set[str]]()
    names, beats = list[Path](), list[Path]()
    with suppress(FileNotFoundError):  # the last driver takes the folder with it, at any time
        names = list(folder.iterdir())
    for path in names:
        if path.suffix == DRIVER:
            beats.append(path)
        elif path.suffix[1:].isdigit():
            held.setdefault(read_facts(path).get("run", ""), set()).add(path.stem)
    found = []
    for path in sorted(beats):
        facts = read_facts(path)
        if not facts or not is_gone(facts, me):
            found.append(_driver_of(path, facts, len(held.get(path.stem, ()))))
    return found


def _driver_of(path: Path, facts: dict[str, Any], holds: int) -> Driver:
    silent = 0.0
    with suppress(OSError):
        changed = path.stat().st_mtime_ns
        silent = max(0.0, time.time() - changed / 1e9) if changed else 0.0
    numbers = {name: facts.get(name, 0) for name in ("done", "seconds", "workers", "worker_s")}
    return Driver(path.stem, str(facts.get("host", "")), holds=holds, silent_s=silent, **numbers)


def drivers(folder: Path) -> list[str]:
    """Runs that are at work in a folder of leases, as far as can be seen at one glance.

    One that was killed on another machine counts, too, until its file is removed.
    """
    return [driver.run for driver in drivers_of(folder)]


def process_facts() -> dict[str, Any]:
    """What tells this process from every other one, as far as this system can."""
    facts: dict[str, Any] = {"host": platform.node(), "pid": os.getpid()}
    with suppress(OSError):
        facts["boot"] = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        facts["pids"] = os.readlink("/proc/self/ns/pid")  # containers count processes anew
        facts["start"] = _started(os.getpid())
    return facts


def is_gone(facts: dict[str, Any], me: dict[str, Any]) -> bool:
    """Whether a driver's process can be seen to be gone from here."""
    here = all(name in me and facts.get(name) == me[name] for name in ("boot", "pids"))
    return here and _started(int(facts["pid"])) != facts.get("start")


def _started(pid: int) -> str:
    """When a process began, in ticks since boot; "": it is not there, or is a zombie."""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return "" if words[0] in "ZX" else words[19]
    return ""


def read_facts(path: Path) -> dict[str, Any]:
    """What a small file of the farm says; nothing if it is gone, or half-written."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
