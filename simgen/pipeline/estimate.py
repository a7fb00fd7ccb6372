"""Dry run: worlds, frames, time and disk, measured on the first worlds that are missing."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from simgen.dataset.layout import Layout
from simgen.pipeline.farm.machine import shares_of
from simgen.pipeline.manifest import check_run_folder
from simgen.pipeline.memory import machine_bytes, peak_bytes
from simgen.pipeline.plan import (
    RenderRequest,
    Task,
    missing_frames,
    prepare,
    require_planned,
    tasks_of,
)
from simgen.pipeline.pool import Hold, cores
from simgen.pipeline.preflight import preflight
from simgen.pipeline.worker import WorldWorker, work_of

_PILOTS = 2
_ENOUGH_S = 5.0


@dataclass(frozen=True)
class Estimate:
    """What a run would take.

    Args:
        worlds, frames: to make.
        skipped: frames that are there already.
        seconds: wall time with this many jobs.
        bytes: on disk.
        pilot_frames: frames that were really rendered to measure; 0: nothing is missing.
        seconds_per_frame: of one job.
        bytes_per_job: peak memory of a job that makes the first worlds.
        machine: memory of this machine in bytes; 0: unknown.
    """

    worlds: int
    frames: int
    skipped: int
    jobs: int
    seconds: float
    bytes: int
    pilot_frames: int
    seconds_per_frame: float
    bytes_per_job: int = 0
    machine: int = 0


def estimate(request: RenderRequest, out: Path | None, jobs: int = 0) -> Estimate:
    """Render up to two of the missing worlds in a temporary folder; OUT is not touched.

    Raises:
        SimgenError: everything that would stop the real run.
    """
    registry = request.registry()
    plan, scene = prepare(request, registry)
    require_planned(scene)
    missing = list(plan.frames)
    if out is not None:
        check_run_folder(out, plan.manifest)
        missing = missing_frames(Layout(out), plan)
    tasks = list(tasks_of(missing, plan.manifest.views_per_world))
    skipped = len(plan.frames) - len(missing)
    if not tasks:
        return Estimate(0, 0, skipped, jobs, 0.0, 0, 0, 0.0, 0, machine_bytes())
    preflight(plan, scene, registry)
    jobs = len(shares_of(work_of(plan, out or Path()), jobs, 0, None, len(tasks)))
    with tempfile.TemporaryDirectory(prefix="simgen-pilot-") as folder:
        started = time.perf_counter()
        with WorldWorker(plan, Path(folder), max(1, cores() // jobs)) as worker:
            setup_s = time.perf_counter() - started
            laps = _pilot(worker, tasks)
        frames = sum(len(task.frames) for task in tasks[: len(laps)])
        per_frame = laps[-1] / len(tasks[len(laps) - 1].frames)
        size = _size_of(Path(folder)) / frames
    seconds = setup_s + laps[0] + per_frame * (len(missing) - len(tasks[0].frames)) / jobs
    return Estimate(
        len(tasks),
        len(missing),
        skipped,
        jobs,
        round(seconds, 3),
        round(size * len(missing)),
        frames,
        round(per_frame, 4),
        peak_bytes(),
        machine_bytes(),
    )


def _pilot(worker: WorldWorker, tasks: list[Task]) -> list[float]:
    """Seconds of the first worlds; the second shows the pace once the caches are warm."""
    laps: list[float] = []
    for task in tasks[:_PILOTS]:
        started = time.perf_counter()
        worker.make(task, Hold(lambda frame: None))
        laps.append(time.perf_counter() - started)
        if laps[0] > _ENOUGH_S:
            break
    return laps


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
