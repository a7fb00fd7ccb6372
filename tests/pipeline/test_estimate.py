"""Dry runs measure, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.dataset.layout import Layout
from simgen.errors import RunFolderError
from simgen.pipeline.estimate import estimate
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset


def test_counts_and_sizes_are_those_of_the_real_run(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = estimate(RenderRequest(scene, range(6)), out)
    assert (found.worlds, found.frames, found.skipped) == (3, 6, 0)
    assert found.seconds > 0
    assert not out.exists()
    render_dataset(RenderRequest(scene, range(6)), out)
    folders = ("images", "depth", "instances", "frames", "worlds")
    size = sum(p.stat().st_size for f in folders for p in (out / f).rglob("*") if p.is_file())
    assert found.bytes == pytest.approx(size, rel=0.3)


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
