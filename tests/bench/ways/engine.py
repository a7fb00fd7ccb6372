"""simgen's engine as `simgen render --jobs 1` drives it: labels, files, records, COCO index."""

from __future__ import annotations

import time
from pathlib import Path

from simgen.dataset.coco import finalize
from simgen.pipeline.manifest import open_run_folder
from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.pool import Hold, cores
from simgen.pipeline.tasks import Task, tasks_of
from simgen.pipeline.worker import WorldWorker
from simgen.plugin.registry import Registry
from tests.bench.ways.talk import plan_of_this_process, serve


def main() -> None:
    """Make a world whenever its number comes; all are drawn and stored beforehand."""
    plan = plan_of_this_process()
    out, worlds, views = Path(plan["out"]) / "data", len(plan["views"]), len(plan["views"][-1])
    request = RenderRequest(
        Path(plan["scene"]),
        frames=range(worlds * views),
        renderer="cycles",
        quality=plan["quality"],
    )
    run, _ = prepare(request, Registry.installed())
    open_run_folder(out, run.manifest)
    tasks = list(tasks_of(run.frames, views))
    with WorldWorker(run, out, cores()) as worker:
        for world in range(worlds):
            worker.world(world)

        def make(world: int) -> float:
            began = time.perf_counter()
            task = Task(world, tasks[world].frames[: len(plan["views"][world])])
            worker.make(task, Hold(lambda frame: None))
            finalize(out)
            return time.perf_counter() - began

        serve(make)


if __name__ == "__main__":
    main()
