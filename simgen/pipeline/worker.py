"""One process's tools, built once: scene, library, sampler, engine; makes worlds and frames."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
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
from simgen.errors import (
    AssetError,
    DataError,
    Fault,
    MissingExtraError,
    SceneFileError,
    SimgenError,
    StorageError,
    WorkError,
)
from simgen.pipeline.plan import RunPlan, Task
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.records.frame import FrameSpec, RenderedFrame
from simgen.records.serial import to_json
from simgen.records.world import World
from simgen.sampling.sampler import Sampler


@dataclass(frozen=True)
class Failure:
    """A world, or a batch of a stage, that could not be finished.

    Args:
        world, frames: what is missing now; of a batch `world` is its first frame.
        faults: why.
        trace: traceback, for `--debug`.
        bad_input: the cause lies in the user's files.
        noun: what `world` counts.
    """

    world: int
    frames: tuple[int, ...]
    faults: tuple[Fault, ...]
    trace: str = ""
    bad_input: bool = False
    noun: str = "world"


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

    def __enter__(self) -> WorldWorker:
        self.session.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.__exit__(kind, error, trace)

    def world(self, index: int) -> World:
        """The stored world, or a newly drawn one, which is stored at once and for good."""
        path = self.layout.world(index)
        if path.is_file():
            return read_world(path)
        world = self.sampler.world(index)
        create_exclusive(path, to_json(world))
        return world

    def render(self, world: World, specs: list[FrameSpec]) -> Iterator[RenderedFrame]:
        """Views of one world, in order."""
        return iter(self.session.render(world, specs))

    def make(self, task: Task, on_frame: Callable[[int], None]) -> None:
        """Draw, render, label and commit a world's missing frames.

        Raises:
            SimgenError: as the rooms say; what is committed stays.
        """
        world = self.world(task.world)
        specs = [self.sampler.frame(frame, world) for frame in task.frames]
        for rendered in self.render(world, specs):
            labels = annotate(rendered, world, self.scene.file.labels)
            self.writer.write(rendered, world, labels, self.library.credits(world))
            on_frame(rendered.spec.frame)

    def attempt(self, task: Task, on_frame: Callable[[int], None]) -> Failure | None:
        """`make`, with what goes wrong in this world as a value.

        Raises:
            StorageError: the disk is full or cannot be written: no world could succeed.
        """
        return attempted(self.make, task, on_frame)


Make = Callable[[Task, Callable[[int], None]], None]


def attempted(
    make: Make, task: Task, on_frame: Callable[[int], None], noun: str = "world"
) -> Failure | None:
    """Carry `make` out; what goes wrong in this task alone is a value.

    Args:
        noun: what the task's number counts.

    Raises:
        StorageError, MissingExtraError: no task could succeed.
    """
    where = f"{noun} {task.world}"
    failure = partial(Failure, task.world, task.frames, noun=noun)
    try:
        make(task, on_frame)
    except (StorageError, MissingExtraError):
        raise
    except SimgenError as error:
        bad_input = isinstance(error, (AssetError, DataError, SceneFileError))
        return failure(error.faults, traceback.format_exc(), bad_input)
    except MemoryError:
        return failure((Fault(where, "out of memory", "use fewer --jobs"),))
    except Exception as error:  # a task may fail in any way; the others go on
        what = f"{type(error).__name__}: {error}"
        fault = Fault(where, what, "a bug of simgen or of a plugin; --debug shows where")
        return failure((fault,), traceback.format_exc())
    return None


def failed(failures: list[Failure], frames: int = 0) -> SimgenError:
    """One error that lists every world or batch that failed.

    Args:
        frames: that are there all the same; if there are any, it is not bad input (exit 2).
    """
    faults = []
    for failure in failures:
        for fault in failure.faults:
            first, last = failure.frames[0], failure.frames[-1]
            frames_text = f"frame {first}" if first == last else f"frames {first}..{last}"
            own = f"{failure.noun} {failure.world}"
            where = f"{own} ({frames_text})" if failure.noun == "world" else frames_text
            where = where if fault.where == own else f"{where}: {fault.where}"
            faults.append(Fault(where, fault.what, fault.cure))
    bad = frames == 0 and all(failure.bad_input for failure in failures)
    kind = WorkError
    if bad:
        kind = AssetError if failures[0].noun == "world" else DataError  # type: ignore[assignment]
    error = kind(faults)
    for failure in failures:
        if failure.trace:  # notes are part of what `--debug` prints
            error.add_note(failure.trace)
    return error
