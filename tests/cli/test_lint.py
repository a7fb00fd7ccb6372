"""`simgen lint` as a person calls it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .conftest import Run


def test_lint_says_what_is_wrong_and_fails(simgen: Run, rendered: Path, tmp_path: Path) -> None:
    clean = simgen("lint", rendered, "--ignore", "near-duplicate")
    assert clean.returncode == 0, clean.stdout
    assert "0 findings" in clean.stderr
    folder = tmp_path / "set"
    shutil.copytree(rendered, folder)
    victim = sorted((folder / "images").rglob("*.png"))[0]
    victim.unlink()
    done = simgen("lint", folder, "--ignore", "near-duplicate")
    assert done.returncode == 1
    assert "missing-file (1)" in done.stdout
    report = json.loads(simgen("lint", folder, "--json", "--ignore", "near-duplicate").stdout)
    assert report["by_code"]["missing-file"] == 1
    (found,) = (f for f in report["findings"] if f["code"] == "missing-file")
    assert found["file"] == victim.relative_to(folder).as_posix()
    wrong = simgen("lint", folder, "--ignore", "missing")
    assert wrong.returncode == 2
    assert "missing-file" in wrong.stderr
    assert simgen("lint", folder, "--limit", "tiny=3").returncode == 2
    assert simgen("lint", tmp_path / "nowhere").returncode == 2
