"""A shared folder: work that others do, have done or have given up; quarantine."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

from simgen.errors import Fault
from simgen.pipeline.farm.quarantine import Quarantine
from simgen.pipeline.farm.work import Failure, Try
from simgen.pipeline.pool import Farm, FolderSite, Outcome, Work, run_tasks
from tests.pipeline.farm.toys import Toy, open_toys, toys

FARM = Farm(jobs=2, backoff_s=0.01)


def still(folder: Path, toy: Toy) -> Toy | None:
    return None if (folder / toy.key).exists() else toy


def site(folder: Path, run: str, evidence: Path | None = None) -> FolderSite:
    files = [evidence] if evidence else []
    return FolderSite(folder, run, partial(still, folder), lambda toy: files)


def run(folder: Path, name: str, pieces: list[Toy], **more: object) -> Outcome:
    work = Work(partial(open_toys, folder))
    place = site(folder, name, **more)  # type: ignore[arg-type]
    return run_tasks(work, pieces, len(pieces), FARM, site=place)


def tries(folder: Path) -> dict[int, int]:
    return {int(p.stem): len(p.read_text().split()) for p in sorted(folder.glob("*.tries"))}


def test_two_drivers_share_the_work(tmp_path: Path) -> None:
    found: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(run(tmp_path, n, toys(30))))
        for n in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Outcome((), True)] * 2
    assert tries(tmp_path) == dict.fromkeys(range(30), 1)
    assert not (tmp_path / "leases").exists()


def test_what_fails_is_set_aside_with_all_that_is_known(tmp_path: Path) -> None:
    record = tmp_path / "world.json"
    record.write_text('{"index": 1}')
    found = run(tmp_path, "one", toys(3, _1="crash"), evidence=record)
    assert [failure.piece.number for failure in found.failures] == [1]
    place = tmp_path / "quarantine" / "00000001"
    assert sorted(p.name for p in place.iterdir()) == ["log.txt", "reason.json", "world.json"]
    reason = json.loads((place / "reason.json").read_bytes())
    assert (reason["piece"], len(reason["tries"])) == ("toy 1", 3)
    assert "SIGSEGV" in reason["tries"][0]["faults"][0]["what"]
    log = (place / "log.txt").read_text()
    assert log.count("about to crash") == 3
    assert "== try 3" in log
    assert tries(tmp_path) == {0: 1, 1: 3, 2: 1}


def test_a_later_run_tries_again_and_lifts_the_quarantine(tmp_path: Path) -> None:
    assert run(tmp_path, "one", toys(3, _1="fail")).failures
    assert run(tmp_path, "two", toys(3)) == Outcome((), True)
    assert not (tmp_path / "quarantine").exists()
    assert tries(tmp_path) == {0: 1, 1: 4, 2: 1}


def test_what_another_driver_gave_up_meanwhile_is_not_tried_here(tmp_path: Path) -> None:
    ours = site(tmp_path, "ours")
    theirs = Quarantine(tmp_path / "quarantine", "theirs")
    theirs.add(Failure(Toy(1), (Try((Fault("toy", "it is poison"),), died=True),)))
    pieces = toys(3)
    found = run_tasks(Work(partial(open_toys, tmp_path)), pieces, 3, FARM, site=ours)
    assert [failure.faults[0].what for failure in found.failures] == ["it is poison"]
    assert tries(tmp_path) == {0: 1, 2: 1}
