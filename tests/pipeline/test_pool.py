"""Rendering on a pool: a worker that dies costs its world, whatever it was doing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from simgen.dataset.reader import Dataset
from simgen.errors import Fault, StorageError
from simgen.pipeline import run
from simgen.pipeline.plan import RenderRequest, RunPlan
from simgen.pipeline.pool import Farm, Hold, Make, Share, Work
from simgen.pipeline.tasks import Task
from simgen.pipeline.worker import open_worlds

FARM = Farm(jobs=2, backoff_s=0.01)


@contextmanager
def _deadly(plan: RunPlan, out: Path, world: int, share: Share) -> Iterator[Make]:
    with open_worlds(plan, out, share) as make:

        def make_or_die(task: Task, hold: Hold) -> None:
            if task.world == world:
                os.kill(os.getpid(), signal.SIGKILL)
            make(task, hold)

        yield make_or_die


@contextmanager
def _full(share: Share) -> Iterator[Make]:
    def make(task: Task, hold: Hold) -> None:
        raise StorageError(Fault("out", "cannot write: No space left on device"))

    yield make


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers import this file by the name under which it is pickled."""
    import sys

    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(__file__).parent)])
    monkeypatch.setitem(sys.modules, "test_pool", sys.modules[__name__])
    for function in (_deadly, _full):
        monkeypatch.setattr(function, "__module__", "test_pool")


def test_a_dying_worker_costs_its_world(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "work_of", lambda plan, out: Work(partial(_deadly, plan, out, 1)))
    result = run.render_dataset(RenderRequest(scene, range(8)), tmp_path / "out", farm=FARM)
    assert [(f.piece.world, f.piece.frames) for f in result.failures] == [(1, (2, 3))]
    assert len(result.failures[0].tries) == 3
    assert "SIGKILL" in str(result.failures[0].faults[0])
    assert list(Dataset.open(tmp_path / "out").frames()) == [0, 1, 4, 5, 6, 7]


def test_a_full_disk_in_a_worker_stops_the_run(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "work_of", lambda plan, out: Work(_full))
    with pytest.raises(StorageError, match="No space left"):
        run.render_dataset(RenderRequest(scene, range(8)), tmp_path / "out", farm=FARM)
