"""A plugin author's way, as the README tells it: from nothing to a dataset that keeps the laws."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from .conftest import Run

README = Path(__file__).parents[2] / "README.md"
QUICK = ("--frames", "4", "--renderer", "raycast", "--quality", "draft")


def steps() -> list[list[str]]:
    """Commands of the README's plugin section."""
    section = README.read_text().partition("## Your own plugin")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.S)
    return [shlex.split(line, comments=True) for line in block.splitlines() if line.strip()]


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)


TWO_BOARDS = """\
        upper = kit.box("board", (width, depth, _BOARD_M), Pose((0.0, 0.0, 0.4)), material, 1)
        levels: list[list[Any]] = [[], []]
        for thing in kit.objects:
            levels[rng.child("level").child(thing.name).integer(0, 1)].append(thing)
        placed = [
            kit.place_on(things, kit.platform(on, headroom_m=0.35), rng.child("place"))
            for things, on in zip(levels, (board, upper), strict=True)
        ]
        things = tuple(thing for level in placed for thing in level.things)
        dropped = tuple(f"{n}: {why}" for level in placed for n, why in level.dropped.items())
        redrawn = sum(level.redrawn for level in placed)
        counts = PlacementCounts(len(kit.objects), len(things), redrawn, dropped)
"""


def edit_scene_type(path: Path) -> None:
    """Two boards one above the other; each object goes to one of them."""
    text = path.read_text()
    start, end = text.index("        # The top of the board"), text.index("        facts = ")
    path.write_text(text[:start] + TWO_BOARDS + text[end:])
    edit(
        path,
        ('"""Objects stand on a board.', '"""Objects stand on two boards, one above the other.'),
        ("_HEADROOM_M = 0.5", "_HEADROOM_M = 0.8"),
        ("(*placed.things, board)", "(*things, board, upper)"),
    )


def edit_scene(path: Path) -> None:
    edit(
        path,
        ("count: {randint: [4, 8]}", "count: {randint: [8, 12]}"),
        ("elevation_deg: {uniform: [20, 50]}", "elevation_deg: {uniform: [0, 15]}"),
        ("category: block", "category: '{color}'\n    attributes: {color: {choice: [a, b]}}"),
    )


def test_the_steps_of_the_readme(simgen: Run, tmp_path: Path) -> None:
    edits = {".py": edit_scene_type, ".yaml": edit_scene}
    ran = []
    for program, *arguments in steps():
        if program == "$EDITOR":
            edits.pop(Path(arguments[0]).suffix)(tmp_path / arguments[0])
            continue
        assert program == "simgen"
        ran.append(arguments[0] if arguments[0] != "plugins" else f"plugins {arguments[1]}")
        if arguments[0] == "render":
            arguments += [*QUICK, "--set", "render.size=[160, 120]"]
        done = simgen(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        if arguments[1] == "test":
            assert "BROKEN" not in done.stdout
    assert ran == ["plugins new", "plugins test", "render", "show"]
    assert not edits
    coco = json.loads((tmp_path / "out/shelf2/annotations/instances.json").read_text())
    assert len(coco["images"]) == 4
    assert {row["name"] for row in coco["categories"]} == {"a", "b"}
    assert len(coco["annotations"]) > 8
    world = json.loads(next((tmp_path / "out/shelf2/worlds").rglob("*.json")).read_text())
    heights = {round(o["pose"]["position_m"][2], 1) for o in world["objects"] if o["id"]}
    assert max(heights) >= 0.4 > min(heights)
    assert (tmp_path / "out/shelf2/contact_sheet.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new", "scene-tpye", "x"), "did you mean 'scene-type'"),
        (("new", "asset", "box"), "already, of simgen"),
        (("new", "asset"), "Missing argument"),
        (("show", "tabeltop"), "did you mean 'tabletop'"),
        (("show",), "Missing argument"),
        (("test", "tabeltop"), "did you mean 'tabletop'"),
        (("test", "box", "--set", "size_m"), "expected SETTING=VALUE"),
        (("test",), "--plugin-dir"),
    ],
)
def test_wrong_input_is_explained(
    simgen: Run, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = simgen("plugins", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_broken_law_is_exit_1_and_json(simgen: Run, tmp_path: Path) -> None:
    assert simgen("plugins", "new", "randomizer", "dull", cwd=tmp_path).returncode == 0
    file = tmp_path / "plugins/simgen-dull/src/simgen_dull/randomizer.py"
    edit(file, ("power=lamp.power * float(", "power=lamp.power + 0 * float("))
    done = simgen("plugins", "test", "dull", "--plugin-dir", "plugins", "--json", cwd=tmp_path)
    assert done.returncode == 1
    facts = json.loads(done.stdout)
    assert facts["ok"] is False
    broken = [row["law"] for row in facts["laws"] if row["broken"]]
    assert broken == ["it changes something"]
