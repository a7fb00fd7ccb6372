"""Repair: what is damaged is made again with the same bytes, and nothing else is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simgen.dataset.layout import Layout
from simgen.dataset.verifying import verify
from simgen.errors import RunFolderError
from simgen.pipeline.farm.lease import Leases
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.pool import INLINE
from simgen.pipeline.repair import repair
from simgen.pipeline.run import render_dataset


def contents(out: Path) -> dict[str, bytes]:
    """Every file but the run logs."""
    files = [p for p in out.rglob("*") if p.is_file() and "runs" not in p.relative_to(out).parts]
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


@pytest.fixture
def out(scene: Path, tmp_path: Path) -> Path:
    """Four worlds of two views."""
    render_dataset(RenderRequest(scene, range(8)), tmp_path / "out")
    return tmp_path / "out"


def test_only_what_is_damaged_is_made_again(out: Path) -> None:
    before = contents(out)
    layout = Layout(out)
    layout.output("rgb", 1).unlink()
    layout.output("depth", 2).write_bytes(b"short")
    layout.record(5).write_text("{")
    shutil.copy(layout.output("rgb", 0), layout.output("rgb", 20))
    touched = {1, 2, 5}
    stamps = {p: p.stat().st_mtime_ns for p in out.rglob("0*.*")}
    done = repair(out, list(verify(out)), INLINE)
    assert (done.frames, done.removed, done.failures, done.left) == (3, 1, (), ())
    assert contents(out) == before
    changed = {
        int(p.stem) for p, old in stamps.items() if p.exists() and p.stat().st_mtime_ns != old
    }
    assert changed == touched
    assert list(verify(out)) == []


def test_a_lost_world_is_drawn_again_with_all_its_views(out: Path) -> None:
    before = contents(out)
    Layout(out).world(2).unlink()
    done = repair(out, list(verify(out)), INLINE)
    assert done.frames == 2
    assert contents(out) == before


def test_what_is_not_ours_stays(out: Path) -> None:
    (out / "images" / "0000" / "cat.png").write_text("meow")
    (out / "notes.txt").write_text("dear reader")
    done = repair(out, list(verify(out)), INLINE)
    assert [finding.kind for finding in done.left] == ["foreign", "stray"]
    assert (out / "images" / "0000" / "cat.png").exists()
    assert (out / "notes.txt").exists()


def test_a_folder_in_use_is_left_alone(out: Path) -> None:
    Layout(out).output("rgb", 1).unlink()
    findings = list(verify(out))
    with Leases(out / "leases", "busy").open(), pytest.raises(RunFolderError, match="at work"):
        repair(out, findings, INLINE)
    assert repair(out, findings, INLINE).frames == 1
