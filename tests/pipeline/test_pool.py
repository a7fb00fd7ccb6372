"""The pool: a worker that dies costs its world, whatever it was doing."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from simgen.dataset.reader import Dataset
from simgen.errors import Fault, StorageError
from simgen.pipeline import pool
from simgen.pipeline.plan import RenderRequest, Task, tasks_of
from simgen.pipeline.run import render_dataset
from simgen.pipeline.worker import Failure

_real_attempt = pool._attempt


def _attempt_or_die(task: Task) -> tuple[list[int], Failure | None]:
    """Runs in a worker process; the file beside the run folder says which world kills it."""
    assert pool._setup is not None
    out = pool._setup[0].args[1]  # type: ignore[attr-defined]  # partial(WorldWorker, plan, out)
    if task.world == int((out.parent / "deadly").read_text()):
        os.kill(os.getpid(), signal.SIGKILL)
    return _real_attempt(task)


def _attempt_on_full_disk(task: Task) -> tuple[list[int], Failure | None]:
    raise StorageError(Fault("out", "cannot write: No space left on device"))


def test_a_dying_worker_costs_its_world(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_attempt", _attempt_or_die)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    (tmp_path / "deadly").write_text("1")
    result = render_dataset(RenderRequest(scene, range(8)), tmp_path / "out", jobs=2)
    assert [(f.world, f.frames) for f in result.failures] == [(1, (2, 3))]
    assert "died" in str(result.failures[0].faults[0])
    assert list(Dataset.open(tmp_path / "out").frames()) == [0, 1, 4, 5, 6, 7]


def test_a_full_disk_in_a_worker_stops_the_run(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_attempt", _attempt_on_full_disk)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with pytest.raises(StorageError, match="No space left"):
        render_dataset(RenderRequest(scene, range(8)), tmp_path / "out", jobs=2)


def test_thread_limits_are_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with pool._environment(1):
        assert (os.environ["OMP_NUM_THREADS"], os.environ["MKL_NUM_THREADS"]) == ("1", "1")
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


@pytest.mark.parametrize(
    ("frames", "views", "expected"),
    [
        ([0, 1, 2, 3], 2, [(0, (0, 1)), (1, (2, 3))]),
        ([1, 2, 7], 4, [(0, (1, 2)), (1, (7,))]),
        ([], 3, []),
        ([5], 1, [(5, (5,))]),
    ],
)
def test_frames_are_grouped_by_world(frames: list[int], views: int, expected: Any) -> None:
    assert [(task.world, task.frames) for task in tasks_of(frames, views)] == expected
