"""A disk that is full, or out of names, at each kind of file; then it has room again.

One file system after another has one page, or one inode, more than the last, so that every
file of a run is once the first that does not fit. Whatever it was, the run says so, nothing is
half-made, and the same command ends with the bytes of an undisturbed run.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simgen.errors import SimgenError
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset

# Where an error may point, below OUT: every kind of file that a run writes.
KINDS = {"manifest.json", "runs", "leases", "worlds", "images", "depth", "instances", "frames"}
KINDS |= {"annotations"}
PAGE, MOST = 4096, 99


def _kind(error: SimgenError, out: Path) -> str:
    """The kind of file that did not fit; of OUT itself: the manifest."""
    where = Path(error.faults[0].where)
    assert where.is_relative_to(out), str(error)
    return where.relative_to(out).parts[0] if where != out else "manifest.json"


def _sweep(
    scene: Path,
    disk: Path,
    options: Callable[[int], str],
    contents: Callable[[Path], dict[str, bytes]],
    undisturbed: dict[str, bytes],
) -> set[str]:
    """Kinds of files that did not fit, one size of the disk after the other."""
    out, failed = disk / "out", set[str]()
    fits = False
    for size in range(1, MOST):
        if fits:
            return failed
        subprocess.run(["mount", "-t", "tmpfs", "-o", options(size), "tmpfs", disk], check=True)
        try:
            try:
                render_dataset(RenderRequest(scene, range(2)), out)
                fits = True
            except SimgenError as error:
                failed.add(_kind(error, out))
                said = str(error)
                assert "No space left" in said
                assert "free some space" in said or "choose another --out" in said
            made = contents(out)
            assert made.items() <= undisturbed.items(), size
            assert not [path for path in out.rglob(".*.tmp")], size
            subprocess.run(["mount", "-o", "remount,size=9m,nr_inodes=999", disk], check=True)
            result = render_dataset(RenderRequest(scene, range(2)), out)
            assert contents(out) == undisturbed, size
            assert result.skipped == sum(name.startswith("frames/") for name in made)
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)
    raise AssertionError("not even the largest disk was large enough")


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        (lambda n: f"size={n * PAGE},nr_inodes=999", KINDS - {"manifest.json"}),  # fits a page
        (lambda n: f"size=9m,nr_inodes={n + 1}", KINDS - {"annotations"}),  # others were freed
    ],
    ids=["pages", "inodes"],
)
def test_whatever_does_not_fit_is_said_and_made_later(
    small_scene: Path,
    tmp_path: Path,
    tmpfs: Any,
    contents: Callable[[Path], dict[str, bytes]],
    options: Callable[[int], str],
    kinds: set[str],
) -> None:
    render_dataset(RenderRequest(small_scene, range(2)), tmp_path / "whole")
    undisturbed = contents(tmp_path / "whole")
    with tmpfs(tmp_path / "probe", "size=1m"):
        pass  # skips where nobody may mount
    (tmp_path / "disk").mkdir()
    failed = _sweep(small_scene, tmp_path / "disk", options, contents, undisturbed)
    assert failed >= kinds, f"never: {kinds - failed}"
