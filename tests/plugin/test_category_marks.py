"""Keypoints of categories: of all assets that can become one, or as the real set has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from door_plugins import registry

from simgen.plugin.category_marks import merged
from simgen.plugin.gate import load_scene
from simgen.plugin.scene import Category, Scene
from simgen.records.marks import Marks
from simgen.records.serial import from_json, to_json

HEAD = "simgen: 1\nscene: {type: ground}\n"


def _scene(tmp_path: Path, text: str) -> Scene:
    path = tmp_path / "s.yaml"
    path.write_text(HEAD + text)
    return load_scene(path, registry(men="door_plugins:Men"))


def test_a_category_has_the_points_of_its_own_variants(tmp_path: Path) -> None:
    pawn, king = _scene(tmp_path, "objects: {all: {asset: men}}").categories
    assert (pawn.keypoints, pawn.skeleton) == (("foot", "head"), ((1, 2),))
    assert (king.keypoints, king.skeleton) == (("foot", "crown", "head"), ((1, 2), (1, 3)))


def test_a_category_of_several_variants_has_the_points_of_all(tmp_path: Path) -> None:
    (man,) = _scene(tmp_path, "objects: {all: {asset: men, category: man}}").categories
    assert man.keypoints == ("foot", "head", "crown")
    assert man.skeleton == ((1, 2), (1, 3))


def test_without_marks_the_category_is_what_it_was(tmp_path: Path) -> None:
    text = "objects: {all: {asset: men}}\nlabels: {keypoints: false}"
    assert _scene(tmp_path, text).categories == (Category(1, "pawn"), Category(2, "king"))
    assert to_json(Category(1, "pawn")) == b'{"id":1,"name":"pawn","supercategory":""}\n'
    assert from_json(Category, to_json(Category(1, "pawn"))) == Category(1, "pawn")
    assert _scene(tmp_path, "objects: {all: {asset: pieces}}").categories[0].keypoints is None


def test_a_real_set_s_points_keep_their_order(tmp_path: Path) -> None:
    rows = [
        {"id": 4, "name": "pawn", "keypoints": ["head", "foot"], "skeleton": [[2, 1]]},
        {"id": 9, "name": "king"},
    ]
    (tmp_path / "real.json").write_text(json.dumps({"categories": rows}))
    text = "objects: {all: {asset: men}}\ncategories: {from: real.json}"
    pawn, king = _scene(tmp_path, text).categories
    assert (pawn.keypoints, pawn.skeleton) == (("head", "foot"), ((2, 1),))
    assert king.keypoints == ("foot", "crown", "head")


def test_a_bone_counts_once_in_either_direction() -> None:
    both = merged([Marks(("a", "b"), (("a", "b"),)), Marks(("b", "a"), (("b", "a"),))])
    assert both == Marks(("a", "b"), (("a", "b"),))


@pytest.mark.parametrize(
    ("points", "bones"), [(("a", "a"), ()), (("a",), (("a", "b"),))], ids=["twice", "no such"]
)
def test_marks_are_consistent(points: tuple[str, ...], bones: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ValueError, match="Marks"):
        Marks(points, bones)
