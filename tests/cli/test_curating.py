"""The tools of datasets as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Run


def test_stats_subset_filter_split_merge_diff(simgen: Run, rendered: Path, tmp_path: Path) -> None:
    found = json.loads(simgen("stats", rendered, "--json", "--out", tmp_path / "page").stdout)
    assert found["frames"] > 0
    assert (tmp_path / "page" / "report.html").is_file()
    assert "frames of" in simgen("stats", rendered).stdout
    a, b, c = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    assert simgen("subset", rendered, "--out", a, "--count", 1).returncode == 0
    done = simgen("filter", rendered, "--out", b, "--where", "labels >= 0", "--json")
    assert json.loads(done.stdout)["images"] == found["frames"]
    merged = simgen("merge", a, b, "--out", c, "--json")
    assert json.loads(merged.stdout)["images"] == found["frames"] + 1, merged.stderr
    assert simgen("diff", rendered, b).returncode == 1  # engine and quality are told
    assert simgen("diff", b, b).returncode == 0
    told = json.loads(simgen("diff", a, b, "--json").stdout)
    assert len(told["only_second"]) == found["frames"] - 1
    split = simgen("split", b, "--out", tmp_path / "s", "--share", "all=1.0", "--json")
    assert json.loads(split.stdout)["all"]["images"] == found["frames"], split.stderr
    # A frame that cannot be taken over is told, whatever the verb.
    for image in (b / "images").rglob("*.png"):
        image.unlink()
        break
    for verb in (("split",), ("subset", "--count", found["frames"]), ("filter",)):
        lost = simgen(verb[0], b, "--out", tmp_path / f"lost {verb[0]}", *verb[1:])
        assert lost.returncode == 1, lost.stdout + lost.stderr
    for wrong in (
        ("filter", rendered, "--out", tmp_path / "x", "--where", "lables > 1"),
        ("split", rendered, "--out", tmp_path / "x", "--share", "train"),
        ("merge", rendered, "--out", rendered),
    ):
        assert simgen(*wrong).returncode == 2
