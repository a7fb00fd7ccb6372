"""`simgen farm`: job files, carried out here by a stand-in for the scheduler; status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

Run = Callable[..., "subprocess.CompletedProcess[str]"]

# What Slurm does with a job file, as far as ours relies on it: an array is a process a task with
# its number in the environment; what depends on it comes after, whatever became of it.
SBATCH = """\
#!{python}
import os, subprocess, sys
words = [w for w in sys.argv[1:] if w.startswith("--")]
file, *rest = [w for w in sys.argv[1:] if not w.startswith("--")]
array = [w.partition("=")[2] for w in words if w.startswith("--array=")]
assert "--parsable" in words
first, last = (array[0].partition("%")[0].split("-") if array else ("", ""))
with open({log!r}, "a") as log:
    print(" ".join(sys.argv[1:]), file=log)
    for number in range(int(first), int(last) + 1) if array else [None]:
        more = {{"SLURM_JOB_ID": "7"}}
        if number is not None:
            more["SLURM_ARRAY_TASK_ID"] = str(number)
        subprocess.run(["sh", file, *rest], env=os.environ | more, stdout=log, stderr=log)
print("7;cluster")
"""


@pytest.fixture
def slurm(tmp_path: Path) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Starts a job file where there is an `sbatch`; what that does is in `sbatch.log`."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    tool = bin_ / "sbatch"
    tool.write_text(SBATCH.format(python=sys.executable, log=str(tmp_path / "sbatch.log")))
    tool.chmod(0o755)

    def start(file: Path) -> subprocess.CompletedProcess[str]:
        path = f"{bin_}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["sh", file.name], cwd=file.parent, env=os.environ | {"PATH": path},
            capture_output=True, text=True, timeout=240,
        )  # fmt: skip

    return start


def contents(out: Path) -> dict[str, bytes]:
    files = (p for p in out.rglob("*") if p.is_file() and "runs" not in p.relative_to(out).parts)
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


def test_a_slurm_file_ends_with_the_bytes_of_one_run(
    simgen: Run, scene: Path, tmp_path: Path, slurm: Callable[[Path], object]
) -> None:
    place = tmp_path / "a place"
    place.mkdir()
    command = ["render", scene, "--out", "sets/of mine", "--frames", "6", "--jobs", "1"]
    done = simgen(
        "farm", "script", "--slurm", "--shards", 2, "--at-once", 1, "--cpus", 3, "--gpus", 1,
        "--memory", 8, "--hours", 1.5, "--setup", "export MARK=1", "--", *command, cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (place / "job.sh").write_text(done.stdout)
    assert "export MARK=1\n" in done.stdout
    started = slurm(place / "job.sh")
    log = (tmp_path / "sbatch.log").read_text()
    assert started.returncode == 0, started.stderr + log  # type: ignore[attr-defined]
    assert "shards: job 7; index: job 7" in started.stdout  # type: ignore[attr-defined]
    assert "--array=0-1%1 --cpus-per-task=3 --mem=8G --gpus-per-node=1 --time=01:30:00" in log
    assert "--dependency=afterany:7 " in log
    whole = tmp_path / "whole"
    assert simgen("render", scene, "--out", whole, "--frames", 6).returncode == 0
    assert contents(place / "sets" / "of mine") == contents(whole)
    assert "6 of 6 done" in log


def test_a_slurm_file_under_sbatch_says_how_it_is_started(
    simgen: Run, scene: Path, tmp_path: Path
) -> None:
    done = simgen(
        "farm", "script", "--slurm", "--shards", 2, "--", "render", scene, "--out", tmp_path / "o"
    )
    file = tmp_path / "job.sh"
    file.write_text(done.stdout)
    ran = subprocess.run(
        ["sh", str(file)], env=os.environ | {"SLURM_JOB_ID": "1"}, capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert "with sh on a login node" in ran.stderr


def test_the_pods_of_a_kubernetes_file_end_with_the_bytes_of_one_run(
    simgen: Run, scene: Path, tmp_path: Path
) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    command = ["render", scene, "--out", out, "--frames", "6", "--jobs", "1"]
    done = simgen(
        "farm", "script", "--k8s", "--shards", 2, "--image", "simgen:1", "--claim", "data",
        "--gpus", 2, "--name", "six-frames", "--", *command,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shards, index = yaml.safe_load_all(done.stdout)
    assert [shards["metadata"]["name"], index["metadata"]["name"]] == [
        "six-frames",
        "six-frames-index",
    ]
    assert shards["spec"]["completions"] == shards["spec"]["parallelism"] == 2
    pod = shards["spec"]["template"]["spec"]
    assert pod["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "2"
    assert pod["containers"][0]["volumeMounts"][0]["name"] == pod["volumes"][0]["name"]
    (tmp_path / "simgen").write_text(f'#!/bin/sh\nexec {sys.executable} -m simgen.cli "$@"\n')
    (tmp_path / "simgen").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    for number in (1, 0):
        words = shards["spec"]["template"]["spec"]["containers"][0]["command"]
        more = {"PATH": path, "JOB_COMPLETION_INDEX": str(number)}
        subprocess.run(words, env=os.environ | more, check=True, capture_output=True)
    words = index["spec"]["template"]["spec"]["containers"][0]["command"]
    subprocess.run(words, env=os.environ | {"PATH": path}, check=True, capture_output=True)
    assert simgen("render", scene, "--out", whole, "--frames", 6).returncode == 0
    assert contents(out) == contents(whole)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--shards", "2", "--", "render", "s.yaml", "--out", "o"], "--slurm or --k8s"),
        (["--slurm", "--shards", "2", "--", "refine", "o"], "-- render SCENE --out DIR"),
        (["--slurm", "--shards", "2"], "-- render SCENE --out DIR"),
        (["--slurm", "--shards", "2", "--", "render", "s.yaml"], "needs SCENE and --out"),
        (["--slurm", "--shards", "2", "--", "render", "s.yaml", "--uot", "o"], "--uot"),
        (
            ["--slurm", "--shards", "2", "--", "render", "s.yaml", "--out", "o", "--shard", "0/2"],
            "leave --shard out",
        ),
        (
            ["--slurm", "--shards", "2", "--", "render", "s.yaml", "--out", "o", "--farm", "ray"],
            "leave --farm out",
        ),
        (["--k8s", "--shards", "2", "--", "render", "s.yaml", "--out", "o"], "give --image"),
        (
            ["--slurm", "--shards", "2", "--name", "My Job", "--", "render", "s", "--out", "o"],
            "lower-case letters",
        ),
    ],
)
def test_what_makes_no_job_file_is_said(simgen: Run, arguments: list[str], said: str) -> None:
    done = simgen("farm", "script", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_a_folder_that_is_done(simgen: Run, rendered: Path, tmp_path: Path) -> None:
    done = simgen("farm", "status", rendered, "--price", "2", "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["asked"], facts["done"], facts["left"]) == (2, 2, 0)
    assert facts["over"]
    assert facts["drivers"] == []
    assert facts["runs"] == {"done": 1}
    assert facts["worker_hours"] > 0
    assert facts["cost"] == pytest.approx(2 * facts["worker_hours"])
    text = simgen("farm", "status", rendered, "--wait").stdout
    assert "2 of 2 done, 0 left" in text
    assert "nobody is at work" in text
    nothing = simgen("farm", "status", tmp_path)
    assert nothing.returncode == 2
    assert "not a dataset" in nothing.stderr
