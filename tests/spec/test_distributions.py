"""The grammar of distributions: what it takes, and that no draw can leave a field's bounds."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simgen.spec.distributions import Distribution, support, values_of
from simgen.spec.fields import Color, Integer, NonNegative, Params, Sampled, Unit, Vector


class Model(Params):
    share: Sampled[Unit] = 0.5
    length: Sampled[NonNegative] = 1.0
    count: Sampled[Integer] = 1
    name: Sampled[str] = "a"
    color: Color = (0.0, 0.0, 0.0)
    place: Vector = (0.0, 0.0, 0.0)


def _message(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("share", {"uniform": [0, 1]}),
        ("share", {"truncated_normal": [0.5, 0.2, 0, 1]}),
        ("length", {"loguniform": [0.1, 10]}),
        ("count", {"randint": [1, 6]}),
        ("name", {"choice": ["a", "b"]}),
        ("name", {"weighted": {"a": 1, "b": 3}}),
        ("share", {"weighted": [[0.1, 1], [{"uniform": [0.5, 0.6]}, 2]]}),
        ("share", {"choice": [{"uniform": [0, 0.1]}, 0.9]}),
        ("share", {"constant": 0.3}),
        ("share", {"weighted": {"0.5": 1, "1e-1": 2}}),
    ],
)
def test_accepted(field: str, written: Any) -> None:
    value = getattr(Model.model_validate({field: written}), field)
    assert isinstance(value, Distribution)
    assert value.kind == next(iter(written))


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("share", {"uniform": [0, 1.5]}, "can give 1.5"),
        ("share", {"uniform": [0.9, 0.1]}, "low <= high"),
        ("share", {"uniform": [0]}, r"uniform: [low, high]"),
        ("share", {"uniform": ["a", 1]}, r"uniform: [low, high]"),
        ("share", {"uniform": [True, 1]}, r"uniform: [low, high]"),
        ("share", {"uniform": [0, float("inf")]}, r"uniform: [low, high]"),
        ("share", {"normal": [0.5, 0.1]}, "truncated_normal"),
        ("length", {"normal": [1, -1]}, "standard deviation >= 0"),
        ("length", {"loguniform": [0, 1]}, "low > 0"),
        ("count", {"randint": [0.5, 2]}, "whole numbers"),
        ("count", {"uniform": [0.5, 2]}, "can give 0.5"),
        ("share", {"choice": []}, "choice: [first, second"),
        ("share", {"choice": [0.5, 2]}, "less than or equal to 1"),
        ("share", {"choice": [0.5, {"uniform": [0, 3]}]}, "can give 3"),
        ("share", {"weighted": {0.5: -1}}, "weights >= 0"),
        ("share", {"weighted": {0.5: 0}}, "positive sum"),
        ("share", {"truncated_normal": [0, 0.01, 0.5, 1]}, "8 standard deviations"),
        ("share", True, "boolean"),
        ("share", "0.5", "text"),
        ("name", {"uniform": [0, 1]}, "can give 0"),
    ],
)
def test_refused_with_what_was_expected(field: str, written: Any, said: str) -> None:
    assert said in _message(**{field: written})


def test_keys_of_weighted_are_numbers_where_numbers_are_meant() -> None:
    drawn: Any = Model.model_validate({"share": {"weighted": {"0.5": 1, "0": 2}}}).share
    assert drawn.args[0] == (0.5, 0.0)
    named: Any = Model.model_validate({"name": {"weighted": {"0.5": 1}}}).name
    assert named.args[0] == ("0.5",)
    assert "text '0.5x'" in _message(share={"weighted": {"0.5x": 1}})


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("share", {"unifrom": [0, 1]}, "unknown distribution 'unifrom', did you mean 'uniform'?"),
        ("color", {"chioce": ["#ffffff"]}, "did you mean 'choice'?"),
        ("count", {"zipf": 2}, "unknown distribution 'zipf', known: uniform"),
        ("share", {"uniform": [0, 1], "normal": [0, 1]}, "got 2: uniform and normal"),
        ("share", {"uniform": [0, 1], "seed": 3}, "nothing beside 'uniform'"),
    ],
)
def test_what_was_meant_as_a_distribution(field: str, written: Any, said: str) -> None:
    assert said in _message(**{field: written})


def test_vectors_and_colours_take_distributions_by_component() -> None:
    model = Model.model_validate({"place": [0, {"uniform": [1, 2]}, 0], "color": "#ff0000"})
    assert isinstance(model.place[1], Distribution)
    assert model.color == (1.0, 0.0, 0.0)
    assert "#rrggbb" in _message(color="red")
    assert "can give 2" in _message(color=[0, {"uniform": [0, 2]}, 0])


def test_support_and_values() -> None:
    model = Model.model_validate(
        {"share": {"choice": [0.2, {"uniform": [0.3, 0.4]}]}, "count": {"randint": [1, 3]}}
    )
    share: Any = model.share
    count: Any = model.count
    assert support(share) == (0.2, 0.4)
    assert values_of(share) is None
    assert values_of(count) == (1, 2, 3)
    assert support(7) == (7.0, 7.0)
    with pytest.raises(TypeError):
        support(Distribution("so3", (), "{so3: uniform}"))
