"""Status from files: what was asked, what is there, who is at work, what it costs."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from simgen.dataset.layout import Layout
from simgen.errors import Fault, RunFolderError
from simgen.pipeline import runs
from simgen.pipeline.farm.lease import Leases
from simgen.pipeline.farm.quarantine import Quarantine
from simgen.pipeline.farm.settings import Farm
from simgen.pipeline.farm.work import Failure, Try
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset
from simgen.pipeline.status import Status, status_of, wait_until_over
from simgen.pipeline.tasks import Task


@pytest.fixture
def out(scene: Path, tmp_path: Path) -> Path:
    """Frames 0 to 3, two worlds, made by one run."""
    render_dataset(RenderRequest(scene, range(4)), tmp_path / "out")
    return tmp_path / "out"


def another(out: Path, asked: tuple[int, int], price: float | None = None, **facts: object) -> str:
    """The log of a run that has begun."""
    log = runs.open_log(out, list(asked), Farm(price_per_hour=price), {})
    runs.write(out, log, **facts)
    return log.id


def test_a_run_that_is_over(out: Path) -> None:
    found = status_of(out)
    assert (found.asked, found.done, found.left, found.running) == (4, 4, 0, 0)
    assert found.over
    assert found.seconds_left == 0
    assert found.cost is None
    assert found.worker_hours > 0
    assert (found.runs, found.drivers, found.failed_worlds) == ({"done": 1}, (), ())


def test_ranges_of_all_runs_are_asked_for_and_a_shard_stands_for_its_whole(out: Path) -> None:
    another(out, (2, 6))
    another(out, (10, 12), shard=[1, 16])
    found = status_of(out)
    assert (found.asked, found.done, found.left) == (8, 4, 4)
    assert found.runs == {"done": 1, "lost": 2}
    assert not found.over
    assert found.seconds_left is None


def test_a_driver_at_work_tells_rate_and_cost(out: Path) -> None:
    run = another(out, (0, 24), price=3.0)
    with Leases(out / "leases", run).open(beating=False) as leases:
        leases.facts |= {"done": 10, "seconds": 50.0, "workers": 2, "worker_s": 90.0}
        leases.beat()
        assert leases.take("00000007")
        assert leases.take("00000008")
        found = status_of(out)
        driver = found.drivers[0]
        assert (driver.run, driver.workers, driver.holds, found.running) == (run, 2, 2, 2)
        assert found.frames_per_second == pytest.approx(0.2)
        assert found.left == 20
        assert found.seconds_left == pytest.approx(100)
        assert found.cost is None  # the first run has no price
        priced = status_of(out, price_per_hour=36.0)
        first = (priced.worker_hours - 90 / 3600) * 36
        assert priced.cost == pytest.approx(90 / 100 + first)
        assert priced.cost_left == pytest.approx(priced.cost * 20 / 14)
    after = status_of(out)
    assert after.drivers == ()
    assert after.runs == {"done": 1, "lost": 1}


def test_a_driver_that_has_long_been_silent_is_not_at_work(out: Path) -> None:
    import os

    run = another(out, (0, 6))
    elsewhere = Leases(out / "leases", run)
    elsewhere._me = {"host": "far", "pid": 1, "boot": "far", "pids": "far"}
    elsewhere.beat()
    assert [one.host for one in status_of(out).drivers] == ["far"]
    os.utime(out / "leases" / f"{run}.driver", (1e9, 1e9))
    assert status_of(out).drivers == ()
    assert status_of(out).runs == {"done": 1, "lost": 1}
    os.utime(out / "leases" / f"{run}.driver", (1e11, 1e11))  # a clock that runs ahead
    assert len(status_of(out).drivers) == 1


def test_what_is_set_aside_counts_as_failed_unless_it_is_there(out: Path) -> None:
    another(out, (0, 8))
    quarantine = Quarantine(out / "quarantine", "some run")
    for world in (1, 2, 9):
        task = Task(world, (2 * world, 2 * world + 1))
        quarantine.add(Failure(task, (Try((Fault("world", "poison"),)),)))
    found = status_of(out)
    assert found.failed_worlds == ("00000001", "00000002", "00000009")
    assert found.failed == 2  # those of world 1 are there, nobody asked for world 9
    assert found.left == 2
    Layout(out).record(3).unlink()
    assert status_of(out).failed == 3


def test_damaged_logs_and_reasons_are_passed_over(out: Path) -> None:
    (out / "runs" / "1-bad.json").write_text("{")
    (out / "quarantine" / "00000003").mkdir(parents=True)
    (out / "quarantine" / "00000003" / "reason.json").write_text("[]")
    found = status_of(out)
    assert (found.asked, found.failed, found.failed_worlds) == (4, 0, ("00000003",))


def test_waiting_for_a_folder_that_is_yet_to_come(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "late"
    seen: list[Status] = []
    ended: list[Status] = []
    thread = threading.Thread(
        target=lambda: ended.append(wait_until_over(out, 0.01, told=seen.append))
    )
    thread.start()
    assert thread.is_alive()
    render_dataset(RenderRequest(scene, range(4)), out)
    thread.join(timeout=60)
    assert [one.done for one in ended] == [4]
    assert {one.asked for one in seen} <= {0, 4}  # the first look may come before the log


def test_a_killed_run_has_cost_what_its_log_says(out: Path) -> None:
    log = runs.newest(out)
    assert log is not None
    before = status_of(out, 1.0)
    runs.write(out, replace(log, id="20990101T000000.0-abc"), status="running", worker_s=7200.0)
    after = status_of(out, 1.0)
    assert after.cost == pytest.approx((before.cost or 0) + 2.0)
    assert after.runs == {"done": 1, "lost": 1}


def test_no_run_folder(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        status_of(tmp_path)
