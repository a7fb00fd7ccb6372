from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import Field, ValidationError
from scipy import stats

from simgen.sampling.streams import KeyedStream
from simgen.spec.distributions import Distribution, Sampled, support
from simgen.spec.fields import Integer, Number, Params, Root, Vector
from simgen.spec.material import MaterialSetting


class Inner(Params):
    a: Sampled[Number] = 1.0
    v: Vector = (0.0, 0.0, 0.0)


class Outer(Params):
    inner: Inner = Inner()
    many: tuple[Sampled[Number], ...] = ()
    named: dict[str, Sampled[Number]] = Field(default_factory=dict)
    which: Sampled[Inner] = Inner()
    turn: Sampled[tuple[Number, Number, Number, Number]] = (1.0, 0.0, 0.0, 0.0)
    path: Root | None = None


class One(Params):
    x: Sampled[Number]


class Whole(Params):
    n: Sampled[Annotated[Integer, Field(ge=0)]]


def stream(name: str = "draws") -> KeyedStream:
    return KeyedStream(3, "world", 0, name)


def draws(setting: Any, count: int = 3000) -> list[Any]:
    model = One.model_validate({"x": setting})
    return [stream(f"n{i}").draw(model).x for i in range(count)]


@pytest.mark.parametrize(
    ("setting", "law"),
    [
        ({"uniform": [2, 5]}, stats.uniform(2, 3)),
        ({"normal": [1, 0.5]}, stats.norm(1, 0.5)),
        ({"truncated_normal": [0, 1, 0.5, 2]}, stats.truncnorm(0.5, 2)),
        ({"truncated_normal": [0, 1, 6, 7]}, stats.truncnorm(6, 7)),
        ({"truncated_normal": [0, 1, -7, -6]}, stats.truncnorm(-7, -6)),
        ({"loguniform": [0.1, 10]}, stats.loguniform(0.1, 10)),
    ],
)
def test_continuous_laws(setting: Any, law: Any) -> None:
    values = draws(setting)
    assert stats.kstest(values, law.cdf).pvalue > 0.01
    low, high = support(One.model_validate({"x": setting}).x)
    assert min(values) >= low
    assert max(values) <= high


def test_weighted_follows_its_weights() -> None:
    values = draws({"weighted": [[1, 3], [2, 0], [{"uniform": [5, 6]}, 1]]})
    share = [sum(v == 1 for v in values), sum(v > 4 for v in values)]
    assert sum(share) == len(values)
    assert stats.chisquare(share, [2250, 750]).pvalue > 0.01


def test_nested_choices_reach_every_value() -> None:
    values = draws({"choice": [1, {"choice": [2, 3]}, {"constant": 4}]}, 600)
    counts = [values.count(v) for v in (1, 2, 3, 4)]
    assert stats.chisquare(counts, [200, 100, 100, 200]).pvalue > 0.01


def test_sphere_shell_is_uniform_by_volume() -> None:
    shell = Distribution("sphere_shell", ((1.0, 2.0), (0.0, 90.0), (0.0, 360.0)), "shell")
    points = np.array([stream(f"s{i}").draw(shell) for i in range(3000)])
    radius = np.linalg.norm(points, axis=1)
    assert stats.kstest(radius, lambda r: (r**3 - 1) / 7).pvalue > 0.01
    assert stats.kstest(points[:, 2] / radius, "uniform", (0, 1)).pvalue > 0.01


def test_models_are_drawn_all_the_way_down() -> None:
    text = {
        "inner": {"a": {"uniform": [0, 1]}, "v": [0, {"uniform": [1, 2]}, 0]},
        "many": [{"uniform": [0, 1]}, {"uniform": [0, 1]}],
        "named": {"k": {"uniform": [0, 1]}},
        "which": {"choice": [{"a": {"uniform": [7, 8]}}]},
        "turn": {"so3": "uniform"},
        "path": "somewhere",
    }
    model = Outer.model_validate(text)
    drawn = stream().draw(model)
    numbers = [drawn.inner.a, drawn.inner.v[1], *drawn.many, drawn.named["k"], drawn.which.a]
    assert all(isinstance(n, float) for n in numbers)
    assert drawn.many[0] != drawn.many[1]
    assert 7 <= drawn.which.a <= 8
    assert np.linalg.norm(drawn.turn) == pytest.approx(1)
    assert drawn.path is model.path
    assert drawn.model_fields_set == model.model_fields_set
    assert drawn.inner.model_fields_set == {"a", "v"}


def test_a_drawn_default_does_not_count_as_written() -> None:
    class Hidden(Params):
        x: Sampled[Number] = Field(Distribution("uniform", (0, 1), "u"))  # type: ignore[assignment]
        y: float = 0.0

    assert stream().draw(Hidden(y=1.0)).model_fields_set == {"y"}


def test_a_value_does_not_depend_on_its_neighbours() -> None:
    alone = Inner.model_validate({"a": {"uniform": [0, 1]}})
    busy = Inner.model_validate({"a": {"uniform": [0, 1]}, "v": [{"uniform": [0, 1]}, 0, 0]})
    assert stream().draw(alone).a == stream().draw(busy).a


def test_plain_settings_come_back_as_they_are() -> None:
    model = Outer()
    assert stream().draw(model) is model


def test_whole_numbers_refuse_continuous_draws() -> None:
    with pytest.raises(ValidationError):
        Whole.model_validate({"n": {"uniform": [1, 4]}})
    assert stream().draw(Whole.model_validate({"n": {"randint": [1, 4]}})).n in (1, 2, 3, 4)


def test_what_varies_is_remembered_per_model_not_per_place() -> None:
    varied = MaterialSetting.model_validate({"roughness": {"uniform": [0, 1]}})
    plain = MaterialSetting.model_validate({"roughness": 0.5})
    rng = KeyedStream(0, "world", 0, "x")
    first, again = (rng.child("a").draw(varied).roughness for _ in range(2))
    assert first == again == rng.child("a").child("roughness").random()
    assert rng.child("b").draw(varied).roughness != first
    assert rng.draw(plain) is plain
    # Fresh models reuse the memory, and so the identities, of ones that are gone.
    for number in range(5000):
        value = number / 5000 if number % 2 else {"constant": number / 5000}
        model = MaterialSetting.model_validate({"roughness": value})
        assert rng.draw(model).roughness == number / 5000
