"""`simgen augment` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Run


def test_augment_preview_resume_and_errors(simgen: Run, rendered: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = simgen("augment", rendered, "--config", "copy_paste", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["frames"] == facts["images"] > 0
    again = simgen("augment", rendered, "--config", "copy_paste", "--out", out, "--json")
    assert json.loads(again.stdout)["skipped"] == facts["frames"]
    shown = simgen("augment", rendered, "--config", "training", "--preview", "2", "--out", tmp_path)
    assert shown.returncode == 0, shown.stderr
    sheet = tmp_path / "augment_preview.png"
    assert sheet.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    wrong = simgen("augment", rendered, "--config", "copy_past", "--out", out)
    assert wrong.returncode == 2
    assert "copy_paste" in wrong.stderr
    assert simgen("augment", rendered, "--config", "mosaic").returncode == 2
    other = simgen("augment", rendered, "--config", "mosaic", "--out", out)
    assert other.returncode == 2
    assert "augmenters" in other.stderr
