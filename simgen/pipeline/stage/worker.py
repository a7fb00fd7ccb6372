"""One process's stage, opened once; commits what it makes frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from simgen.dataset.layout import Layout
from simgen.dataset.samples import SampleWriter
from simgen.errors import Fault, WorkError
from simgen.pipeline.pool import Hold, Make, Share, Work
from simgen.pipeline.stage.contract import Dropped, Kept, Outcome, Piece, Stage
from simgen.pipeline.stage.contract import Make as StageMake
from simgen.pipeline.tasks import Task
from simgen.records.needs import Needs
from simgen.sampling.streams import KeyedStream


class StageWorker:
    """Makes any batch of a stage.

    Args:
        make: of the opened stage.
        writer: of the output folder.
    """

    def __init__(self, make: StageMake, writer: SampleWriter) -> None:
        self._make, self.writer = make, writer

    def make(self, task: Task, hold: Hold) -> None:
        """Make a batch.

        Raises:
            WorkError: the stage gave other frames than it was asked for.
            SimgenError: as the stage says; what is committed stays.
        """
        manifest = self.writer.manifest
        kind = manifest.stage.kind if manifest.stage else ""
        pieces = [Piece(n, KeyedStream(manifest.seed, "frame", n, kind)) for n in task.frames]
        open_frames = set(task.frames)
        writer = replace(self.writer, guard=hold.check)
        for outcome in self._make(pieces):
            frame = outcome.record.frame if isinstance(outcome, Kept) else outcome.frame
            if frame not in open_frames:
                what = f"the stage gave frame {frame}, which was not asked for or is there already"
                raise WorkError(Fault(f"frame {frame}", what, "a bug of the stage"))
            self._commit(outcome, writer)
            open_frames.discard(frame)
            hold.beat(frame)
        if open_frames:
            what = f"the stage gave nothing for {sorted(open_frames)}"
            raise WorkError(Fault(f"frame {min(open_frames)}", what, "a bug of the stage"))

    def _commit(self, outcome: Outcome, writer: SampleWriter) -> None:
        if isinstance(outcome, Kept):
            writer.adopt(outcome.record, outcome.source, outcome.frame)
        elif isinstance(outcome, Dropped):
            writer.drop(outcome.frame, outcome.step)
        else:
            writer.write(outcome)


def work_of(stage: Stage, writer: SampleWriter) -> Work:
    """How the farm makes batches of a stage; a stage may say what it `needs`."""
    needs: Needs = getattr(stage, "needs", Needs())
    opened = partial(open_stage, stage, writer)
    return Work(opened, needs.threads, needs.memory_mib, needs.gpu)


@contextmanager
def open_stage(stage: Stage, writer: SampleWriter, share: Share) -> Iterator[Make]:
    """What a worker of the farm needs to make batches: the stage, opened once."""
    with stage.open(share.threads) as make:
        yield StageWorker(make, writer).make


def still_missing(layout: Layout, outputs: tuple[str, ...], task: Task) -> Task | None:
    """What of a batch nobody has made meanwhile; None: nothing."""
    frames = tuple(missing_frames(layout, list(task.frames), outputs))
    return replace(task, frames=frames) if frames else None


def missing_frames(layout: Layout, frames: list[int], outputs: tuple[str, ...]) -> list[int]:
    """Frames that are neither committed with whole files nor dropped."""
    from simgen.dataset.integrity import is_complete

    return [
        frame
        for frame in frames
        if not is_complete(layout, frame, outputs) and not layout.dropped(frame).is_file()
    ]


def batches(frames: list[int], size: int) -> list[Task]:
    """Tasks of at most `size` frames; a task is called by its first frame."""
    return [
        Task(frames[i], tuple(frames[i : i + size]), "frame")
        for i in range(0, len(frames), max(1, size))
    ]
