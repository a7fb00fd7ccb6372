"""Leases: one holder at a time, take-over from the dead, and no way back for who was fenced off."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from simgen.errors import FencedError, StorageError
from simgen.pipeline.farm.lease import Lease, Leases

TTL_S = 60.0


class Clock:
    """Somebody's monotonic time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def driver(folder: Path, run: str, clock: Clock | None = None, **me: object) -> Leases:
    """A driver whose process cannot be looked at from elsewhere, unless `me` says so."""
    made = Leases(folder, run, clock or Clock(), TTL_S)
    made._me = {"host": run, "pid": 1, "boot": run, "pids": run, **me}
    made.beat()
    return made


def test_a_piece_has_one_holder_until_it_lets_go(tmp_path: Path) -> None:
    one, two = driver(tmp_path, "one"), driver(tmp_path, "two")
    lease = one.take("00000007")
    assert lease is not None
    lease.check()
    assert two.take("00000007") is None
    assert two.take("00000008") is not None
    one.release(lease)
    assert two.take("00000007") is not None
    with pytest.raises(FencedError):
        lease.check()


def test_of_many_threads_exactly_one_gets_a_piece(tmp_path: Path) -> None:
    drivers = [driver(tmp_path, f"run{i}") for i in range(8)]
    got: list[Lease] = []
    start = threading.Barrier(len(drivers))

    def grab(leases: Leases) -> None:
        start.wait()
        for number in range(40):
            lease = leases.take(f"{number:08d}")
            if lease is not None:
                got.append(lease)

    threads = [threading.Thread(target=grab, args=(one,)) for one in drivers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lease.key for lease in got) == [f"{n:08d}" for n in range(40)]


def test_a_silent_driver_is_dead_after_the_time_to_live_and_fenced_off(tmp_path: Path) -> None:
    clock = Clock()
    silent, other = driver(tmp_path, "silent"), driver(tmp_path, "other", clock)
    old = silent.take("a")
    assert old is not None
    assert other.take("a") is None  # seen for the first time
    clock.now += TTL_S - 1
    silent.beat()
    assert other.take("a") is None
    clock.now += TTL_S - 1
    assert other.take("a") is None  # it had moved
    clock.now += 1.5
    new = other.take("a")
    assert new is not None
    assert new.number == 2
    new.check()
    with pytest.raises(FencedError, match="another driver"):
        old.check()
    silent.beat()  # it was only slow: too late
    with pytest.raises(FencedError):
        old.check()
    silent.release(old)
    new.check()


def test_who_was_fenced_off_stays_so_after_the_piece_was_made(tmp_path: Path) -> None:
    clock = Clock()
    silent, other = driver(tmp_path, "silent"), driver(tmp_path, "other", clock)
    old = silent.take("a")
    assert other.take("a") is None
    clock.now += TTL_S
    new = other.take("a")
    assert old is not None
    assert new is not None
    other.release(new)
    with pytest.raises(FencedError):
        old.check()
    third = driver(tmp_path, "third").take("a")
    assert third is not None
    assert third.number == 1
    with pytest.raises(FencedError):
        old.check()


def test_the_letting_go_may_be_cut_anywhere(tmp_path: Path) -> None:
    clock = Clock()
    silent, other = driver(tmp_path, "silent"), driver(tmp_path, "other", clock)
    silent.take("a")
    other.take("a")
    clock.now += TTL_S
    new = other.take("a")
    assert new is not None
    new.path(1).unlink()  # the first half of letting go; then power fails
    (tmp_path / "other.driver").unlink()
    third = driver(tmp_path, "third").take("a")
    assert third is not None
    assert third.number == 3
    third.check()
    with pytest.raises(FencedError):
        new.check()


def test_a_driver_that_ended_is_taken_over_at_once(tmp_path: Path) -> None:
    gone = driver(tmp_path, "gone")
    gone.take("a")
    (tmp_path / "gone.driver").unlink()
    assert driver(tmp_path, "next").take("a") is not None


def test_a_killed_process_of_this_machine_is_taken_over_at_once(tmp_path: Path) -> None:
    code = (
        "import sys, os, signal; from pathlib import Path\n"
        "from simgen.pipeline.farm.lease import Leases\n"
        "leases = Leases(Path(sys.argv[1]), 'killed'); leases.beat(); assert leases.take('a')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert (tmp_path / "killed.driver").exists()
    assert Leases(tmp_path, "next").take("a") is not None


def test_a_living_process_of_this_machine_is_believed(tmp_path: Path) -> None:
    alive = Leases(tmp_path, "alive")
    alive.beat()
    assert alive.take("a") is not None
    assert Leases(tmp_path, "next").take("a") is None


def test_clocks_that_differ_or_run_backwards_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, clock = driver(tmp_path, "one"), Clock()
    lease = one.take("a")
    for path in tmp_path.iterdir():
        os.utime(path, (10**10, 10**10))  # from the year 2286
    monkeypatch.setattr("time.time", lambda: 1.0)
    two = driver(tmp_path, "two", clock)
    assert two.take("a") is None
    clock.now += TTL_S / 2
    one.beat()
    assert two.take("a") is None
    assert lease is not None
    lease.check()


def test_a_half_written_lease_is_believed_for_a_while(tmp_path: Path) -> None:
    clock = Clock()
    two = driver(tmp_path, "two", clock)
    (tmp_path / "a.1").write_bytes(b"")
    assert two.take("a") is None
    clock.now += TTL_S
    assert two.take("a") is not None


def test_an_open_driver_beats_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "leases"
    with Leases(folder, "run", ttl_s=0.3).open() as leases:
        assert leases.take("a") is not None
        assert leases.take("b") is not None
        beat = folder / "run.driver"
        first = json.loads(beat.read_bytes())
        deadline = threading.Event()
        for _ in range(200):
            deadline.wait(0.02)
            if json.loads(beat.read_bytes())["beat"] > first["beat"]:
                break
        else:
            pytest.fail("no beat")
        assert first["pid"] == os.getpid()
    assert not folder.exists()


def test_leases_travel_to_workers(tmp_path: Path) -> None:
    lease = driver(tmp_path, "one").take("a")
    assert lease is not None
    copy = pickle.loads(pickle.dumps(lease))
    copy.check()
    lease.path().unlink()
    with pytest.raises(FencedError):
        copy.check()


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError), Leases(tmp_path / "file" / "leases", "run").open():
        pass
