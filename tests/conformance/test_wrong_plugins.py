"""A plugin that is wrong breaks the law that it should, with words that say how."""

from __future__ import annotations

import importlib.util
import random

import pytest
from wrong_plugins import registry

from simgen.plugin.conformance import LawBroken, laws
from simgen.plugin.verdicts import judged

WRONG = {
    "scene_types": [
        ("Speechless", "a docstring", "no docstring"),
        ("Rambling", "a docstring", "not a sentence"),
        ("Undescribed", "every setting", "`step` has no description"),
        ("Unbounded", "every setting", "`step_m` is a number without bounds"),
        ("Unitless", "every setting", "no unit"),
        ("Lenient", "settings refuse", "does not know"),
        ("BadExample", "its example is valid", "unknown setting 'objets'"),
        ("GlobalDice", "the same stream", "facts"),
        ("NumpyDice", "the same stream", "facts"),
        ("Counting", "the same stream", "facts"),
        ("Counting", "a world depends", "facts"),
        ("Reaching", "everything lies", "radius"),
        ("Lying", "everything lies", "above radius_m's"),
        ("Losing", "objects are placed", "counted as dropped"),
        ("Changing", "objects are placed", "another object"),
        ("Piling", "objects do not sink", "share"),
        ("Unplain", "worlds survive JSON", "not plain data"),
        ("Broken", "the same stream", "fell over"),
    ],
    "assets": [
        ("Restless", "the same parameters", "other arrays"),
        ("Twice", "variants are there", "two variants are called box"),
        ("Unlicensed", "a licence", "unknown licence"),
        ("InsideOut", "closed meshes", "inside out"),
        ("WrongNormals", "closed meshes", "point into their faces"),
        ("Millimetres", "meshes are sound", "lengths are metres"),
        ("NoCoordinates", "meshes are sound", "no UVs"),
        ("Stateful", "states are among", "'mood' is not declared"),
        ("Unmarked", "keypoints are among", "does not name"),
    ],
    "randomizers": [
        ("Vandal", "the draft that it is given", "changes its input"),
        ("Idle", "it changes something", "came out as they went in"),
        ("Stubborn", "with its `identity`", "still changes the draft"),
        ("Silent", "with its `identity`", "does not say"),
        ("Whimsical", "the same stream", "luck"),
    ],
    "augmenters": [
        ("Sloppy", "labels follow", "a loose box"),
        ("Greedy", "labels follow", "shares pixels"),
        ("Overwriting", "samples that are given", "read-only|pixels"),
        ("Moody", "the same stream", "other pixels"),
        ("Silenced", "its step", "last step is not"),
        ("Guessing", "box-only labels", "does not say why"),
        ("Revealing", "nothing is more visible", "more visible"),
    ],
    "renderers": [
        ("Ghosts", "ids are within", "ids that the world does not have"),
        ("Mirrored", "it agrees", "agree with the ray caster"),
        ("Shallow", "it agrees", "depth is off"),
        ("Noisy", "the same world", "another picture"),
        ("Dark", "colour is sRGB", "of one colour"),
        ("Boastful", "it makes the outputs", "passes are named"),
    ],
    "detectors": [
        ("Empty", "it learns a step", "empty box"),
        ("Blind", "it learns four images", "0%"),
    ],
}
CASES = [(group, *case) for group, cases in WRONG.items() for case in cases]


@pytest.mark.parametrize(("group", "plugin", "law", "said"), CASES, ids=lambda v: v[:24])
def test_it_breaks_the_law(group: str, plugin: str, law: str, said: str) -> None:
    if group == "detectors" and importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    random.seed(5)  # what the plugins draw from in secret
    found = [x for x in laws(group, "wrong", registry=registry(group, plugin))
             if x.name.startswith(law)]  # fmt: skip
    assert len(found) == 1
    with pytest.raises((LawBroken, RuntimeError, ValueError), match=said):
        found[0].check()


def test_verdicts_name_every_broken_law_and_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from simgen.plugin.registry import Registry

    wrong = registry("scene_types", "Broken")
    monkeypatch.setattr(Registry, "installed", staticmethod(lambda folders=(): wrong))
    lines: list[str] = []
    found = list(judged(["wrong"], (), (), lines.append))
    assert len(found) == 13
    assert sum(bool(verdict.broken) for verdict in found) >= 6
    assert any("BROKEN  the same stream" in line for line in lines)
    assert any("RuntimeError: fell over" in verdict.broken for verdict in found)
