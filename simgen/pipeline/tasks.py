"""Tasks: worlds with the views that are to be made; which of them are missing in a folder."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simgen.dataset.integrity import is_complete, is_listed
from simgen.dataset.layout import Layout
from simgen.dataset.urls import Sizes, UrlPath
from simgen.pipeline.plan import RunPlan


@dataclass(frozen=True)
class Task:
    """A world with the views that are missing, or a batch of a stage: what the farm works on.

    Args:
        world: its number; of a batch the first frame.
        frames: to be made.
        noun: what `world` counts: `world` or `frame`.
    """

    world: int
    frames: tuple[int, ...]
    noun: str = "world"

    @property
    def key(self) -> str:
        """Its name at the farm."""
        return f"{self.world:08d}"

    @property
    def title(self) -> str:
        """Its name for people."""
        first, last = self.frames[0], self.frames[-1]
        frames = f"frame {first}" if first == last else f"frames {first}..{last}"
        return f"world {self.world} ({frames})" if self.noun == "world" else frames


def tasks_of(frames: Sequence[int], views_per_world: int) -> Iterator[Task]:
    """Frames, ascending, grouped by world."""
    start = 0
    while start < len(frames):
        world = frames[start] // views_per_world
        end = start
        while end < len(frames) and frames[end] // views_per_world == world:
            end += 1
        yield Task(world, tuple(frames[start:end]))
        start = end


def all_tasks(plan: RunPlan) -> Iterator[Task]:
    """The worlds of a plan's frames that belong to its shard, one after the other."""
    views, frames = plan.manifest.views_per_world, plan.frames
    index, count = plan.shard
    first = frames.start // views
    first += (index - first) % count
    for world in range(first, -(-frames.stop // views), count):
        start, stop = max(frames.start, world * views), min(frames.stop, (world + 1) * views)
        yield Task(world, tuple(range(start, stop)))


@dataclass(frozen=True)
class Missing:
    """What a run has to make; eight bytes a world, however many views it has.

    Args:
        worlds: of which a frame is missing, ascending.
        frames: that are missing.
        asked: frames of the plan and shard, there or not.
    """

    worlds: Sequence[int]
    frames: int
    asked: int

    def tasks(self, plan: RunPlan) -> Iterator[Task]:
        """The worlds, with all of their views that the plan asks for."""
        wanted = iter(self.worlds)
        world = next(wanted, None)
        for task in all_tasks(plan):
            if task.world == world:
                yield task
                world = next(wanted, None)


def find_missing(plan: RunPlan, layout: Layout | None) -> Missing:
    """The frames of a plan without a record, or whose files are not as long as recorded.

    Args:
        layout: of the run folder; None: there is none yet.
    """
    worlds, frames, asked = array("q"), 0, 0
    sizes = Sizes(layout.root) if layout and isinstance(layout.root, UrlPath) else None
    for task in all_tasks(plan):
        rest: Task | None = task
        if sizes is not None:
            rest = _unlisted(sizes, task)
        elif layout is not None:
            rest = still_missing(layout, plan.manifest.outputs, task)
        asked += len(task.frames)
        if rest is not None:
            worlds.append(task.world)
            frames += len(rest.frames)
    return Missing(worlds, frames, asked)


def _unlisted(sizes: Sizes, task: Task) -> Task | None:
    frames = tuple(frame for frame in task.frames if not is_listed(sizes, frame))
    return replace(task, frames=frames) if frames else None


def still_missing(layout: Layout, outputs: tuple[str, ...], task: Task) -> Task | None:
    """What of a world nobody has made meanwhile; None: nothing."""
    frames = tuple(frame for frame in task.frames if not is_complete(layout, frame, outputs))
    return replace(task, frames=frames) if frames else None
