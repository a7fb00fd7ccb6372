"""Category lists: enumerated from the file alone, declared, or copied with their ids."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from door_plugins import registry

from simgen.errors import SceneFileError
from simgen.plugin.categories import category_of, category_rule
from simgen.plugin.gate import load_scene
from simgen.plugin.scene import Scene


def _scene(tmp_path: Path, objects: str, head: str = "") -> Scene:
    path = tmp_path / "s.yaml"
    path.write_text(f"simgen: 1\nscene: {{type: ground}}\n{head}\nobjects:\n  men: {objects}\n")
    return load_scene(path, registry())


def _names(scene: Scene) -> list[str]:
    return [category.name for category in scene.categories]


def test_by_default_a_category_per_variant(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "{asset: pieces}")
    assert [(c.id, c.name) for c in scene.categories] == [(1, "pawn"), (2, "king")]


def test_a_template_multiplies_attributes(tmp_path: Path) -> None:
    text = "{asset: pieces, category: '{color}-{name}', attributes: {color: {choice: [w, b]}}}"
    assert _names(_scene(tmp_path, text)) == ["w-pawn", "b-pawn", "w-king", "b-king"]


def test_states_conditions_and_maps(tmp_path: Path) -> None:
    rule = "{template: '{rank}', when: {side: up}, map: {low: small, high: null}}"
    scene = _scene(tmp_path, f"{{asset: pieces, category: {rule}}}")
    assert _names(scene) == ["small"]
    made = category_rule(scene.collections[0].section)
    assert category_of(made, {"rank": "low", "side": "up"}) == "small"
    assert category_of(made, {"rank": "low", "side": "down"}) is None
    assert category_of(made, {"rank": "high", "side": "up"}) is None
    assert category_of(None, {}) is None


def test_a_distractor_adds_no_category(tmp_path: Path) -> None:
    assert _names(_scene(tmp_path, "{asset: pieces, category: null}")) == []


def test_declared_categories_keep_their_order(tmp_path: Path) -> None:
    scene = _scene(tmp_path, "{asset: pieces}", "categories: [rook, king, pawn]")
    assert [(c.id, c.name) for c in scene.categories] == [(1, "rook"), (2, "king"), (3, "pawn")]


def test_categories_of_a_coco_file_keep_their_ids(tmp_path: Path) -> None:
    rows = [{"id": 7, "name": "king", "supercategory": "men"}, {"id": 3, "name": "pawn"}]
    (tmp_path / "real.json").write_text(json.dumps({"categories": rows}))
    scene = _scene(tmp_path, "{asset: pieces}", "categories: {from: real.json}")
    assert [(c.id, c.name) for c in scene.categories] == [(7, "king"), (3, "pawn")]


@pytest.mark.parametrize(
    ("objects", "head", "what", "cure"),
    [
        ("{asset: pieces}", "categories: [pawn, knig]", "unknown category 'king'", "'knig'"),
        ("{asset: pieces}", "categories: [pawn, king, pawn]", "written twice: pawn", "keep one"),
        ("{asset: pieces, category: '{colour}'}", "", "no attribute 'colour'", "names"),
        ("{asset: pieces, category: '{name'}", "", "bad template", ""),
        ("{asset: pieces, category: '{name!r}'}", "", "bad template", ""),
        ("{asset: pieces, category: '{name.__class__}'}", "", "bad template", ""),
        ("{asset: pieces}", "categories: {from: none.json}", "no file or folder", "relative"),
        ("{asset: pieces, gloss: 2}", "", "less than or equal to 1, got 2", ""),
        ("{asset: pieces, glos: 0.2}", "", "unknown setting 'glos'", "did you mean 'gloss'"),
        ("{asset: pieces, cuont: 2}", "", "unknown setting 'cuont'", "did you mean 'count'"),
        ("{asset: pieces, category: '{a}', attributes: {a: ''}}", "", "empty category name", "map"),
        ("{asset: pieces}", "categories: [rook, x, pawn]", "'king'", "rook, x. Or add it to"),
        ("{asset: piece}", "", "unknown asset source 'piece'", "'pieces'"),
        ("{asset: pieces, path: nowhere}", "", "no file or folder", "relative paths"),
        ("{asset: pieces, material: {by: color, of: {}}}", "", "no attribute 'color'", ""),
    ],
)
def test_faults(tmp_path: Path, objects: str, head: str, what: str, cure: str) -> None:
    with pytest.raises(SceneFileError) as caught:
        _scene(tmp_path, objects, head)
    (fault,) = caught.value.faults
    assert what in fault.what
    assert cure in fault.cure
    assert fault.where.startswith(str(tmp_path / "s.yaml:"))


def test_faults_of_file_plugins_and_paths_come_together(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "simgen: 1\nscene: {type: gruond}\nobjects:\n"
        "  a: {asset: pieces, gloss: -1}\n  b: {asset: pieces, path: nowhere}\n"
    )
    with pytest.raises(SceneFileError) as caught:
        load_scene(path, registry())
    assert len(caught.value.faults) == 3


def test_faults_of_the_skeleton_come_together_with_those_of_plugins(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "simgen: 1\nscene: {type: ground, sice: 1}\nframes: 0\nobjects:\n"
        "  a: {asset: pieces, gloss: -1, count: many}\n  b: {asset: pieces, path: nowhere}\n"
        "  c: null\n  d: {asset: [1]}\n  e: {asset: gone}\nrandomizers: [3]\n"
    )
    with pytest.raises(SceneFileError) as caught:
        load_scene(path, registry())
    places = sorted(fault.where.rpartition(" ")[2] for fault in caught.value.faults)
    assert places == [
        "frames", "objects.a.count", "objects.a.gloss", "objects.b.path", "objects.c",
        "objects.d.asset", "objects.e.asset", "randomizers", "scene.sice",
    ]  # fmt: skip


def test_paths_of_the_command_line_start_at_the_working_folder(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("simgen: 1\nscene: {type: ground}\nobjects: {men: {asset: pieces}}\n")
    with pytest.raises(SceneFileError, match="--set start at the working folder"):
        load_scene(path, registry(), ("objects.men.path=nowhere",))


def test_paths_inside_a_distribution_have_names_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    scene = _scene(tmp_path, "{asset: pieces, path: {choice: [a, b]}}")
    places = {name: root.location.name for name, root in scene.roots.items()}
    assert places == {"objects.men.path": "a", "objects.men.path#2": "b"}
