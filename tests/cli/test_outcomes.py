"""What the command says and returns when a run does not go as hoped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CROWDED = """\
simgen: 1
scene: {type: tabletop, placement: upright}
objects: {a: {asset: box, size_m: [0.3, 0.3, 0.3], count: 9}}
frames: 1
render: {engine: raycast, size: [48, 32], quality: draft}
"""


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """A scene whose objects do not all find a place."""
    path = tmp_path / "scene.yaml"
    path.write_text(CROWDED)
    return path


def test_dropped_objects_are_counted_with_their_reasons(simgen: Run, crowded: Path) -> None:
    done = simgen("render", crowded, "--out", crowded.parent / "o", "--json")
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["objects"]
    world = json.loads((crowded.parent / "o/worlds/0000/00000000.json").read_bytes())["counts"]
    assert (counts["requested"], counts["placed"]) == (9, world["placed"])
    assert counts["dropped"] == len(world["dropped"]) == sum(counts["reasons"].values()) > 0
    assert f"{counts['dropped']} of 9 objects were dropped" in done.stderr
    again = simgen("render", crowded, "--out", crowded.parent / "o")
    assert f"{counts['dropped']} dropped (" in again.stdout


def test_a_dataset_without_labels_is_pointed_out(simgen: Run, crowded: Path) -> None:
    sets = ("--set", "camera.distance_m=900", "--set", "objects.a.count=1")
    done = simgen("render", crowded, "--out", crowded.parent / "o", *sets)
    assert done.returncode == 0, done.stderr
    assert "warning: no image has a label" in done.stderr


def test_a_hint_about_a_file_is_given_once(simgen: Run, tmp_path: Path) -> None:
    corners = "v 0 0 0\nv 90 0 0\nv 0 90 0\nv 0 0 90\n"
    (tmp_path / "a.obj").write_text(corners + "f 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n")
    (tmp_path / "scene.yaml").write_text(
        "simgen: 1\nscene: {type: flying}\nobjects: {a: {asset: meshes, path: a.obj}}\n"
        "camera: {distance_m: 300}\nframes: 2\n"
        "render: {engine: raycast, size: [48, 32], quality: draft}\n"
    )
    done = simgen("render", tmp_path / "scene.yaml", "--out", tmp_path / "o", "--jobs", 2)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("set `unit:`") == 1


def test_errors_as_json_beside_the_text(simgen: Run, crowded: Path) -> None:
    done = simgen("check", crowded, "--json", "--set", "objects.a.count=-1")
    assert done.returncode == 2
    (fault,) = json.loads(done.stdout)["error"]
    assert fault["where"].endswith("objects.a.count")
    assert fault["what"] in done.stderr
    usage = simgen("render", "--json")
    assert usage.returncode == 2
    assert "SCENE" in json.loads(usage.stdout)["error"][0]["what"]


def test_a_partly_rendered_run_is_failed_work(simgen: Run, tmp_path: Path) -> None:
    (tmp_path / "scene.yaml").write_text(CROWDED.replace("count: 9", "count: 1"))
    out = tmp_path / "o"
    first = simgen("render", tmp_path / "scene.yaml", "--out", out, "--frames", 1)
    assert first.returncode == 0, first.stderr
    (out / "worlds/0000/00000001.json").write_text("{")
    done = simgen("render", tmp_path / "scene.yaml", "--out", out, "--frames", 2, "--json")
    assert done.returncode == 1
    facts = json.loads(done.stdout)
    assert facts["failed_worlds"] == [1]
    assert "world 1 (frame 1)" in facts["error"][0]["where"]
    assert "frames 1..1" not in done.stderr


def test_finalize_wants_whole_files_and_render_makes_them_again(simgen: Run, crowded: Path) -> None:
    out = crowded.parent / "o"
    assert simgen("render", crowded, "--out", out).returncode == 0
    image, depth = out / "images/0000/00000000.png", out / "depth/0000/00000000.png"
    whole, deep = image.read_bytes(), depth.read_bytes()
    image.write_bytes(whole[:-9])
    depth.unlink()
    index = (out / "annotations/instances.json").read_bytes()
    done = simgen("finalize", out)
    assert done.returncode == 1
    assert f"has {len(whole) - 9} bytes instead of {len(whole)}" in done.stderr
    assert "depth/0000/00000000.png is missing" in done.stderr
    assert (out / "annotations/instances.json").read_bytes() == index
    assert simgen("render", crowded, "--out", out).returncode == 0
    assert (image.read_bytes(), depth.read_bytes()) == (whole, deep)
    image.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert simgen("finalize", out).returncode == 0
    checked = simgen("finalize", out, "--verify")
    assert checked.returncode == 1
    assert "sha256" in checked.stderr


def test_more_jobs_than_memory_is_warned_of(
    crowded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from simgen.cli.render import command
    from simgen.pipeline.estimate import Estimate

    def estimate(*arguments: object) -> Estimate:
        return Estimate(9, 9, 0, 8, bytes_per_job=3 << 30, machine=16 << 30)

    monkeypatch.setattr("simgen.pipeline.estimate.estimate", estimate)
    asked = [str(crowded), "--out", str(crowded.parent / "o"), "--dry-run"]
    command.main(asked, standalone_mode=False)
    said = capsys.readouterr()
    assert "memory per job: 3.2 GB (machine: 17.2 GB)" in said.out
    assert "8 jobs need more memory" in said.err
    assert "--jobs 5" in said.err


def test_sigterm_stops_like_ctrl_c(crowded: Path) -> None:
    out = crowded.parent / "o"
    command = [sys.executable, "-m", "simgen.cli", "render", str(crowded), "--out", str(out)]
    running = subprocess.Popen([*command, "--frames", "5000"], stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if (out / "frames").is_dir() or running.poll() is not None:
            break
        time.sleep(0.1)
    os.kill(running.pid, signal.SIGTERM)
    _, talk = running.communicate(timeout=60)
    assert running.returncode == 1, talk
    assert "the same command goes on where it was" in talk
    (log,) = (out / "runs").glob("*.json")
    assert json.loads(log.read_bytes())["status"] == "stopped"
    assert not list(out.rglob("*.tmp"))
