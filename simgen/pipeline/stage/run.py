"""Run a stage: open the folder, make what is missing, write the index, log."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.samples import SampleWriter
from simgen.errors import Fault, RunFolderError
from simgen.pipeline import runs
from simgen.pipeline.manifest import check_run_folder, open_run_folder
from simgen.pipeline.pool import run_tasks
from simgen.pipeline.progress import progress
from simgen.pipeline.run import close_log, nothing_began, take_back
from simgen.pipeline.stage.contract import Stage, StagePlan
from simgen.pipeline.stage.worker import StageWorker, batches, missing_frames
from simgen.pipeline.worker import Failure, failed


@dataclass(frozen=True)
class StageResult:
    """What a run of a stage did.

    Args:
        out: dataset folder.
        asked, done, skipped: frames; skipped ones were there already.
        dropped: frames of the folder that the stage decided not to make.
        failures: batches that could not be finished.
        images, annotations: in the COCO index now.
    """

    out: Path
    asked: int
    done: int
    skipped: int
    dropped: int
    failures: tuple[Failure, ...]
    images: int
    annotations: int


def run_stage(stage: Stage, plan: StagePlan, out: Path, jobs: int = 1) -> StageResult:
    """Make what is missing of the plan's frames in `out`, then its COCO index.

    Args:
        jobs: processes; 1 works in this one.

    Raises:
        RunFolderError: the folder was made from another input; every difference is named.
        DataError: every frame failed by bad input; no folder is left.
        StorageError: disk full or unwritable; whole frames stay, run again to go on.
    """
    layout, manifest = Layout(out), plan.manifest
    _check_apart(plan, out)
    check_run_folder(out, manifest)
    made = not layout.manifest.exists()
    folders = [folder for folder in (out, *out.parents) if not folder.exists()]
    open_run_folder(out, manifest)
    frames = list(plan.frames)
    missing = missing_frames(layout, frames, manifest.outputs)
    asked = [frames[0], frames[-1] + 1] if frames else [0, 0]
    roots = {name: str(path) for name, path in plan.sources.items()}
    log = runs.open_log(out, asked, jobs, roots)
    done: list[int] = []
    failures: list[Failure] = []
    status, futile, counts = "stopped", False, (0, 0)
    try:
        failures = _make(stage, plan, out, missing, jobs, done)
        futile = made and nothing_began(out, failures) and not any(layout.dropped_frames())
        counts = (0, 0) if futile else finalize(out)
        status = "failed" if failures else "done"
    finally:
        close_log(out, log, status, len(done), len(frames) - len(missing), failures)
    if futile:
        take_back(out, folders)
        raise failed(failures)
    dropped = sum(1 for _ in layout.dropped_frames())
    skipped = len(frames) - len(missing)
    return StageResult(out, len(frames), len(done), skipped, dropped, tuple(failures), *counts)


def _make(
    stage: Stage, plan: StagePlan, out: Path, missing: list[int], jobs: int, done: list[int]
) -> list[Failure]:
    if not missing:
        return []
    kind = plan.manifest.stage.kind if plan.manifest.stage else "stage"
    tasks = batches(missing, plan.batch)
    worker = partial(StageWorker, stage, SampleWriter(Layout(out), plan.manifest))
    with progress(kind, len(missing)) as advance:

        def on_frame(frame: int) -> None:
            done.append(frame)
            advance(frame)

        return run_tasks(worker, tasks, min(jobs, len(tasks)), on_frame)


def _check_apart(plan: StagePlan, out: Path) -> None:
    """A stage may not write into what it reads."""
    for path in plan.sources.values():
        inside = out.resolve().is_relative_to(path.resolve())
        if inside or path.resolve().is_relative_to(out.resolve()):
            what = f"the output and the source {path} lie in one another"
            raise RunFolderError(Fault(str(out), what, "choose another --out"))
