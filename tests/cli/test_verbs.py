"""Every verb does its work: data on stdout, talk on stderr, exit 0."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_help_names_every_verb_and_loads_nothing_heavy(simgen: Run) -> None:
    verbs = ("check", "schema", "sample", "render", "finalize", "show", "plugins")
    page = simgen("--help")
    assert page.returncode == 0
    assert all(verb in page.stdout for verb in verbs)
    heavy = ["numpy", "pydantic", "yaml", "rich", "cv2", "open3d", "mujoco", "msgspec"]
    heavy.append("importlib.metadata")
    code = (
        "import sys, contextlib\nfrom simgen.cli import main\nsys.argv = ['simgen', '--help']\n"
        "with contextlib.suppress(SystemExit): main()\n"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "verb", ["check", "schema", "sample", "render", "finalize", "show", "plugins"]
)
def test_every_verb_has_a_help_page(simgen: Run, verb: str) -> None:
    done = simgen(verb, "--help")
    assert done.returncode == 0
    assert "--debug" in done.stdout


def test_render_then_again(simgen: Run, scene: Path, rendered: Path) -> None:
    assert (rendered / "annotations" / "instances.json").is_file()
    again = simgen("render", scene, "--out", rendered, "--json")
    facts = json.loads(again.stdout)
    objects = facts.pop("objects")
    assert objects["worlds"] == 1
    assert objects["requested"] == objects["placed"] + objects["dropped"]
    assert facts == {
        "out": str(rendered),
        "frames": 0,
        "skipped": 2,
        "images": 2,
        "annotations": facts["annotations"],
        "failed_worlds": [],
    }
    assert again.stderr == ""


def test_render_spec_reproduces_a_frame(simgen: Run, rendered: Path) -> None:
    done = simgen("render", "--spec", rendered / "frames/0000/00000001.json", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["equal"] is True


def test_dry_run_prints_and_writes_nothing(simgen: Run, scene: Path, tmp_path: Path) -> None:
    done = simgen("render", scene, "--out", tmp_path / "o", "--frames", 4, "--dry-run", "--json")
    facts = json.loads(done.stdout)
    assert (facts["worlds"], facts["frames"]) == (2, 4)
    for name in ("seconds", "bytes"):
        assert 0 < facts[name]["low"] <= facts[name]["value"] <= facts[name]["high"]
    assert 10_000_000 < facts["bytes_per_job"] < facts["machine"]
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_needs_no_out(simgen: Run, scene: Path) -> None:
    done = simgen("render", scene, "--frames", 4, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frames"] == 4
    assert simgen("render", scene).returncode == 2


def test_sample_prints_what_render_stores(simgen: Run, scene: Path, rendered: Path) -> None:
    done = simgen("sample", scene, "--worlds", 1)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [next(iter(line)) for line in lines] == ["world", "frame", "frame"]
    stored = json.loads((rendered / "worlds/0000/00000000.json").read_bytes())
    record = json.loads((rendered / "frames/0000/00000001.json").read_bytes())
    assert lines[0]["world"] == stored
    assert lines[2]["frame"]["camera"] == record["camera"]
    other = simgen("sample", scene, "--range", "1:2", "--seed", 1)
    assert json.loads(other.stdout.splitlines()[0])["world"] != stored
    assert len(other.stdout.splitlines()) == 2


def test_sample_into_a_closed_pipe_is_quiet(scene: Path) -> None:
    command = f"{sys.executable} -m simgen.cli sample {scene} --worlds 200 | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""


def test_show_finalize_check_plugins_schema(simgen: Run, scene: Path, rendered: Path) -> None:
    sheet = rendered.parent / "sheet.png"
    assert simgen("show", rendered, "--out", sheet).stdout.strip() == str(sheet)
    assert sheet.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    before = (rendered / "annotations/instances.json").read_bytes()
    assert simgen("finalize", rendered).returncode == 0
    assert (rendered / "annotations/instances.json").read_bytes() == before
    checked = json.loads(simgen("check", scene, "--deep", "--json").stdout)
    assert checked["categories"] == {"1": "block"}
    names = {entry["name"] for entry in json.loads(simgen("plugins", "--json").stdout)}
    assert {"tabletop", "flying", "meshes", "raycast"} <= names
    assert json.loads(simgen("schema").stdout)["title"] == "simgen scene file"
