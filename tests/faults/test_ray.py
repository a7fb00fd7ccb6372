"""Real renders on a Ray cluster of two nodes: what dies or is lost changes no byte."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="ray (extra `farm`) is not installed")

from .test_processes import FRAMES, Bench, records, wait_for

FARM = "kind: ray\nthreads: 1\nbackoff_s: 0.05\nstall_limit_s: 10\n"
NODE: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 80 << 20}
Contents = Callable[[Path], "dict[str, bytes]"]


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of the faults; nodes that start now, and their workers, look there."""
    folder = tmp_path_factory.mktemp("faults")
    before = os.environ.get("SIMGEN_FAULTS")
    os.environ["SIMGEN_FAULTS"] = str(folder)
    yield folder
    os.environ.pop("SIMGEN_FAULTS")
    if before is not None:
        os.environ["SIMGEN_FAULTS"] = before


@pytest.fixture(scope="module")
def cluster(faults: Path) -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    made.add_node(**NODE)
    yield made
    made.shutdown()


@pytest.fixture
def bench(cluster: Any, faults: Path, tmp_path: Path, small_scene: Path) -> Bench:
    bench = Bench(tmp_path, small_scene)
    bench.faults = faults
    for old in faults.iterdir():
        old.unlink()
    bench.farm.write_text(FARM + f"address: {cluster.address}\n")
    return bench


@pytest.fixture
def undisturbed(bench: Bench, contents: Contents) -> dict[str, bytes]:
    """What two local workers make without faults."""
    whole = bench.folder / "whole"
    done = subprocess.run(
        bench.command(whole, "--farm", "local", "--jobs", "2"), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return contents(whole)


def test_workers_that_are_killed_and_hang(
    bench: Bench, undisturbed: dict[str, bytes], contents: Contents
) -> None:
    names = {"1.kill", "4.unrecorded", "6.stop", "9.stubborn", "13.crash"}
    done = bench.run(bench.folder / "out", names)
    assert done.returncode == 0, done.stderr
    assert bench.used() == names
    assert contents(bench.folder / "out") == undisturbed
    # A frame whose maker died before it could tell is found there by the next try: not counted.
    assert FRAMES - len(names) <= json.loads(done.stdout)["frames"] <= FRAMES


def test_a_node_that_is_lost(
    cluster: Any, bench: Bench, undisturbed: dict[str, bytes], contents: Contents
) -> None:
    out = bench.folder / "out"
    node = cluster.add_node(**NODE)
    with bench.start(out, {f"{n}.nap" for n in range(6, FRAMES)}) as driver:
        wait_for(lambda: records(out) >= 3)
        cluster.remove_node(node, allow_graceful=False)
        said = driver.communicate(timeout=240)[1]
    assert driver.returncode == 0, said
    assert contents(out) == undisturbed
    assert not (out / "quarantine").exists()
    assert not (out / "leases").exists()
