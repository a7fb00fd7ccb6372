"""`--plugin-dir`: every verb that reads a scene sees the folder, worker processes too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run

PLUGIN = """
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from simgen.plugin import Kit, Params, Positive, Stream
from simgen.records.pose import Pose
from simgen.records.world import Draft, PlacementCounts

PLUGINS = {"scene_types": {"in_a_row": "Row"}}


class RowParams(Params):
    step_m: Positive = Field(0.2, le=1, description="from one object to the next, m")


class Row:
    \"\"\"Objects in a row, in the air.\"\"\"

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = RowParams

    def radius_m(self, params: Any) -> float:
        return 3.0

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        things = [
            replace(thing, pose=Pose((n * params.step_m, 0.0, 0.0)))
            for n, thing in enumerate(kit.objects)
        ]
        counts = PlacementCounts(len(things), len(things))
        return Draft(tuple(things), radius_m=3.0, counts=counts)
"""
SCENE = """\
simgen: 1
scene: {type: in_a_row, step_m: 0.3}
objects:
  blocks: {asset: box, count: 2, category: block}
camera: {distance_m: 0.7}
frames: 3
render: {engine: raycast, size: [48, 32], quality: draft}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `scene.yaml` and `plugins/row.py`."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "plugins").mkdir()
    (folder / "plugins" / "row.py").write_text(PLUGIN)
    (folder / "plugins" / "bad.py").write_text("def (:")
    (folder / "scene.yaml").write_text(SCENE)
    return folder


def test_render_with_two_workers_resume_and_replay(simgen: Run, place: Path) -> None:
    render = ("render", "scene.yaml", "--out", "out")
    done = simgen(*render, "--plugin-dir", "plugins", "--jobs", 2, cwd=place)
    assert done.returncode == 0, done.stderr
    assert json.loads((place / "out/annotations/instances.json").read_text())["annotations"]
    forgot = simgen(*render, "--frames", 4, cwd=place)
    assert forgot.returncode == 2
    assert "unknown scene type 'in_a_row'" in forgot.stderr
    assert f"give --plugin-dir {place / 'plugins'}" in forgot.stderr
    more = simgen(*render, "--frames", 4, "--plugin-dir", "plugins", "--json", cwd=place)
    assert json.loads(more.stdout)["frames"] == 1
    record = "out/frames/0000/00000003.json"
    again = simgen("render", "--spec", record, "--plugin-dir", "plugins", cwd=place)
    assert again.returncode == 0, again.stdout + again.stderr
    lost = simgen("render", "--spec", record, cwd=place)
    assert lost.returncode == 2
    assert f"give --plugin-dir {place / 'plugins'}" in lost.stderr


@pytest.mark.parametrize(
    "verb", ["check scene.yaml", "sample scene.yaml", "schema", "render scene.yaml --dry-run"]
)
def test_verbs_see_the_folder_when_they_are_told(simgen: Run, place: Path, verb: str) -> None:
    told = simgen(*verb.split(), "--plugin-dir", "plugins", cwd=place)
    assert told.returncode == 0, told.stderr
    if verb.partition(" ")[0] in ("check", "sample", "schema"):
        assert "in_a_row" in told.stdout


def test_without_the_folder_nothing_is_known_of_it(simgen: Run, place: Path) -> None:
    alone = simgen("check", "scene.yaml", cwd=place)
    assert alone.returncode == 2
    assert "unknown scene type 'in_a_row'" in alone.stderr
    gone = simgen("check", "scene.yaml", "--plugin-dir", "nowhere", cwd=place)
    assert gone.returncode == 2
    assert "there is no folder" in gone.stderr


def test_a_broken_file_is_listed_with_its_reason(simgen: Run, place: Path) -> None:
    done = simgen("plugins", "--plugin-dir", "plugins", cwd=place)
    assert "bad.py" in done.stdout
    assert "BROKEN: SyntaxError: " in done.stdout
    rows = json.loads(simgen("plugins", "--json", "--plugin-dir", "plugins", cwd=place).stdout)
    assert {row["name"]: bool(row["problem"]) for row in rows if row["group"] == ""} == {
        "bad.py": True
    }
    mixed = simgen("plugins", "--json", "list", cwd=place)
    assert mixed.returncode == 2
    assert "after 'list'" in mixed.stderr
