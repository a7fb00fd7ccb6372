"""Expressions over recorded values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import DataError
from simgen.spec.expression import parse

LABELS = [{"v": 0.2, "c": "die"}, {"v": 0.9, "c": "die"}, {"v": 0.5, "c": "can"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("a.b == 'x' and not c", True),
        ("missing > 1 or missing < 1", False),
        ("missing == None", True),
        ("n % 3 == 1", True),
        ("n in [1, 4, 9]", True),
        ("n not in (1, 4)", False),
        ("count(c == 'die')", 2),
        ("any(v > 0.8) and all(v > 0.1)", True),
        ("max(v) - min(v)", pytest.approx(0.7)),
        ("mean(v * 2)", pytest.approx(3.2 / 3)),
        ("abs(-n)", 4),
        ("count(v > limit)", 1),
    ],
)
def test_values(text: str, value: object) -> None:
    values = {"a.b": "x", "c": False, "n": 4, "limit": 0.6}
    labels = [label for label in LABELS]
    assert parse(text).value(values, labels) == value


def test_names_include_dotted_ones_and_those_inside_functions() -> None:
    expression = parse("camera.fov > 3 and count(visibility > 0.2 and x.y == 'a') > n")
    assert set(expression.names()) == {"camera.fov", "visibility", "x.y", "n"}


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    try:
        expression = parse(text)
        expression.value({})
    except DataError as error:
        assert "expression" in str(error)  # noqa: PT017
