"""Render a dataset: plan, check, open the folder, make what is missing, write the index."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simgen.dataset.atomic import remove_tree
from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.errors import Fault, MissingExtraError, WorkError
from simgen.pipeline import runs
from simgen.pipeline.diary import Diary
from simgen.pipeline.manifest import check_run_folder, missing_folders, open_run_folder
from simgen.pipeline.placement import Placement, placement_of
from simgen.pipeline.plan import (
    RenderRequest,
    RunPlan,
    prepare,
    require_planned,
)
from simgen.pipeline.pool import INLINE, Failure, Farm, FolderSite, Outcome, run_tasks
from simgen.pipeline.preflight import preflight
from simgen.pipeline.progress import progress
from simgen.pipeline.tasks import Missing, all_tasks, find_missing, still_missing
from simgen.pipeline.worker import failed, work_of


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Args:
        out: run folder.
        asked, done, skipped: frames; skipped ones were there already.
        failures: worlds that could not be finished.
        complete: whether all others are; False: `max_hours` were up.
        images, annotations: in the COCO index now; 0 for one shard, which makes none.
        placement: what became of the objects of the asked frames' worlds.
    """

    out: Path
    asked: int
    done: int
    skipped: int
    failures: tuple[Failure, ...]
    complete: bool
    images: int
    annotations: int
    placement: Placement


def render_dataset(
    request: RenderRequest, out: Path, jobs: int = 1, farm: Farm | None = None
) -> RunResult:
    """Make what is missing of the asked frames in `out`, then its COCO index.

    Args:
        jobs: worker processes of this machine; 1 works in this process. For scripts.
        farm: who works; replaces `jobs`.

    Raises:
        SceneFileError, AssetError, PluginError, RunFolderError: bad input; OUT is untouched.
        StorageError: disk full or unwritable; whole frames stay, run again to go on.
    """
    began = time.monotonic()
    registry = request.registry()
    with runs.reminding(out, request.plugin_dirs):
        plan, scene = prepare(request, registry)
    require_planned(scene)
    check_run_folder(out, plan.manifest)
    missing = find_missing(plan, Layout(out))
    made = not Layout(out).manifest.exists()
    if missing.frames and made:
        preflight(plan, scene, registry)  # once per folder; digests catch files that change later
    folders = missing_folders(out)
    open_run_folder(out, plan.manifest)
    farm = farm or (INLINE if jobs == 1 else Farm(jobs=jobs))
    log = runs.begin(out, scene, plan, farm)
    site = world_site(plan, out, log.id)
    diary = Diary(out, log, site, missing.asked - missing.frames, began)
    try:
        result = _carry_out(plan, missing, farm, diary)
    except MissingExtraError:
        if made and next(Layout(out).frames(), None) is None:
            take_back(out, folders)  # or it would refuse the engine that can be had
        raise
    if made and nothing_began(out, result.failures):
        take_back(out, folders)
        raise failed(list(result.failures))
    return result


def _carry_out(plan: RunPlan, missing: Missing, farm: Farm, diary: Diary) -> RunResult:
    """Make what is missing and the index; whatever happens, the log tells."""
    out, outcome, status = diary.out, Outcome((), False), "stopped"
    try:
        outcome = _make(plan, missing, farm, diary)
        part = plan.shard[1] > 1  # an index of a part would be made again by every shard
        futile = nothing_began(out, outcome.failures)
        images, annotations = (0, 0) if futile or part else finalize(out)
        if outcome.complete:
            status = "failed" if outcome.failures else "done"
    finally:
        diary.close(status, outcome.failures)
    worlds = (task.world for task in all_tasks(plan))
    return RunResult(
        out,
        missing.asked,
        diary.done,
        diary.skipped,
        outcome.failures,
        outcome.complete,
        images,
        annotations,
        placement_of(Layout(out), worlds),
    )


def out_of_time(out: Path) -> WorkError:
    """The error of a run that `max_hours` ended."""
    what = "time was up before everything was made"
    return WorkError(Fault(str(out), what, "run the same command again: it goes on here"))


def nothing_began(out: Path, failures: Sequence[Failure]) -> bool:
    """Whether every world failed by bad input and the folder holds no frame of any process."""
    bad = bool(failures) and all(failure.bad_input for failure in failures)
    return bad and next(Layout(out).frames(), None) is None


def take_back(out: Path, folders: list[Path]) -> None:
    """Take a folder back that holds nothing but our manifest, log and worlds.

    Args:
        folders: that did not exist before, innermost first.
    """
    layout = Layout(out)
    if len(list(layout.runs.glob("*.json"))) > 1:
        return  # another process renders into it
    for folder in (layout.runs, out / "worlds", out / "quarantine"):
        with suppress(OSError):
            remove_tree(folder)
    layout.manifest.unlink(missing_ok=True)
    for folder in folders:  # innermost first, only those that this run created
        with suppress(OSError):
            folder.rmdir()


def world_site(plan: RunPlan, out: Path, run: str) -> FolderSite:
    """The run folder as a place where worlds are made."""
    layout = Layout(out)
    still = partial(still_missing, layout, plan.manifest.outputs)
    return FolderSite(out, run, still, lambda task: [layout.world(task.world)])


def _make(plan: RunPlan, missing: Missing, farm: Farm, diary: Diary) -> Outcome:
    if not missing.frames:
        return Outcome((), True)
    with progress("rendering", missing.frames) as advance:

        def on_frame(frame: int) -> None:
            diary.count(frame)
            advance(frame)

        work, tasks, count = work_of(plan, diary.out), missing.tasks(plan), len(missing.worlds)
        return run_tasks(work, tasks, count, farm, on_frame, diary.site, diary.began)
