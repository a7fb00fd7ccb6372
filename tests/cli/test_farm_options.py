"""Who works, parts of a dataset, and ends in good order, as a person types them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_shards_and_finalize_give_the_bytes_of_one_run(
    simgen: Run, scene: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert simgen("render", scene, "--out", whole, "--frames", 6).returncode == 0
    for index in (1, 0):
        made = simgen("render", scene, "--out", parts, "--frames", 6, "--shard", f"{index}/2")
        assert made.returncode == 0, made.stderr
        assert f"simgen finalize {parts}" in made.stderr
        assert "images" not in made.stdout
    assert not (parts / "annotations").exists()
    assert simgen("finalize", parts).returncode == 0
    names = {p.relative_to(whole) for p in whole.rglob("*.*") if "runs" not in p.parts}
    assert {p.relative_to(parts) for p in parts.rglob("*.*") if "runs" not in p.parts} == names
    assert all((whole / name).read_bytes() == (parts / name).read_bytes() for name in names)


def test_max_hours_ends_with_one_and_a_second_run_goes_on(
    simgen: Run, scene: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = simgen("render", scene, "--out", out, "--max-hours", "1e-7", "--json")
    assert done.returncode == 1
    facts = json.loads(done.stdout)
    assert facts["frames"] == 0
    assert "time was up" in facts["error"][0]["what"]
    assert "it goes on here" in done.stderr
    assert simgen("render", scene, "--out", out, "--max-hours", "9").returncode == 0


def test_a_file_says_who_works_and_options_lie_over_it(
    simgen: Run, scene: Path, tmp_path: Path
) -> None:
    farm = tmp_path / "farm.yaml"
    farm.write_text("kind: local\njobs: 1\nstall_limit_s: 90\nprice_per_hour: 2\n")
    done = simgen("render", scene, "--dry-run", "--farm", farm, "--threads", 1, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["jobs"] == 1
    assert facts["cost"]["low"] <= facts["cost"]["value"] <= facts["cost"]["high"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--shard", "2/2"], "shards count from 0: expected 0/2 to 1/2"),
        (["--shard", "1of2"], "such as 0/16"),
        (["--farm", "lokal"], "did you mean 'local'"),
        (["--jobs", "0"], "0 is not in the range"),
        (["--max-hours", "0"], "not in the range"),
    ],
)
def test_what_cannot_be_is_said(simgen: Run, scene: Path, arguments: list[str], said: str) -> None:
    done = simgen("render", scene, "--dry-run", *arguments)
    assert done.returncode == 2
    assert said in done.stderr.replace("Did", "did")
    assert "Traceback" not in done.stderr


def test_faults_of_a_farm_file_have_their_place(simgen: Run, scene: Path, tmp_path: Path) -> None:
    farm = tmp_path / "farm.yaml"
    farm.write_text("kind: locl\njobs: -1\nthread: 2\n")
    done = simgen("render", scene, "--dry-run", "--farm", farm)
    assert done.returncode == 2
    for said in (f"{farm}:1:1 kind", f"{farm}:2:1 jobs", f"{farm}:3:1 thread"):
        assert said in done.stderr, done.stderr
