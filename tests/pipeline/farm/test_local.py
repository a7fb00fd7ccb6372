"""Worker processes: replaced when they die, hang or grow; pinned; gone when nobody wants them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from simgen.errors import StorageError
from simgen.pipeline.pool import Farm, Outcome, Work, run_tasks
from tests.pipeline.farm.toys import Toy, open_toys, toys

DRIVER = """
import signal
import sys
from functools import partial
from pathlib import Path
from simgen.pipeline.pool import Farm, Work, run_tasks
from tests.pipeline.farm.toys import open_toys, toys

# A shell that started the tests in the background had them ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
folder, act = Path(sys.argv[1]), sys.argv[2]
work = Work(partial(open_toys, folder))
run_tasks(work, toys(2, _0=act, _1=act), 2, Farm(jobs=2))
"""  # no `if __name__` guard: a script needs none


def make(folder: Path, pieces: list[Toy], **farm: object) -> Outcome:
    """Run toys with quick retries."""
    settings = Farm(**{"jobs": 2, "backoff_s": 0.01, **farm})  # type: ignore[arg-type]
    return run_tasks(Work(partial(open_toys, folder)), pieces, len(pieces), settings)


def made(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.glob("[0-9]*") if not path.suffix)


def tries(folder: Path, number: int) -> list[str]:
    return (folder / f"{number:08d}.tries").read_text().split()


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def test_a_pool_survives_what_its_pieces_do(tmp_path: Path) -> None:
    acts = {"_1": "kill", "_2": "crash", "_3": "stop", "_4": "grow", "_5": "refuse", "_6": "x"}
    pieces = toys(9, **acts)
    pieces[7] = Toy(7, "kill", times=2)
    found = make(tmp_path, pieces, stall_limit_s=1.5, memory_limit_mib=300)
    assert found.complete
    assert made(tmp_path) == [0, 7, 8]
    said = {f.piece.number: f.faults[0].what for f in found.failures}
    assert sorted(said) == [1, 2, 3, 4, 5, 6]
    assert "SIGKILL" in said[1]
    assert "SIGSEGV" in said[2]
    assert "no progress for 1.5 s" in said[3]
    assert "MiB of memory" in said[4] or "no progress" in said[4]  # its third try may have more
    assert "refuse for the test" in said[5]
    assert said[6] == "ZeroDivisionError: x"
    counts = {number: len(tries(tmp_path, number)) for number in range(9)}
    assert counts == {0: 1, 1: 3, 2: 3, 3: 3, 4: 3, 5: 1, 6: 3, 7: 3, 8: 1}
    assert len(set(tries(tmp_path, 6))) == 3, "each try on a fresh worker"
    crash = found.failures[1].tries[0]
    assert "about to crash" in crash.log
    assert "Segmentation fault" in crash.log  # with a stack, by faulthandler
    assert "toys.py" in crash.log
    assert not [pid for n in range(9) for pid in tries(tmp_path, n) if alive(int(pid))]


def test_a_full_disk_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="full for the test"):
        make(tmp_path, toys(30, _1="full"))
    assert len(made(tmp_path)) < 30


def test_gpus_are_pinned_one_a_worker_and_threads_are_shared(tmp_path: Path) -> None:
    found = make(tmp_path, toys(6), gpus=("2", "GPU-7f"), jobs=0, threads=3)
    assert found == Outcome((), True)
    words = [(tmp_path / f"{n:08d}").read_text().split() for n in range(6)]
    assert {threads for _, threads, _ in words} == {"3"}
    assert {gpu for _, _, gpu in words} <= {"2", "GPU-7f"}
    assert len({gpu for _, _, gpu in words}) == len({pid for pid, _, _ in words})


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_driver(tmp_path: Path, how: signal.Signals) -> None:
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, tmp_path, "stubborn"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("*.tries"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = [int(pid) for n in range(2) for pid in tries(tmp_path, n)]
    assert len(workers) == 2
    assert all(map(alive, workers))
    os.kill(driver.pid, how)
    _, said = driver.communicate(timeout=60)
    deadline = time.monotonic() + 20
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, workers))
    if how == signal.SIGINT:
        assert "KeyboardInterrupt" in said
