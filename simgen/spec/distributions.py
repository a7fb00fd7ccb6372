"""The grammar of distributions: a mapping with one key, such as `{uniform: [0.2, 0.4]}`.

`Sampled[T]` is the type of a setting that is a T or a distribution over T. Every value that
a distribution can reach is checked against T at the gate (its `examples`), so a draw can
never leave the bounds of a field. The draws themselves live in `simgen.sampling.draws`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

# A draw starts from a 53-bit uniform number, so a normal deviate is never further out than this.
NORMAL_REACH = 8.3


@dataclass(frozen=True)
class Distribution:
    """A parsed distribution.

    Args:
        kind: its name in `KINDS`.
        args: its arguments; numbers, or nested distributions and values for choices.
        text: as written, for messages and facts.
    """

    kind: str
    args: tuple[Any, ...]
    text: str

    def __repr__(self) -> str:
        return self.text


class _Bad(ValueError):
    """A distribution's arguments are wrong; the message says what was expected."""


def _numbers(value: Any, count: int, form: str) -> tuple[float, ...]:
    ok = isinstance(value, (list, tuple)) and len(value) == count
    if not ok or not all(_is_number(v) for v in value):
        raise _Bad(f"expected {form}, got {value!r}")
    return tuple(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _ordered(value: Any, form: str) -> tuple[float, ...]:
    low, high = _numbers(value, 2, form)
    if low > high:
        raise _Bad(f"expected low <= high in {form}, got [{low}, {high}]")
    return (low, high)


def _uniform(value: Any) -> tuple[Any, ...]:
    return _ordered(value, "uniform: [low, high]")


def _loguniform(value: Any) -> tuple[Any, ...]:
    low, high = _ordered(value, "loguniform: [low, high]")
    if low <= 0:
        raise _Bad(f"expected low > 0 in loguniform: [low, high], got {low}")
    return (low, high)


def _randint(value: Any) -> tuple[Any, ...]:
    low, high = _ordered(value, "randint: [low, high], both ends included")
    if not (isinstance(low, int) and isinstance(high, int)):
        raise _Bad(f"expected whole numbers in randint, got [{low}, {high}]")
    return (low, high)


def _normal(value: Any) -> tuple[Any, ...]:
    mean, std = _numbers(value, 2, "normal: [mean, standard deviation]")
    if std < 0:
        raise _Bad(f"expected a standard deviation >= 0, got {std}")
    return (mean, std)


def _truncated_normal(value: Any) -> tuple[Any, ...]:
    mean, std, low, high = _numbers(value, 4, "truncated_normal: [mean, std, low, high]")
    if std <= 0 or low > high:
        raise _Bad(f"expected std > 0 and low <= high, got {list(value)}")
    if low > mean + 8 * std or high < mean - 8 * std:
        raise _Bad(f"[{low}, {high}] lies more than 8 standard deviations from the mean {mean}")
    return (mean, std, low, high)


def _choice(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise _Bad(f"expected choice: [first, second, ...], got {value!r}")
    return tuple(value)


def _weighted(value: Any) -> tuple[Any, ...]:
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    form = "weighted: {value: weight, ...} or [[value, weight], ...]"
    if not isinstance(pairs, (list, tuple)) or not pairs:
        raise _Bad(f"expected {form}, got {value!r}")
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise _Bad(f"expected {form}, got {value!r}")
    weights = [pair[1] for pair in pairs]
    if not all(_is_number(w) and w >= 0 for w in weights) or sum(weights) <= 0:
        raise _Bad(f"expected weights >= 0 with a positive sum, got {weights}")
    return (tuple(pair[0] for pair in pairs), tuple(float(w) for w in weights))


def _constant(value: Any) -> tuple[Any, ...]:
    return (value,)


def _sphere_shell(value: Any) -> tuple[Any, ...]:
    known = {"radius_m": (1.0, 1.0), "elevation_deg": (-90.0, 90.0), "azimuth_deg": (0.0, 360.0)}
    if not isinstance(value, Mapping) or "radius_m" not in value or set(value) - set(known):
        raise _Bad(f"expected sphere_shell with radius_m and optionally {list(known)[1:]}")
    out = []
    for name, default in known.items():
        raw = value.get(name, default)
        low, high = (raw, raw) if _is_number(raw) else _ordered(raw, f"{name}: [low, high]")
        if name == "radius_m" and low <= 0:
            raise _Bad(f"expected radius_m > 0, got {low}")
        if name == "elevation_deg" and not (low >= -90 and high <= 90):
            raise _Bad(f"expected elevation_deg in [-90, 90], got [{low}, {high}]")
        out.append((float(low), float(high)))
    return tuple(out)


def _so3(value: Any) -> tuple[Any, ...]:
    if value not in ("uniform", None, {}):
        raise _Bad(f"expected so3: uniform, got {value!r}")
    return ()


KINDS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "uniform": _uniform,
    "normal": _normal,
    "truncated_normal": _truncated_normal,
    "loguniform": _loguniform,
    "randint": _randint,
    "choice": _choice,
    "weighted": _weighted,
    "constant": _constant,
    "sphere_shell": _sphere_shell,
    "so3": _so3,
}
_NESTED = {"choice", "weighted", "constant"}


def is_distribution(value: Any) -> bool:
    """Whether a YAML value is written as a distribution."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in KINDS


def values_of(distribution: Distribution) -> tuple[Any, ...] | None:
    """All values of a finite distribution, or None if it is continuous."""
    if distribution.kind == "randint":
        return tuple(range(distribution.args[0], distribution.args[1] + 1))
    if distribution.kind not in _NESTED:
        return None
    values = distribution.args[0] if distribution.kind == "weighted" else distribution.args
    out: list[Any] = []
    for value in values:
        inner = values_of(value) if isinstance(value, Distribution) else (value,)
        if inner is None:
            return None
        out += [v for v in inner if v not in out]
    return tuple(out)


def support(value: Any) -> tuple[float, float]:
    """Smallest and largest number that a number or distribution can give.

    Raises:
        TypeError: it does not give numbers.
    """
    if not isinstance(value, Distribution):
        return (float(value), float(value))
    kind, args = value.kind, value.args
    if kind in ("uniform", "loguniform", "randint"):
        return (float(args[0]), float(args[1]))
    if kind == "normal":
        return (args[0] - NORMAL_REACH * args[1], args[0] + NORMAL_REACH * args[1])
    if kind == "truncated_normal":
        return (float(args[2]), float(args[3]))
    if kind in _NESTED:
        values = args[0] if kind == "weighted" else args
        ends = [support(v) for v in values]
        return (min(low for low, _ in ends), max(high for _, high in ends))
    raise TypeError(f"{kind} does not give a number")


def _examples(distribution: Distribution) -> list[Any]:
    if distribution.kind == "randint":
        return [int(end) for end in distribution.args]
    if distribution.kind == "sphere_shell":
        return [[distribution.args[0][1], 0.0, 0.0]]
    if distribution.kind == "so3":
        return [[1.0, 0.0, 0.0, 0.0]]
    low, high = support(distribution)
    # A point inside, too: continuous draws do not give the whole numbers that both ends may be.
    return [low, high] if low == high else [low, high, low + (high - low) * 0.381966]


def _parse(value: Mapping[str, Any], check: Callable[[Any], Any]) -> Distribution:
    kind, raw = next(iter(value.items()))
    try:
        args = KINDS[kind](raw)
    except _Bad as bad:
        raise PydanticCustomError("distribution", "{message}", {"message": str(bad)}) from None
    text = f"{{{kind}: {raw}}}"
    if kind not in _NESTED:
        distribution = Distribution(kind, args, text)
        for example in _examples(distribution):
            _check_reach(distribution, example, check)
        return distribution
    values = args[0] if kind == "weighted" else args
    parsed = tuple(_located(v, check, kind, i) for i, v in enumerate(values))
    return Distribution(kind, (parsed, args[1]) if kind == "weighted" else parsed, text)


def _check_reach(distribution: Distribution, example: Any, check: Callable[[Any], Any]) -> None:
    try:
        check(example)
    except ValidationError as error:
        first = error.errors()[0]
        shown = f"{example:g}" if isinstance(example, float) else repr(example)
        message = f"{distribution.text} can give {shown}: {first['msg']}"
        if distribution.kind == "normal":
            message += " (truncated_normal: [mean, std, low, high] stays inside bounds)"
        raise PydanticCustomError("distribution", "{message}", {"message": message}) from None


def _located(value: Any, check: Callable[[Any], Any], kind: str, index: int) -> Any:
    try:
        return check(value) if not is_distribution(value) else _parse(value, check)
    except ValidationError as error:
        raise ValidationError.from_exception_data(
            kind,
            [
                InitErrorDetails(
                    type=PydanticCustomError("distribution", "{message}", {"message": e["msg"]}),
                    loc=(kind, index, *e["loc"]),
                    input=e["input"],
                )
                for e in error.errors()
            ],
        ) from None


class SampledMarker:
    """Annotation that lets a field be a distribution over its type."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        inner = handler(source)

        def validate(value: Any, check: Callable[[Any], Any]) -> Any:
            if isinstance(value, Distribution):
                return value
            return _parse(value, check) if is_distribution(value) else check(value)

        return core_schema.no_info_wrap_validator_function(
            validate, inner, serialization=core_schema.plain_serializer_function_ser_schema(_plain)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), distribution_json_schema()]}


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, Distribution) else value


def distribution_json_schema() -> dict[str, Any]:
    """JSON schema of any distribution, for editors."""
    pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    four = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
    forms: dict[str, dict[str, Any]] = {
        "uniform": pair,
        "normal": pair,
        "truncated_normal": four,
        "loguniform": pair,
        "randint": pair,
        "choice": {"type": "array", "minItems": 1},
        "weighted": {"type": ["object", "array"]},
        "constant": {},
        "sphere_shell": {"type": "object", "required": ["radius_m"]},
        "so3": {"const": "uniform"},
    }
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": forms,
    }


T = TypeVar("T")
# To a type checker a Sampled[T] is a T: plugins only ever see drawn, concrete parameters.
Sampled = Annotated[T, SampledMarker()]
