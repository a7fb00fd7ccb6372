"""Render a dataset: plan, check, open the folder, make what is missing, write the index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.errors import StorageError
from simgen.pipeline import runs
from simgen.pipeline.manifest import check_run_folder, open_run_folder
from simgen.pipeline.plan import RenderRequest, RunPlan, missing_frames, prepare, tasks_of
from simgen.pipeline.pool import run_tasks
from simgen.pipeline.preflight import check_assets
from simgen.pipeline.progress import progress
from simgen.pipeline.worker import Failure
from simgen.plugin.registry import Registry


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Args:
        out: run folder.
        asked, done, skipped: frames; skipped ones were there already.
        failures: worlds that could not be finished.
        images, annotations: in the COCO index now.
    """

    out: Path
    asked: int
    done: int
    skipped: int
    failures: tuple[Failure, ...]
    images: int
    annotations: int


def render_dataset(request: RenderRequest, out: Path, jobs: int = 1) -> RunResult:
    """Make what is missing of the asked frames in `out`, then its COCO index.

    Raises:
        SceneFileError, AssetError, PluginError, RunFolderError: bad input; OUT is untouched.
        StorageError: disk full or unwritable; whole frames stay, run again to go on.
    """
    registry = Registry.installed()
    plan, scene = prepare(request, registry)
    check_run_folder(out, plan.manifest)
    missing = missing_frames(Layout(out), plan)
    if missing and not Layout(out).manifest.exists():
        check_assets(scene)  # once per folder; files that change later are caught by digest
    open_run_folder(out, plan.manifest)
    log = runs.begin(out, scene, plan.frames, jobs)
    done: list[int] = []
    failures: list[Failure] = []
    status = "stopped"
    try:
        failures = _make(plan, out, missing, jobs, done)
        images, annotations = finalize(out)
        status = "failed" if failures else "done"
    finally:
        _close_log(out, log, status, len(done), len(plan.frames) - len(missing), failures)
    skipped = len(plan.frames) - len(missing)
    return RunResult(
        out, len(plan.frames), len(done), skipped, tuple(failures), images, annotations
    )


def _make(
    plan: RunPlan, out: Path, missing: list[int], jobs: int, done: list[int]
) -> list[Failure]:
    if not missing:
        return []
    tasks = list(tasks_of(missing, plan.manifest.views_per_world))
    with progress("rendering", len(missing)) as advance:

        def on_frame(frame: int) -> None:
            done.append(frame)
            advance(frame)

        return run_tasks(plan, out, tasks, min(jobs, len(tasks)), on_frame)


def _close_log(
    out: Path, log: runs.RunLog, status: str, done: int, skipped: int, failures: list[Failure]
) -> None:
    worlds = [failure.world for failure in failures]
    try:
        runs.end(out, log, status=status, done=done, skipped=skipped, failed_worlds=worlds)
    except StorageError:
        # The disk is full: the error that stopped the run says so already.
        if status != "stopped":
            raise
