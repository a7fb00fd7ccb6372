"""The Ray back end on two nodes of one machine: workers and nodes that die, hang and refuse."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="ray (extra `farm`) is not installed")

from simgen.errors import SimgenError, StorageError
from simgen.pipeline.pool import Farm, FolderSite, Outcome, Work, run_tasks
from tests.pipeline.farm.toys import Toy, open_toys, toys

FARM = Farm(kind="ray", backoff_s=0.01, threads=1, stall_limit_s=10)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head and a second node, with two CPUs each."""
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 2, "object_store_memory": 80 << 20, "include_dashboard": False},
    )
    made.add_node(num_cpus=2, object_store_memory=80 << 20)
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


def still(folder: Path, toy: Toy) -> Toy | None:
    return None if (folder / toy.key).exists() else toy


def make(folder: Path, pieces: list[Toy], farm: Farm = FARM) -> tuple[Outcome, list[int]]:
    beats: list[int] = []
    site = FolderSite(folder, secrets.token_hex(4), partial(still, folder))
    work = Work(partial(open_toys, folder))
    return run_tasks(work, pieces, len(pieces), farm, beats.append, site), beats


def made(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.glob("[0-9]*") if not path.suffix)


def tries(folder: Path, number: int) -> list[str]:
    return (folder / f"{number:08d}.tries").read_text().split()


def ended(pid: int) -> bool:
    """Whether a process ends; its parent, the node's daemon, may take a while to notice."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.1)
    return False


def test_pieces_are_made_on_both_nodes(cluster: Any, tmp_path: Path) -> None:
    found, beats = make(tmp_path, [Toy(n, "nap") for n in range(60)])  # or one makes all at once
    assert found == Outcome((), True)
    assert made(tmp_path) == sorted(beats) == list(range(60))
    workers = {tries(tmp_path, number)[0] for number in range(60)}
    assert len(workers) > 1
    assert not (tmp_path / "leases").exists()


def test_workers_that_die_hang_and_refuse(cluster: Any, tmp_path: Path) -> None:
    pieces = toys(8, _1="kill", _2="stop", _3="refuse", _4="fail")
    pieces[2], pieces[5] = Toy(2, "stop", times=1), Toy(5, "kill", times=2)
    found, beats = make(tmp_path, pieces)
    assert found.complete
    assert made(tmp_path) == sorted(beats) == [0, 2, 5, 6, 7]
    said = {f.piece.number: f.faults[0].what for f in found.failures}
    assert sorted(said) == [1, 3, 4]
    assert "its worker died" in said[1]
    counts = {number: len(tries(tmp_path, number)) for number in range(8)}
    assert counts == {0: 1, 1: 3, 2: 2, 3: 1, 4: 3, 5: 3, 6: 1, 7: 1}
    assert ended(int(tries(tmp_path, 2)[0])), "a stopped process was left behind"
    log = (tmp_path / "quarantine" / "00000001" / "log.txt").read_text()
    assert "about to kill" in log


def test_a_lost_node_costs_nothing_but_time(cluster: Any, tmp_path: Path) -> None:
    node = cluster.add_node(num_cpus=2, object_store_memory=80 << 20, resources={"spare": 1})
    pieces = [Toy(n, "nap") for n in range(60)]

    def lose() -> None:
        while len(made(tmp_path)) < 12:
            time.sleep(0.05)
        cluster.remove_node(node, allow_graceful=False)

    thread = threading.Thread(target=lose)
    thread.start()
    found, beats = make(tmp_path, pieces, FARM.model_copy(update={"jobs": 6}))
    thread.join()
    assert found == Outcome((), True)
    assert made(tmp_path) == list(range(60))
    assert 40 < len(beats) <= 60  # what was finished but not told any more is not counted


def test_a_full_disk_stops_everything(cluster: Any, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="full for the test"):
        make(tmp_path, toys(30, _1="full"))
    assert len(made(tmp_path)) < 30


def test_a_killed_driver_s_work_is_taken_over(cluster: Any, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import ray, sys; from pathlib import Path; from functools import partial\n"
        "from tests.pipeline.farm.test_ray import make\n"
        "from tests.pipeline.farm.toys import Toy\n"
        f"ray.init(address={cluster.address!r}, log_to_driver=False)\n"
        f"make(Path({str(tmp_path)!r}), [Toy(n, 'nap') for n in range(40)])\n"
    )
    driver = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    deadline = time.monotonic() + 90
    while len(made(tmp_path)) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    before = len(made(tmp_path))
    assert 5 <= before < 40
    found, _ = make(tmp_path, [Toy(n, "nap") for n in range(40)])
    assert found == Outcome((), True)
    assert made(tmp_path) == list(range(40))
    assert not (tmp_path / "leases").exists()


def test_no_cluster_at_an_address_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(SimgenError, match="no Ray cluster"):
        make(tmp_path, toys(1), FARM.model_copy(update={"address": "nowhere:6379"}))
