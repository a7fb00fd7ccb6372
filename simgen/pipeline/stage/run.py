"""Run a stage: open the folder, make what is missing, write the index, log."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.samples import SampleWriter
from simgen.errors import Fault, RunFolderError, SimgenError
from simgen.pipeline import runs
from simgen.pipeline.diary import Diary
from simgen.pipeline.manifest import check_run_folder, missing_folders, open_run_folder
from simgen.pipeline.pool import INLINE, Failure, Farm, FolderSite, Outcome, run_tasks
from simgen.pipeline.progress import progress
from simgen.pipeline.run import nothing_began, take_back
from simgen.pipeline.stage.contract import Stage, StagePlan
from simgen.pipeline.stage.worker import batches, missing_frames, still_missing, work_of
from simgen.pipeline.worker import failed


@dataclass(frozen=True)
class StageResult:
    """What a run of a stage did.

    Args:
        out: dataset folder.
        asked, done, skipped: frames; skipped ones were there already.
        dropped: frames of the folder that the stage decided not to make.
        failures: batches that could not be finished.
        complete: whether all others are; False: `max_hours` were up.
        images, annotations: in the COCO index now.
    """

    out: Path
    asked: int
    done: int
    skipped: int
    dropped: int
    failures: tuple[Failure, ...]
    complete: bool
    images: int
    annotations: int


def run_stage(
    stage: Stage, plan: StagePlan, out: Path, jobs: int = 1, farm: Farm | None = None
) -> StageResult:
    """Make what is missing of the plan's frames in `out`, then its COCO index.

    Args:
        jobs: worker processes of this machine; 1 works in this process. For scripts.
        farm: who works; replaces `jobs`.

    Raises:
        RunFolderError: the folder was made from another input; every difference is named.
        DataError: every frame failed by bad input; no folder is left.
        StorageError: disk full or unwritable; whole frames stay, run again to go on.
    """
    layout, manifest = Layout(out), plan.manifest
    _check_apart(plan, out)
    check_run_folder(out, manifest)
    made = not layout.manifest.exists()
    folders = missing_folders(out)
    open_run_folder(out, manifest)
    frames = list(plan.frames)
    missing = missing_frames(layout, frames, manifest.outputs)
    asked = [frames[0], frames[-1] + 1] if frames else [0, 0]
    roots = {name: str(path) for name, path in plan.sources.items()}
    farm = farm or (INLINE if jobs == 1 else Farm(jobs=jobs))
    log = runs.open_log(out, asked, farm, roots)
    site = FolderSite(out, log.id, partial(still_missing, layout, manifest.outputs))
    diary, outcome = Diary(out, log, site, len(frames) - len(missing)), Outcome((), False)
    status, futile, stuck, counts = "stopped", False, False, (0, 0)
    try:
        outcome = _make(stage, plan, missing, farm, diary)
        futile = made and nothing_began(out, outcome.failures) and not any(layout.dropped_frames())
        counts = (0, 0) if futile else finalize(out)
        if outcome.complete:
            status = "failed" if outcome.failures else "done"
    except SimgenError:  # the stage cannot even be opened: a model is missing, say
        stuck = made and next(layout.frames(), None) is None and not any(layout.dropped_frames())
        raise
    finally:
        diary.close(status, outcome.failures)
        if stuck:
            take_back(out, folders)
    if futile:
        take_back(out, folders)
        raise failed(list(outcome.failures))
    dropped = sum(1 for _ in layout.dropped_frames())
    new, skipped = diary.done, diary.skipped
    return StageResult(
        out, len(frames), new, skipped, dropped, outcome.failures, outcome.complete, *counts
    )


def _make(stage: Stage, plan: StagePlan, missing: list[int], farm: Farm, diary: Diary) -> Outcome:
    if not missing:
        return Outcome((), True)
    kind = plan.manifest.stage.kind if plan.manifest.stage else "stage"
    tasks = batches(missing, plan.batch)
    work = work_of(stage, SampleWriter(Layout(diary.out), plan.manifest))
    with progress(kind, len(missing)) as advance:

        def on_frame(frame: int) -> None:
            diary.count(frame)
            advance(frame)

        return run_tasks(work, tasks, len(tasks), farm, on_frame, diary.site)


def _check_apart(plan: StagePlan, out: Path) -> None:
    """A stage may not write into what it reads."""
    for path in plan.sources.values():
        inside = out.resolve().is_relative_to(path.resolve())
        if inside or path.resolve().is_relative_to(out.resolve()):
            what = f"the output and the source {path} lie in one another"
            raise RunFolderError(Fault(str(out), what, "choose another --out"))
