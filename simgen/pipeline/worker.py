"""One process's tools, built once: scene, library, sampler, engine; makes worlds and frames."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from simgen.annotate.labels import annotate
from simgen.annotate.probe import probe_of
from simgen.assets.library import AssetLibrary
from simgen.dataset.atomic import create_exclusive
from simgen.dataset.frame_writer import FrameWriter
from simgen.dataset.layout import Layout
from simgen.dataset.reader import read_world
from simgen.errors import AssetError, DataError, Fault, SimgenError, WorkError
from simgen.pipeline.annotating import annotate_more
from simgen.pipeline.draw_times import DrawTimes
from simgen.pipeline.plan import RunPlan
from simgen.pipeline.pool import Failure, Hold, Make, Share, Work
from simgen.pipeline.tasks import Task
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.records.frame import FrameSpec, RenderedFrame
from simgen.records.needs import Needs
from simgen.records.serial import to_json
from simgen.records.world import World
from simgen.sampling.sampler import Sampler


@dataclass(frozen=True)
class Engine:
    """What draws and renders the worlds of a plan.

    Args:
        scene: validated.
        library: its assets.
        sampler: of worlds and frames.
        session: the renderer's; not entered yet.
    """

    scene: Scene
    library: AssetLibrary
    sampler: Sampler
    session: Any


def open_engine(plan: RunPlan, threads: int, outputs: Collection[str] = ()) -> Engine:
    """The tools of a plan.

    Args:
        plan: what is to be made.
        threads: that the engine may use.
        outputs: that the engine is to render itself.
    """
    registry = Registry.installed(plan.plugin_dirs)
    scene = scene_from(plan.document, plan.scene_path, registry)
    library = AssetLibrary(scene, registry)
    engine = registry.get("renderers", plan.manifest.engine)
    params = engine.Params.model_validate(plan.engine_settings)
    session = engine.open(params, library, threads, outputs)
    sampler = Sampler(scene, library, plan.seed, probe_of(scene, library))
    return Engine(scene, library, sampler, session)


class WorldWorker:
    """Makes any world of a plan; a context manager, because engines may hold processes.

    Args:
        plan: what to make.
        out: run folder.
        threads: that the engine may use.
    """

    def __init__(self, plan: RunPlan, out: Path, threads: int) -> None:
        self.plan, self.layout = plan, Layout(out)
        engine = open_engine(plan, threads, plan.manifest.outputs)
        self.scene, self.library = engine.scene, engine.library
        self.sampler, self.session = engine.sampler, engine.session
        self.writer = FrameWriter(self.layout, plan.manifest)
        self.times = DrawTimes(self.layout)

    def __enter__(self) -> WorldWorker:
        self.session.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.times.close()
        self.session.__exit__(kind, error, trace)

    def world(self, index: int) -> World:
        """The stored world, or a newly drawn one, which is stored at once and for good."""
        path = self.layout.world(index)
        if path.is_file():
            return read_world(path)
        began = time.perf_counter()
        world = self.sampler.world(index)
        self.times.add(world, time.perf_counter() - began)
        create_exclusive(path, to_json(world))
        return world

    def render(self, world: World, specs: list[FrameSpec]) -> Iterator[RenderedFrame]:
        """Views of one world, in order."""
        return iter(self.session.render(world, specs))

    def make(self, task: Task, hold: Hold) -> None:
        """Draw, render, label and commit a world's missing frames.

        Raises:
            SimgenError: as the rooms say; what is committed stays.
        """
        world = self.world(task.world)
        specs = [self.sampler.frame(frame, world) for frame in task.frames]
        writer = replace(self.writer, guard=hold.check)
        for rendered in self.render(world, specs):
            labels = annotate(rendered, world, self.scene.file.labels)
            extras = annotate_more(
                self.scene, self.plan.seed, rendered, world, labels, self.library
            )
            writer.write(rendered, world, labels, self.library.credits(world), extras)
            hold.beat(rendered.spec.frame)


def work_of(plan: RunPlan, out: Path) -> Work:
    """How the farm makes worlds of this plan."""
    engine = Registry.installed(plan.plugin_dirs).get("renderers", plan.manifest.engine)
    needs = Needs()
    if hasattr(engine, "needs"):
        needs = engine.needs(engine.Params.model_validate(plan.engine_settings))
    there = out.resolve()  # workers elsewhere do not know where this process was started
    return Work(partial(open_worlds, plan, there), needs.threads, needs.memory_mib, needs.gpu)


@contextmanager
def open_worlds(plan: RunPlan, out: Path, share: Share) -> Iterator[Make]:
    """What a worker of the farm needs to make worlds: its tools, open."""
    with WorldWorker(plan, out, share.threads) as worker:
        yield worker.make


def failed(failures: list[Failure], frames: int = 0) -> SimgenError:
    """One error that lists every world or batch that failed.

    Args:
        frames: that are there all the same; if there are any, it is not bad input (exit 2).
    """
    faults = []
    for failure in failures:
        title = failure.piece.title
        for fault in failure.faults:
            where = title if title.startswith(fault.where) else f"{title}: {fault.where}"
            faults.append(Fault(where, fault.what, fault.cure))
    bad = frames == 0 and all(failure.bad_input for failure in failures)
    kind = WorkError
    if bad:
        world = failures[0].piece.noun == "world"
        kind = AssetError if world else DataError  # type: ignore[assignment]
    error = kind(faults)
    for failure in failures:
        if failure.trace:  # notes are part of what `--debug` prints
            error.add_note(failure.trace)
    return error
