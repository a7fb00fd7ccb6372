"""The grammar of distributions: a mapping with one key, such as `{uniform: [0.2, 0.4]}`.

`Sampled[T]` is the type of a setting that is a T or a distribution over T. Every value that
a distribution can reach is checked against T at the gate (its `examples`), so a draw can
never leave the bounds of a field. The draws themselves live in `simgen.sampling.draws`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from simgen.spec.distribution_args import KINDS, BadArguments
from simgen.spec.wording import worded

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


def drawn_from(kind: str, *args: Any) -> Any:
    """A distribution as default of a `Sampled` setting; typed as the value that is drawn."""
    return Distribution(kind, args, f"{{{kind}: {list(args)}}}")


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
    except BadArguments as bad:
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
        message = f"{distribution.text} can give {shown}: {worded(first)}"
        if distribution.kind == "normal":
            message += " (truncated_normal: [mean, std, low, high] stays inside bounds)"
        raise PydanticCustomError("distribution", "{message}", {"message": message}) from None


def _located(value: Any, check: Callable[[Any], Any], kind: str, index: int) -> Any:
    try:
        if is_distribution(value):
            return _parse(value, check)
        return _check_key(value, check) if kind == "weighted" else check(value)
    except ValidationError as error:
        raise ValidationError.from_exception_data(
            kind,
            [
                InitErrorDetails(
                    type=PydanticCustomError("distribution", "{message}", {"message": worded(e)}),
                    loc=(kind, index, *e["loc"]),
                    input=e["input"],
                )
                for e in error.errors()
            ],
        ) from None


def _check_key(value: Any, check: Callable[[Any], Any]) -> Any:
    # Keys of YAML mappings such as `weighted: {0.5: 1}` are text, where a number may be meant.
    try:
        return check(value)
    except ValidationError:
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise
        return check(float(value))


_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def _check_plain(value: Any, check: Callable[[Any], Any]) -> Any:
    """A value that is no distribution; one that was meant to be one is told so."""
    try:
        return check(value)
    except ValidationError as error:
        # Only if the mapping itself is refused: a mapping of settings has faults inside it.
        whole = all(not item["loc"] for item in error.errors())
        message = _meant_distribution(value, whole) if isinstance(value, Mapping) else ""
        if message:
            raise PydanticCustomError("distribution", "{message}", {"message": message}) from None
        raise


def _meant_distribution(value: Mapping[Any, Any], whole: bool) -> str:
    names = [str(key) for key in value if key in KINDS]
    if len(names) > 1:
        return f"expected one distribution, got {len(names)}: {' and '.join(names)}"
    if not whole or not value:
        return ""
    if names:
        return f"expected nothing beside {names[0]!r}, got {', '.join(map(str, value))}"
    word = str(next(iter(value)))
    close = difflib.get_close_matches(word, KINDS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(KINDS)}"
    return f"unknown distribution {word!r}, {hint}"


class SampledMarker:
    """Annotation that lets a field be a distribution over its type."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        inner = handler(source)

        def validate(value: Any, check: Callable[[Any], Any]) -> Any:
            if isinstance(value, Distribution):
                return value
            return _parse(value, check) if is_distribution(value) else _check_plain(value, check)

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
