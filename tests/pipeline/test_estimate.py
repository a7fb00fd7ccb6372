"""Dry runs measure, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.dataset.layout import Layout
from simgen.errors import RunFolderError
from simgen.pipeline.estimate import estimate
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.pool import Farm
from simgen.pipeline.run import render_dataset


def test_counts_and_sizes_are_those_of_the_real_run(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    farm = Farm(jobs=1, price_per_hour=7.2)
    found = estimate(RenderRequest(scene, range(10)), out, farm)
    assert (found.worlds, found.frames, found.skipped, found.jobs) == (5, 10, 0, 1)
    assert (found.pilot_worlds, found.pilot_frames) == (3, 6)
    assert 0 < found.seconds.low < found.seconds.value < found.seconds.high
    assert found.worker_hours.value == pytest.approx(found.seconds.value / 3600, abs=1e-4)
    assert found.cost is not None
    assert found.cost.value == pytest.approx(7.2 * found.worker_hours.value, abs=0.01)
    assert found.bytes_per_job > 50 << 20
    assert not out.exists()
    result = render_dataset(RenderRequest(scene, range(10)), out)
    folders = ("images", "depth", "instances", "frames", "worlds")
    size = sum(p.stat().st_size for f in folders for p in (out / f).rglob("*") if p.is_file())
    assert found.bytes.value == pytest.approx(size, rel=0.3)
    assert 0 <= found.redrawn.low <= found.redrawn.high
    assert result.placement.dropped == found.dropped.value == 0


def test_a_shard_is_estimated_alone(scene: Path) -> None:
    found = estimate(RenderRequest(scene, range(9), shard=(1, 2)), None, Farm(jobs=1))
    assert (found.worlds, found.frames) == (2, 4)


def test_what_is_there_is_not_counted_again(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene, range(2)), out)
    found = estimate(RenderRequest(scene, range(4)), out)
    assert (found.worlds, found.frames, found.skipped) == (1, 2, 2)
    assert list(Layout(out).frames()) == [0, 1]
    assert estimate(RenderRequest(scene, range(2)), out).frames == 0


def test_what_would_stop_the_run_stops_the_dry_run(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene, range(1)), out)
    with pytest.raises(RunFolderError):
        estimate(RenderRequest(scene, range(1), seed=1), out)
