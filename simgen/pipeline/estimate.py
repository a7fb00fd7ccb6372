"""Dry run: what a run would take, measured on a few of its worlds, with 90 % intervals.

The pilot runs on the workers that the run would use, all of them at once, so that what they take
from each other is measured, too. The first world of each worker warms it up and is counted as
such. Worlds are taken evenly from those that are missing; how the rest varies is judged by how
they vary.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.layout import Layout
from simgen.dataset.reader import read_record
from simgen.pipeline.farm.machine import shares_of
from simgen.pipeline.farm.site import Site, Toll
from simgen.pipeline.interval import Interval, ratio, total
from simgen.pipeline.manifest import check_run_folder
from simgen.pipeline.memory import machine_bytes
from simgen.pipeline.placement import counts_of
from simgen.pipeline.plan import RenderRequest, RunPlan, prepare, require_planned
from simgen.pipeline.pool import Farm, run_tasks
from simgen.pipeline.preflight import preflight
from simgen.pipeline.tasks import Missing, Task, find_missing
from simgen.pipeline.worker import failed, work_of

_WORLDS = 3  # a worker: one to warm up, two to measure
_ENOUGH_S = 30.0  # after which no further world is begun, if every worker has had one


_NONE = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Estimate:
    """What a run would take.

    Args:
        worlds, frames: to make.
        skipped: frames that are there already.
        jobs: workers.
        seconds: wall time with so many.
        worker_hours: of all workers together.
        bytes: on disk.
        redrawn: placements thrown away for each object asked for.
        dropped: of the objects asked for, the share that finds no place.
        pilot_worlds, pilot_frames: that were really made to measure; 0: nothing is missing.
        seconds_per_frame: of one worker, warmed up.
        bytes_per_job: most memory that a worker held.
        machine: memory of this machine in bytes; 0: unknown.
        cost: of all workers, where the farm's settings name a price.
    """

    worlds: int
    frames: int
    skipped: int
    jobs: int
    seconds: Interval = _NONE
    worker_hours: Interval = _NONE
    bytes: Interval = _NONE
    redrawn: Interval = _NONE
    dropped: Interval = _NONE
    pilot_worlds: int = 0
    pilot_frames: int = 0
    seconds_per_frame: float = 0.0
    bytes_per_job: int = 0
    machine: int = 0
    cost: Interval | None = None


def estimate(request: RenderRequest, out: Path | None, farm: Farm | None = None) -> Estimate:
    """Render a few of the missing worlds in a temporary folder; OUT is not touched.

    Raises:
        SimgenError: everything that would stop the real run.
    """
    farm = farm or Farm()
    registry = request.registry()
    plan, scene = prepare(request, registry)
    require_planned(scene)
    if out is not None:
        check_run_folder(out, plan.manifest)
    missing = find_missing(plan, Layout(out) if out is not None else None)
    skipped = missing.asked - missing.frames
    if not missing.frames:
        return Estimate(0, 0, skipped, farm.jobs, machine=machine_bytes())
    preflight(plan, scene, registry)
    with tempfile.TemporaryDirectory(prefix="simgen-pilot-") as folder:
        pilot = _fly(plan, missing, farm, Path(folder))
        return _judged(missing, skipped, pilot, farm, Layout(Path(folder)))


@dataclass
class _Pilot(Site):
    """Worlds that were made, with what they took."""

    jobs: int
    began: float
    start_s: float = 0.0  # until the first worker was ready
    tolls: list[tuple[Task, Toll]] = field(default_factory=list)

    def made(self, piece: Any, toll: Toll) -> None:
        if not self.tolls:
            self.start_s = time.monotonic() - self.began - toll.seconds
        self.tolls.append((piece, toll))


def _fly(plan: RunPlan, missing: Missing, farm: Farm, folder: Path) -> _Pilot:
    work = work_of(plan, folder)
    jobs = len(shares_of(work, farm.jobs, farm.threads, farm.gpus, len(missing.worlds)))
    chosen = _spread(missing, jobs * _WORLDS)
    pilot = _Pilot(jobs, time.monotonic())

    def pieces() -> Iterator[Task]:
        for number, task in enumerate(t for t in missing.tasks(plan) if t.world in chosen):
            if number >= jobs and time.monotonic() - pilot.began > _ENOUGH_S:
                return
            yield task

    local = farm.model_copy(update={"kind": "local", "jobs": jobs, "tries": 1, "max_hours": None})
    outcome = run_tasks(work, pieces(), len(chosen), local, site=pilot)
    if not pilot.tolls:
        raise failed(list(outcome.failures))
    return pilot


def _spread(missing: Missing, count: int) -> set[int]:
    """So many of the missing worlds, evenly, the first one among them."""
    worlds, n = missing.worlds, len(missing.worlds)
    return {worlds[i * n // count] for i in range(count)} if n > count else set(worlds)


def _judged(missing: Missing, skipped: int, pilot: _Pilot, farm: Farm, layout: Layout) -> Estimate:
    warm = [one for one in pilot.tolls if one[1].warm] or pilot.tolls
    cold = [one for one in pilot.tolls if not one[1].warm]
    everything = [len(task.frames) for task, _ in pilot.tolls]
    busy = total(
        [toll.seconds for _, toll in warm], [len(task.frames) for task, _ in warm], missing.frames
    )
    per_frame = busy.value / missing.frames
    warming = [toll.seconds - per_frame * len(task.frames) for task, toll in cold]
    start_s = pilot.start_s + max(0.0, float(np.mean(warming)))
    worlds = [task.world for task, _ in pilot.tolls]
    counts = list(counts_of(layout, worlds))
    asked_for = [count.requested for count in counts]
    hours = (busy + start_s * pilot.jobs) * (1 / 3600)
    return Estimate(
        worlds=len(missing.worlds),
        frames=missing.frames,
        skipped=skipped,
        jobs=pilot.jobs,
        seconds=(busy * (1 / pilot.jobs) + start_s).rounded(3),
        worker_hours=hours.rounded(5),
        bytes=total([_size(layout, t) for t, _ in pilot.tolls], everything, missing.frames).rounded(
            0
        ),
        redrawn=ratio([count.redrawn for count in counts], asked_for).rounded(4),
        dropped=ratio([len(count.dropped) for count in counts], asked_for).rounded(4),
        pilot_worlds=len(worlds),
        pilot_frames=sum(everything),
        seconds_per_frame=round(per_frame, 4),
        bytes_per_job=round(max(toll.memory_mib for _, toll in pilot.tolls) * 2**20),
        machine=machine_bytes(),
        cost=None if farm.price_per_hour is None else (hours * farm.price_per_hour).rounded(2),
    )


def _size(layout: Layout, task: Task) -> int:
    """Bytes that a world and its frames take on disk."""
    records = [read_record(layout.record(frame)) for frame in task.frames]
    files = [fact.bytes for record in records for fact in record.files.values()]
    own = [layout.world(task.world), *map(layout.record, task.frames)]
    return sum(files) + sum(path.stat().st_size for path in own)
