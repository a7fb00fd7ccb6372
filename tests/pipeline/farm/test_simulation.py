"""Thousands of frames, several drivers, everything failing at random: each frame exactly once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from simgen.pipeline.farm.book import Book
from tests.pipeline.farm.simulation import Rates, simulate
from tests.pipeline.farm.toys import toys

ROUGH = Rates(die=0.06, crash=0.04, hang=0.02, fail=0.04, grow=0.02, node_s=200, driver_s=120)
KINDS = {"die", "crash", "hang", "fail", "grow", "node", "fenced"}
KINDS |= {"driver killed", "driver stopped", "machine stopped"}


def test_each_frame_is_made_exactly_once(tmp_path: Path) -> None:
    faults: Counter[str] = Counter()
    for seed in range(4):
        out = tmp_path / str(seed)
        made = simulate(out, worlds=600, views=8, workers=60, drivers=3, seed=seed, rates=ROUGH)
        assert (made.commits == 1).all()
        assert made.worlds > 600
        # Of drivers that were killed on machines of their own, if there were any.
        assert {path.suffix for path in out.glob("leases/*")} <= {".driver"}
        faults += made.faults
    assert set(faults) == KINDS


def test_without_faults_every_world_is_handed_out_once(tmp_path: Path) -> None:
    calm = Rates(0, 0, 0, 0, 0, node_s=1e9, driver_s=1e9)
    made = simulate(tmp_path, worlds=300, views=4, workers=50, drivers=2, seed=0, rates=calm)
    assert (made.commits == 1).all()
    assert (made.passes, made.worlds, sum(made.faults.values())) == (1, 300, 0)
    assert not (tmp_path / "leases").exists()


def test_what_others_hold_is_asked_for_when_nothing_else_is_left() -> None:
    book = Book(toys(3))
    held = book.next(0)
    book.postpone(held, until=1)
    assert [book.next(5).number, book.next(5).number] == [1, 2]
    assert not book.empty
    assert book.due == 1
    assert book.next(5) == held
    assert book.empty
