"""`balance:` and `stress:` as people write them, and what is said when they err."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from simgen.errors import SceneFileError
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.spec.document import parse_document
from simgen.spec.quotas import Balance, Stress, targets

SCENE = """
simgen: 1
scene: {type: tabletop}
objects:
  dice: {asset: die, category: "{top}"}
  bricks:
    asset: box
    category: "{color}"
    attributes: {color: {choice: [red, blue]}}
"""


def check(tmp_path: Path, more: str) -> Any:
    document = parse_document(SCENE + more, "s.yaml", tmp_path)
    return scene_from(document, tmp_path / "s.yaml", Registry.installed())


def test_a_number_is_short_for_a_share() -> None:
    stress = Stress.model_validate({"tiny": 0.1, "truncation": {"share": 0.2, "frames": 0.3}})
    assert stress.tiny is not None
    assert (stress.tiny.share, stress.tiny.frames) == (0.1, None)
    assert list(stress.cases) == ["truncation", "tiny"]
    assert not stress.planned


def test_a_frame_shows_one_case() -> None:
    both = {"tiny": {"share": 0.1, "frames": 0.6}, "truncation": {"share": 0.1, "frames": 0.5}}
    with pytest.raises(ValidationError, match=r"add up to 1\.1"):
        Stress.model_validate(both)


def test_what_is_left_is_shared_evenly() -> None:
    assert targets("uniform", ["a", "b"]) == {"a": 0.5, "b": 0.5}
    assert targets({"a": 0.5}, ["a", "b", "c"]) == {"a": 0.5, "b": 0.25, "c": 0.25}
    assert targets({"a": 1.0}, ["a", "b"]) == {"a": 1.0, "b": 0.0}
    with pytest.raises(ValidationError, match=r"add up to 1\.2"):
        Balance.model_validate({"classes": {"a": 0.7, "b": 0.5}})


@pytest.mark.parametrize(
    ("more", "place", "what"),
    [
        ("balance: {classes: {on: 0.5}}", "balance.classes.on", "no category 'on'"),
        ("balance: {classes: even}", "balance.classes", "expected 'uniform'"),
        ("balance: {clases: uniform}", "balance.clases", "unknown setting 'clases'"),
        ("stress: {tiny: 2}", "stress.tiny", "less than 1"),
        ("stress: {tiny: {share: 0.1, size: 3}}", "stress.tiny.size", "unknown setting 'size'"),
        ("stress: {blurry: 0.1}", "stress.blurry", "unknown setting 'blurry'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, more: str, place: str, what: str) -> None:
    with pytest.raises(SceneFileError) as caught:
        check(tmp_path, more)
    assert any(place in f.where and what in f.what for f in caught.value.faults)


def test_every_category_named_must_add_up(tmp_path: Path) -> None:
    shares = dict.fromkeys(["one", "two", "three", "four", "five", "six", "red", "blue"], 0.1)
    with pytest.raises(SceneFileError, match=r"0\.8, not 1"):
        check(tmp_path, f"balance: {{classes: {shares}}}".replace("'", ""))


def test_odds_name_categories_or_variants(tmp_path: Path) -> None:
    document = SCENE.replace('color}"', 'color}"\n    odds: {red: 2, green: 1}')
    with pytest.raises(SceneFileError) as caught:
        scene_from(parse_document(document, "s.yaml", tmp_path), tmp_path, Registry.installed())
    assert "objects.bricks.odds.green" in caught.value.faults[0].where
    assert "blue, red" in caught.value.faults[0].cure
    document = SCENE.replace('color}"', 'color}"\n    odds: {red: 0, blue: 0}')
    with pytest.raises(SceneFileError, match="all odds are 0"):
        scene_from(parse_document(document, "s.yaml", tmp_path), tmp_path, Registry.installed())
