"""The runner of stages: resume, refusal, processes, drops, failures, logs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault, RunFolderError
from simgen.pipeline import runs
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset
from simgen.pipeline.stage import (
    Dropped,
    Kept,
    Make,
    Outcome,
    Piece,
    StagePlan,
    run_stage,
    source_info,
    stage_manifest,
)
from simgen.records.provenance import Origin, Step


@dataclass(frozen=True)
class Dimmer:
    """Darkens by a drawn amount; keeps frames divisible by `keep`, drops those of `drop`."""

    root: Path
    keep: int = 100
    drop: int = 100
    bad: tuple[int, ...] = ()

    @contextmanager
    def open(self, threads: int) -> Iterator[Make]:
        source = Dataset.open(self.root)

        def one(piece: Piece) -> Outcome:
            number = piece.frame
            if number in self.bad:
                raise DataError(Fault(f"frame {number}", "is bad"))
            step = Step("dim", (Origin(0, number),), ({"name": "dim"},))
            if number % self.drop == self.drop - 1:
                return Dropped(number, replace(step, verdict="drop"))
            if number % self.keep == self.keep - 1:
                record = source.record(number)
                return Kept(replace(record, provenance=(step,)), source, number)
            sample = source.sample(number)
            rgb = (sample.rgb * piece.rng.random()).astype("uint8")
            return sample.with_step(step, rgb=rgb)

        def make(pieces: Sequence[Piece]) -> Iterable[Outcome]:
            return map(one, pieces)

        yield make


@pytest.fixture
def source(scene: Path, tmp_path: Path) -> Path:
    """Six rendered frames."""
    render_dataset(RenderRequest(scene, range(6)), tmp_path / "source")
    return tmp_path / "source"


def plan(source: Path, seed: int = 0, batch: int = 1, **params: object) -> StagePlan:
    dataset = Dataset.open(source)
    info = source_info(dataset)
    manifest = stage_manifest("dim", params, [info], like=dataset.manifest, seed=seed)
    return StagePlan(manifest, list(dataset.frames()), batch, {info.name: source})


def images(out: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((out / "images").rglob("*.png"))}


def test_every_way_of_working_gives_the_same_set(source: Path, tmp_path: Path) -> None:
    stage = Dimmer(source, keep=3, drop=5)
    one = run_stage(stage, plan(source), tmp_path / "one")
    assert (one.asked, one.done, one.skipped, one.dropped, one.images) == (6, 6, 0, 1, 5)
    run_stage(stage, plan(source, batch=4), tmp_path / "two", jobs=2)
    assert images(tmp_path / "one") == images(tmp_path / "two")
    files = [Layout(tmp_path / name).coco.read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]
    assert list(Dataset.open(tmp_path / "one").frames()) == [0, 1, 2, 3, 5]
    info = json.loads(files[0])["info"]
    assert info["simgen"]["stage"]["sources"][0]["name"] == "source"
    assert str(tmp_path) not in Layout(tmp_path / "one").manifest.read_text()
    log = runs.newest(tmp_path / "one")
    assert log is not None
    assert (log.status, log.done, log.roots) == ("done", 6, {"source": str(source)})


def test_a_second_run_makes_what_is_missing(source: Path, tmp_path: Path) -> None:
    out, stage = tmp_path / "out", Dimmer(source, drop=5)
    run_stage(stage, plan(source), out)
    before = images(out)
    Layout(out).record(2).unlink()
    again = run_stage(stage, plan(source), out)
    assert (again.done, again.skipped, again.dropped) == (1, 5, 1)
    assert images(out) == before


def test_another_input_is_refused(source: Path, tmp_path: Path, scene: Path) -> None:
    out = tmp_path / "out"
    run_stage(Dimmer(source), plan(source), out)
    with pytest.raises(RunFolderError, match="seed"):
        run_stage(Dimmer(source), plan(source, seed=1), out)
    with pytest.raises(RunFolderError, match=r"stage\.params\.x"):
        run_stage(Dimmer(source), plan(source, x=1), out)
    render_dataset(RenderRequest(scene, range(8)), source)
    with pytest.raises(RunFolderError, match=r"stage\.sources"):
        run_stage(Dimmer(source), plan(source), out)
    with pytest.raises(RunFolderError, match="stage"):
        render_dataset(RenderRequest(scene, range(2)), out)


def test_a_failed_frame_costs_its_batch(source: Path, tmp_path: Path) -> None:
    result = run_stage(Dimmer(source, bad=(2,)), plan(source, batch=2), tmp_path / "out")
    assert [(f.piece.frames, str(f.faults[0])) for f in result.failures] == [
        ((2, 3), "frame 2\n  is bad")
    ]
    assert list(Dataset.open(tmp_path / "out").frames()) == [0, 1, 4, 5]
    assert result.images == 4


def test_a_folder_of_which_nothing_came_is_removed(source: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is bad"):
        run_stage(Dimmer(source, bad=tuple(range(6))), plan(source), tmp_path / "deep" / "out")
    assert not (tmp_path / "deep").exists()


def test_output_and_source_lie_apart(source: Path) -> None:
    with pytest.raises(RunFolderError, match="lie in one another"):
        run_stage(Dimmer(source), plan(source), source / "out")
    assert not (source / "out").exists()


def test_the_chain_of_stages_is_kept(source: Path, tmp_path: Path) -> None:
    run_stage(Dimmer(source), plan(source, gain=1), tmp_path / "a")
    run_stage(Dimmer(tmp_path / "a"), plan(tmp_path / "a", gain=2), tmp_path / "b")
    last = Dataset.open(tmp_path / "b")
    assert last.manifest.stage is not None
    (origin,) = last.manifest.stage.sources
    assert origin.stage is not None
    assert (last.manifest.stage.params, origin.stage.params) == ({"gain": 2}, {"gain": 1})
    assert [step.stage for step in last.record(0).provenance or ()] == ["dim", "dim"]


def test_a_stage_that_gives_the_wrong_frames_is_told(source: Path, tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Lazy:
        @contextmanager
        def open(self, threads: int) -> Iterator[Make]:
            yield lambda pieces: ()

    result = run_stage(Lazy(), plan(source), tmp_path / "out")
    assert len(result.failures) == 6
    assert "gave nothing for [0]" in str(result.failures[0].faults[0])
