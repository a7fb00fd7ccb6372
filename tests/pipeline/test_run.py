"""Runs: resume, more frames, shards, one frame alone, jobs: the same bytes in every way."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.errors import RunFolderError, StorageError
from simgen.pipeline import runs, worker
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset
from simgen.records.world import World


def contents(out: Path) -> dict[str, bytes]:
    """Every file but the run logs."""
    files = [p for p in out.rglob("*") if p.is_file() and "runs" not in p.relative_to(out).parts]
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


def test_a_second_run_makes_only_what_is_missing(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = render_dataset(RenderRequest(scene), out)
    assert (first.done, first.skipped, first.images) == (3, 0, 3)
    before = contents(out)
    Layout(out).output("depth", 1).unlink()
    Layout(out).record(2).unlink()
    again = render_dataset(RenderRequest(scene), out)
    assert (again.done, again.skipped, again.failures) == (2, 1, ())
    assert contents(out) == before


def test_shards_more_frames_and_jobs_give_the_bytes_of_one_run(scene: Path, tmp_path: Path) -> None:
    whole, parts, jobs = tmp_path / "whole", tmp_path / "parts", tmp_path / "jobs"
    render_dataset(RenderRequest(scene, range(5)), whole)
    render_dataset(RenderRequest(scene, range(3, 5)), parts)  # splits world 1
    render_dataset(RenderRequest(scene, range(3)), parts)
    finalize(parts)
    render_dataset(RenderRequest(scene, range(1)), jobs)
    render_dataset(RenderRequest(scene, range(5)), jobs, jobs=2)
    assert contents(whole) == contents(parts)
    assert contents(whole) == contents(jobs)


def test_a_frame_alone_is_the_frame_of_a_long_run(scene: Path, tmp_path: Path) -> None:
    render_dataset(RenderRequest(scene, range(6)), tmp_path / "long")
    render_dataset(RenderRequest(scene, range(5, 6)), tmp_path / "alone")
    long, alone = contents(tmp_path / "long"), contents(tmp_path / "alone")
    names = [name for name in alone if not name.startswith("annotations")]
    assert "frames/0000/00000005.json" in names
    assert {name: long[name] for name in names} == {name: alone[name] for name in names}


def test_a_stored_world_is_read_never_redrawn(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene, range(1)), out)

    def drawn(self: object, index: int) -> World:
        raise AssertionError(f"world {index} was drawn again")

    monkeypatch.setattr(worker.Sampler, "world", drawn)
    assert render_dataset(RenderRequest(scene, range(2)), out).failures == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": 1}, "seed"),
        ({"quality": "standard"}, "quality."),
        ({"sets": ("objects.blocks.count=9",)}, "objects.blocks.count"),
        ({"sets": ("camera.distance_m=0.9",)}, "camera"),
        ({"sets": ("render.size=[64, 64]",)}, "size"),
        ({"sets": ("outputs=[rgb]",)}, "outputs"),
        ({"sets": ("views_per_world=3",)}, "views_per_world"),
        ({"sets": ("objects.blocks.category=brick",)}, "categories"),
    ],
)
def test_a_folder_of_another_input_is_refused_by_name(
    scene: Path, tmp_path: Path, change: dict[str, object], named: str
) -> None:
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene, range(1)), out)
    before = contents(out)
    with pytest.raises(RunFolderError) as caught:
        render_dataset(RenderRequest(scene, range(1), **change), out)  # type: ignore[arg-type]
    assert any(named in fault.where for fault in caught.value.faults), str(caught.value)
    assert contents(out) == before


def test_what_does_not_change_a_frame_is_no_other_input(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene, range(1)), out)
    moved = tmp_path / "elsewhere" / "renamed.yaml"
    moved.parent.mkdir()
    lines = scene.read_text().replace("frames: 3", "frames: 500").splitlines()
    mixed = [lines[0], *lines[4:], *lines[1:4]]  # the same sections in another order
    moved.write_text("# a comment\n" + "\n".join(mixed) + "\n")
    assert render_dataset(RenderRequest(moved, range(2)), out).done == 1


def test_one_failing_world_costs_that_world_only(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = worker.Sampler.world

    def world(self: worker.Sampler, index: int) -> World:
        if index == 1:
            raise ZeroDivisionError("for the test")
        return real(self, index)

    monkeypatch.setattr(worker.Sampler, "world", world)
    result = render_dataset(RenderRequest(scene, range(6)), tmp_path / "out")
    assert [(f.piece.world, f.piece.frames) for f in result.failures] == [(1, (2, 3))]
    assert (result.done, result.images) == (4, 4)
    error = worker.failed(list(result.failures))
    assert error.exit_code == 1
    assert "world 1" in str(error)
    assert "ZeroDivisionError: for the test" in str(error)
    assert list(Dataset.open(tmp_path / "out").frames()) == [0, 1, 4, 5]
    monkeypatch.undo()
    assert render_dataset(RenderRequest(scene, range(6)), tmp_path / "out").done == 2


def test_depth_beyond_the_far_bound_names_the_setting(scene: Path, tmp_path: Path) -> None:
    request = RenderRequest(scene, range(1), sets=("render.depth_far_m=0.5",))
    result = render_dataset(request, tmp_path / "out")
    assert "render.depth_far_m" in str(worker.failed(list(result.failures)))
    assert list((tmp_path / "out" / "frames").rglob("*.json")) == []


def test_a_full_disk_stops_at_once(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simgen.errors import Fault

    tried: list[int] = []

    def write(self: object, rendered: object, world: World, *rest: object) -> None:
        tried.append(world.index)
        raise StorageError(Fault("out", "cannot write: No space left on device"))

    monkeypatch.setattr(worker.FrameWriter, "write", write)
    with pytest.raises(StorageError, match="No space left"):
        render_dataset(RenderRequest(scene, range(6)), tmp_path / "out")
    assert tried == [0]
    log = runs.newest(tmp_path / "out")
    assert log is not None
    assert log.status == "stopped"


def test_clock_host_and_paths_stay_in_the_run_log(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene, range(1)), out)
    log = runs.newest(out)
    assert log is not None
    assert (log.status, log.done, log.asked) == ("done", 1, [0, 1])
    host, folder = log.host.encode(), str(tmp_path).encode()
    for name, data in contents(out).items():
        if name.endswith(".json"):
            assert folder not in data, name
            assert log.started[:10].encode() not in data, name
            assert len(host) < 5 or host not in data, name
