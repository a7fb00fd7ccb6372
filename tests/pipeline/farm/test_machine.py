"""How many workers a machine feeds, and on which GPU each of them computes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from simgen.pipeline.farm import machine
from simgen.pipeline.farm.local import environment
from simgen.pipeline.farm.machine import shares_of
from simgen.pipeline.farm.work import Share, Work
from tests.pipeline.farm.toys import open_toys

OPEN = partial(open_toys, Path())


@pytest.fixture(autouse=True)
def _big_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda: 16)
    monkeypatch.setattr(machine, "machine_bytes", lambda: 32 << 30)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,3")


@pytest.mark.parametrize(
    ("work", "asked", "expected"),
    [
        (Work(OPEN), {}, (16, 1)),
        (Work(OPEN, threads=4), {}, (4, 4)),
        (Work(OPEN, memory_mib=8192), {}, (3, 5)),  # memory binds
        (Work(OPEN, memory_mib=999_999), {}, (1, 16)),
        (Work(OPEN), {"threads": 8}, (2, 8)),
        (Work(OPEN), {"jobs": 5}, (5, 3)),
        (Work(OPEN), {"jobs": 64}, (64, 1)),
        (Work(OPEN), {"pieces": 2}, (2, 8)),
        (Work(OPEN, gpu=True), {}, (2, 8)),
        (Work(OPEN), {"gpu_ids": ("1",)}, (1, 16)),
        (Work(OPEN, gpu=True), {"gpu_ids": ()}, (16, 1)),
    ],
)
def test_workers_and_threads(work: Work, asked: dict[str, object], expected: tuple) -> None:
    given = {"jobs": 0, "threads": 0, "gpu_ids": None, "pieces": 1000, **asked}
    shares = shares_of(work, **given)  # type: ignore[arg-type]
    assert (len(shares), shares[0].threads) == expected
    assert [share.number for share in shares] == list(range(len(shares)))


def test_each_worker_sees_its_gpu_alone() -> None:
    shares = shares_of(Work(OPEN, gpu=True), 3, 0, None, 9)
    assert [share.gpu for share in shares] == ["0", "3", "0"]
    seen = environment(shares[1])
    assert seen["CUDA_VISIBLE_DEVICES"] == seen["HIP_VISIBLE_DEVICES"] == "3"
    assert "CUDA_VISIBLE_DEVICES" not in environment(Share())


def test_a_container_s_share_of_the_cores_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(machine, "_QUOTA", quota)
    monkeypatch.setattr(machine, "_QUOTA_1", tmp_path / "none")
    free = machine.cores()
    quota.write_text("max 100000\n")
    assert machine.cores() == free
    quota.write_text("50000 100000\n")
    assert machine.cores() == 1
    quota.write_text(f"{free * 100000 + 1} 100000\n")
    assert machine.cores() == free
