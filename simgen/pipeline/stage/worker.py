"""One process's stage, opened once; commits what it makes frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from simgen.dataset.layout import Layout
from simgen.dataset.samples import SampleWriter
from simgen.errors import Fault, WorkError
from simgen.pipeline.plan import Task
from simgen.pipeline.stage.contract import Dropped, Kept, Make, Outcome, Piece, Stage
from simgen.pipeline.worker import Failure, attempted
from simgen.sampling.streams import KeyedStream


class StageWorker:
    """Makes any batch of a stage.

    Args:
        stage: what is to be made.
        writer: of the output folder.
        threads: that the stage may use.
    """

    def __init__(self, stage: Stage, writer: SampleWriter, threads: int) -> None:
        self.stage, self.writer, self.threads = stage, writer, threads
        self._stack = ExitStack()
        self._make: Make | None = None

    def __enter__(self) -> StageWorker:
        self._make = self._stack.enter_context(self.stage.open(self.threads))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def attempt(self, task: Task, on_frame: Callable[[int], None]) -> Failure | None:
        """Make a batch; what goes wrong in it alone is the answer.

        Raises:
            StorageError: the disk is full or cannot be written: no batch could succeed.
        """
        return attempted(self._carry_out, task, on_frame, "frame")

    def _carry_out(self, task: Task, on_frame: Callable[[int], None]) -> None:
        assert self._make is not None
        manifest = self.writer.manifest
        kind = manifest.stage.kind if manifest.stage else ""
        pieces = [Piece(n, KeyedStream(manifest.seed, "frame", n, kind)) for n in task.frames]
        open_frames = set(task.frames)
        for outcome in self._make(pieces):
            frame = outcome.record.frame if isinstance(outcome, Kept) else outcome.frame
            if frame not in open_frames:
                what = f"the stage gave frame {frame}, which was not asked for or is there already"
                raise WorkError(Fault(f"frame {frame}", what, "a bug of the stage"))
            self._commit(outcome)
            open_frames.discard(frame)
            on_frame(frame)
        if open_frames:
            what = f"the stage gave nothing for {sorted(open_frames)}"
            raise WorkError(Fault(f"frame {min(open_frames)}", what, "a bug of the stage"))

    def _commit(self, outcome: Outcome) -> None:
        if isinstance(outcome, Kept):
            self.writer.adopt(outcome.record, outcome.source, outcome.frame)
        elif isinstance(outcome, Dropped):
            self.writer.drop(outcome.frame, outcome.step)
        else:
            self.writer.write(outcome)


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
        Task(frames[i], tuple(frames[i : i + size])) for i in range(0, len(frames), max(1, size))
    ]
