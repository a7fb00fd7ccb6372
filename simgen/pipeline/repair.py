"""Repair: what `verify` found is made again, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from simgen.dataset.atomic import remove_tree
from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset, read_record
from simgen.dataset.verifying import Finding
from simgen.errors import Fault, RunFolderError
from simgen.pipeline import runs
from simgen.pipeline.diary import Diary
from simgen.pipeline.farm.drivers import drivers
from simgen.pipeline.pool import Failure, Farm, run_tasks
from simgen.pipeline.progress import progress
from simgen.pipeline.replay import recorded_plan
from simgen.pipeline.run import out_of_time, world_site
from simgen.pipeline.tasks import tasks_of
from simgen.pipeline.worker import work_of


@dataclass(frozen=True)
class Repair:
    """What was done.

    Args:
        frames: that were made again.
        removed: leftovers.
        failures: worlds that could not be made.
        left: findings that a person has to deal with.
    """

    frames: int
    removed: int
    failures: tuple[Failure, ...]
    left: tuple[Finding, ...]


def repair(
    out: Path,
    findings: Sequence[Finding],
    farm: Farm,
    sets: tuple[str, ...] = (),
    plugin_dirs: tuple[Path, ...] = (),
) -> Repair:
    """Make damaged frames again, remove leftovers, write the index.

    A frame counts as damaged with all views of its world if that world's file is.

    Args:
        sets: for example new places of moved files: `objects.parts.path=/new/meshes`.
        plugin_dirs: folders with the plugins that the scene names.

    Raises:
        RunFolderError: somebody works in the folder.
        SimgenError: the scene cannot be made from here.
    """
    layout = Layout(out)
    busy = drivers(out / "leases")
    if busy:
        what = f"a run is at work in it: {', '.join(busy)}"
        raise RunFolderError(Fault(str(out), what, "wait until it has ended, then repair"))
    dataset = Dataset.open(out)
    frames = _damaged(dataset, findings)
    failures: tuple[Failure, ...] = ()
    if frames and dataset.manifest.stage is None:
        failures = _make_again(dataset, frames, findings, farm, sets, plugin_dirs)
    elif frames:
        _forget(layout, frames, ())
    leftovers = [finding.name for finding in findings if finding.kind == "leftover"]
    for name in leftovers:
        with suppress(FileNotFoundError):
            (out / name).unlink()
    finalize(out)
    left = [finding for finding in findings if finding.kind in ("foreign", "stray")]
    if dataset.manifest.stage is not None:
        what = f"run the same `simgen {dataset.manifest.stage.kind}` again: it makes these frames"
        left += [Finding("damaged", f"frame {frame}", what, frame) for frame in frames]
        frames = []
    return Repair(len(frames), len(leftovers), failures, tuple(left))


def _damaged(dataset: Dataset, findings: Sequence[Finding]) -> list[int]:
    frames = {finding.frame for finding in findings if finding.frame is not None}
    views = dataset.manifest.views_per_world
    for finding in findings:
        if finding.name.startswith("worlds/") and finding.frame is not None:
            world = finding.frame // views
            frames |= {f for f in range(world * views, (world + 1) * views)
                       if dataset.layout.record(f).exists()}  # fmt: skip
    return sorted(frames)


def _forget(layout: Layout, frames: Sequence[int], worlds: Sequence[str]) -> None:
    """Records first: a frame without one does not exist, wherever this is cut short."""
    for frame in frames:
        names: list[str] = []
        with suppress(RunFolderError):
            names = [fact.name for fact in read_record(layout.record(frame)).files.values()]
        for path in (layout.record(frame), *(layout.root / name for name in names)):
            if path.is_dir():
                remove_tree(path)
            path.unlink(missing_ok=True)
    for name in worlds:
        (layout.root / name).unlink(missing_ok=True)


def _make_again(
    dataset: Dataset,
    frames: list[int],
    findings: Sequence[Finding],
    farm: Farm,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
) -> tuple[Failure, ...]:
    layout = dataset.layout
    plan = recorded_plan(dataset, range(frames[0], frames[-1] + 1), sets, plugin_dirs)
    with runs.reminding(layout.root, plugin_dirs):
        work = work_of(plan, layout.root)
        plan_log = runs.newest(layout.root)
    worlds = {finding.name for finding in findings if finding.name.startswith("worlds/")}
    roots = plan_log.roots if plan_log else {}
    log = runs.open_log(
        layout.root, [frames[0], frames[-1] + 1], farm, roots, plugin_dirs,
        machine=plan.machine,
    )  # fmt: skip
    _forget(layout, frames, sorted(worlds))
    tasks = list(tasks_of(frames, dataset.manifest.views_per_world))
    site = world_site(plan, layout.root, log.id)
    diary = Diary(layout.root, log, site)
    with progress("repairing", len(frames)) as advance:

        def on_frame(frame: int) -> None:
            diary.count(frame)
            advance(frame)

        outcome = run_tasks(work, tasks, len(tasks), farm, on_frame, site)
    diary.close("failed" if outcome.failures else "done", outcome.failures)
    if not outcome.complete:
        raise out_of_time(layout.root)
    return outcome.failures
