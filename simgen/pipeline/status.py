"""How a run folder is coming along, from its files alone: nobody who works on it is asked.

What is done are the frame records. What was asked for stands in the run logs: the ranges of all
runs together, where a shard counts as its whole range, since the other shards are to come. Who is
at work shows in the files of drivers (`OUT/leases/*.driver`), which also tell, a beat at a
time, what each has made and what its workers have cost. A driver on another machine that was
killed still has its file; it is told apart by how long that has not changed, by this machine's
clock against the file's time. That is for people to see: the farm itself compares no clocks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.urls import ahead, reach
from simgen.pipeline import runs
from simgen.pipeline.farm.drivers import Driver, drivers_of
from simgen.pipeline.farm.lease import TTL_S


@dataclass(frozen=True)
class Status:
    """A run folder at one moment.

    Args:
        out: run folder.
        asked: frames that any run asked for.
        done: of those, frames that are there.
        dropped: that a stage decided not to make.
        failed: frames of worlds in quarantine that are not there.
        failed_worlds: names of those worlds, or batches, in quarantine.
        running: worlds, or batches, that somebody works on.
        drivers: that are at work, as far as can be seen.
        runs: that have been begun, and those that ended in each way, by status.
        frames_per_second: of all living drivers since each began; None: not known yet.
        seconds_left: None: nobody is at work, or not for long enough.
        worker_hours: that all runs have cost so far.
        cost: of those; None: no price is known.
        cost_left: of the frames to come, if they cost as much as those before.
    """

    out: str
    asked: int
    done: int
    dropped: int
    failed: int
    failed_worlds: tuple[str, ...]
    running: int
    drivers: tuple[Driver, ...]
    runs: dict[str, int]
    frames_per_second: float | None
    seconds_left: float | None
    worker_hours: float
    cost: float | None
    cost_left: float | None

    @property
    def left(self) -> int:
        """Frames that are still to be made."""
        return max(0, self.asked - self.done - self.dropped - self.failed)

    @property
    def over(self) -> bool:
        """Whether everything that was asked for is made or has failed, and nobody is at work."""
        return bool(self.runs) and not self.left and not self.drivers


def status_of(out: Path, price_per_hour: float | None = None) -> Status:
    """Look at a run folder; nothing is written.

    Args:
        price_per_hour: of one worker; replaces what the runs' logs say.

    Raises:
        RunFolderError: no run folder.
    """
    Dataset.open(out)  # or it is no folder of ours
    layout = Layout(out)
    logs = list(_logs(layout))
    alive = [one for one in drivers_of(out / "leases") if one.silent_s < TTL_S]
    asked = _merged([(log.asked[0], log.asked[1]) for log in logs])
    done = _inside(layout.frames(), asked)
    dropped = _inside(layout.dropped_frames(), asked)
    failed_worlds, failed = _quarantined(layout, asked)
    total = sum(end - start for start, end in asked)
    rates = [one.done / one.seconds for one in alive if one.done and one.seconds]
    rate = sum(rates) if rates else None
    left = max(0, total - done - dropped - failed)
    spent, made, cost = _bill(logs, {one.run: one for one in alive}, price_per_hour)
    ended: dict[str, int] = {}
    living = {one.run for one in alive}
    for log in logs:
        gone = log.status == "running" and log.id not in living
        name = "lost" if gone else log.status
        ended[name] = ended.get(name, 0) + 1
    return Status(
        out=str(out),
        asked=total,
        done=done,
        dropped=dropped,
        failed=failed,
        failed_worlds=tuple(failed_worlds),
        running=sum(one.holds for one in alive),
        drivers=tuple(alive),
        runs=ended,
        frames_per_second=rate,
        seconds_left=left / rate if rate else (0.0 if not left else None),
        worker_hours=spent / 3600,
        cost=cost,
        cost_left=cost * left / made if cost is not None and made else None,
    )


def wait_until_over(
    out: Path,
    every_s: float,
    price_per_hour: float | None = None,
    told: Callable[[Status], None] = lambda status: None,
) -> Status:
    """Look again and again until everything is made or has failed; the folder may be yet to come.

    Args:
        every_s: between looks.
        told: called after each look.

    Raises:
        RunFolderError: what is there is no run folder, or cannot be reached.
    """
    while True:
        reach(out)
        if Layout(out).manifest.is_file():
            found = status_of(out, price_per_hour)
            told(found)
            if found.over:
                return found
        time.sleep(every_s)


def _logs(layout: Layout) -> Iterator[runs.RunLog]:
    names = sorted(layout.runs.glob("[0-9]*.json"))
    for _, load in ahead(names):
        log = runs.parsed(load)
        if log is not None:
            yield log


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges that do not touch, ascending."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif start < end:
            out.append((start, end))
    return out


def _inside(frames: Iterator[int], ranges: Sequence[tuple[int, int]]) -> int:
    """How many of the frames, ascending, lie in the ranges."""
    count, waiting = 0, iter(ranges)
    start, end = next(waiting, (0, 0))
    for frame in frames:
        while frame >= end and start < end:
            start, end = next(waiting, (0, 0))
        count += start <= frame < end
    return count


def _quarantined(layout: Layout, asked: Sequence[tuple[int, int]]) -> tuple[list[str], int]:
    """Names of what is set aside, and how many frames that were asked for it keeps away."""
    found, names, count = list[Path](), list[str](), 0
    with suppress(FileNotFoundError):  # lifted, or there never was any
        found = sorted((layout.root / "quarantine").iterdir())
    for path in found:
        if path.name.startswith("."):
            continue
        names.append(path.name)
        frames: list[int] = []
        with suppress(OSError, ValueError, KeyError, TypeError):
            frames = [int(n) for n in json.loads((path / "reason.json").read_bytes())["frames"]]
        lost = (n for n in sorted(frames) if not layout.record(n).is_file())
        count += _inside(lost, asked)
    return names, count


def _bill(
    logs: Sequence[runs.RunLog], alive: dict[str, Driver], price: float | None
) -> tuple[float, int, float | None]:
    """Worker-seconds, frames made for them, and cost; None: no price of a run that cost anything.

    Of runs at work the driver's last beat is newer than the log; of lost ones the log is all.
    """
    spent, made, cost, known = 0.0, 0, 0.0, bool(logs)
    for log in logs:
        beat = alive.get(log.id)
        worker_s = max(log.worker_s, beat.worker_s if beat else 0.0)
        made += max(log.done, beat.done if beat else 0)
        spent += worker_s
        each = log.price_per_hour if price is None else price
        known = known and (each is not None or not worker_s)
        cost += worker_s / 3600 * (each or 0.0)
    return spent, made, cost if known else None


def facts_of(status: Status) -> dict[str, Any]:
    """Plain data of a status."""
    plain = {**vars(status), "left": status.left, "over": status.over}
    plain["drivers"] = [vars(one) for one in status.drivers]
    plain["failed_worlds"] = list(status.failed_worlds)
    return plain
