"""Cells: kinds of objects, their probabilities and the categories that they can get."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.plugin.cells import cells_of, drawable, probabilities
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Collection
from simgen.spec.distributions import Distribution
from simgen.spec.document import parse_document


def collection(tmp_path: Path, section: str) -> Collection:
    text = f"simgen: 1\nscene: {{type: tabletop}}\nobjects:\n  things: {section}\n"
    document = parse_document(text, "s.yaml", tmp_path)
    return scene_from(document, tmp_path / "s.yaml", Registry.installed()).collections[0]


def test_attributes_that_the_category_uses_make_cells(tmp_path: Path) -> None:
    section = (
        '{asset: box, category: "{color} box", attributes: '
        "{color: {weighted: {red: 3, blue: 1}}, size: {choice: [s, l]}}}"
    )
    things = collection(tmp_path, section)
    cells = cells_of(things, drawable(things))
    assert [(c.key, c.probability) for c in cells] == [("red box", 0.75), ("blue box", 0.25)]
    assert [c.attributes for c in cells] == [{"color": "red"}, {"color": "blue"}]


def test_what_a_pose_decides_is_no_cell(tmp_path: Path) -> None:
    things = collection(tmp_path, '{asset: die, category: "{top}"}')
    (cell,) = cells_of(things, drawable(things))
    assert len(cell.categories) == 6
    assert cell.key == cell.variant.name


def test_a_side_without_label_leaves_one_category(tmp_path: Path) -> None:
    section = (
        '{asset: card, ranks: [ace, two], category: {template: "{rank}", when: {side: front}}}'
    )
    things = collection(tmp_path, section)
    cells = cells_of(things, drawable(things))
    assert {c.key for c in cells} == {"ace", "two"}
    assert sum(c.probability for c in cells) == pytest.approx(1)
    assert len(cells) == 8  # two ranks of four suits


def test_a_mapped_category_and_a_distractor(tmp_path: Path) -> None:
    section = (
        '{asset: card, ranks: [ace, two], category: {template: "{rank}", map: {ace: high, two: ~}}}'
    )
    things = collection(tmp_path, section)
    found = {c.variant.attributes["rank"]: c.categories for c in cells_of(things, drawable(things))}
    assert found == {"ace": ("high",), "two": ()}
    nothing = collection(tmp_path, "{asset: box, category: ~}")
    assert [c.categories for c in cells_of(nothing, drawable(nothing))] == [()]


def test_probabilities_of_nested_choices() -> None:
    inner = Distribution("choice", ("a", "b"), "")
    outer = Distribution("weighted", ((inner, "c"), (2.0, 1.0)), "")
    assert probabilities(outer) == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    assert probabilities(Distribution("randint", (1, 2), "")) == {"1": 0.5, "2": 0.5}
    with pytest.raises(ValueError, match="no finite list"):
        probabilities(Distribution("uniform", (0.0, 1.0), "u"))
