"""Draws: every distribution of the grammar, alone or deep inside a settings model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from simgen.plugin.protocols import Stream
from simgen.spec.distributions import Distribution

T = TypeVar("T")
_STANDARD = NormalDist()


def draw(setting: T, rng: Stream) -> T:
    """`setting` with every distribution in it replaced by a draw.

    Args:
        setting: a model, tuple, list, dict, distribution or plain value. What holds no
            distribution comes back as the same object.
        rng: stream; each value draws from the child named by its dotted path.

    The values are not validated again: the gate has checked what each distribution can reach
    against its field. `model_fields_set` stays as the user wrote it.
    """
    return cast(T, _draw(setting, rng))


def _draw(value: Any, rng: Stream) -> Any:
    if isinstance(value, Distribution):
        return draw_value(value, rng)
    if isinstance(value, BaseModel):
        return _draw_model(value, rng)
    if isinstance(value, (dict, list, tuple)) and _varies(value):
        if isinstance(value, dict):
            return {k: _draw(v, rng.child(str(k))) for k, v in value.items()}
        return type(value)([_draw(v, rng.child(str(i))) for i, v in enumerate(value)])
    return value


def _varies(value: Any) -> bool:
    """Whether there is a distribution anywhere in it."""
    if isinstance(value, BaseModel):
        return bool(_varying(value))
    if isinstance(value, dict):
        return any(map(_varies, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_varies, value))
    return isinstance(value, Distribution)


# Fields with a distribution inside, by the identity of the (frozen) model. The model is kept
# beside them, so that its identity cannot pass to another one.
_VARYING: dict[int, tuple[BaseModel, tuple[str, ...]]] = {}
_MOST_KEPT = 2048


def _varying(model: BaseModel) -> tuple[str, ...]:
    kept = _VARYING.get(id(model))
    if kept is not None:
        return kept[1]
    names = tuple(n for n in type(model).model_fields if _varies(getattr(model, n)))
    if len(_VARYING) >= _MOST_KEPT:
        _VARYING.clear()
    _VARYING[id(model)] = (model, names)
    return names


def _draw_model(model: BaseModel, rng: Stream) -> BaseModel:
    names = _varying(model)
    if not names:
        return model
    updates = {name: _draw(getattr(model, name), rng.child(name)) for name in names}
    written = set(model.model_fields_set)
    copy = model.model_copy(update=updates)
    # model_copy counts what it updates as written by the user; drawn defaults are not.
    object.__setattr__(copy, "__pydantic_fields_set__", written)
    return copy


def draw_value(distribution: Distribution, rng: Stream) -> Any:
    """One draw from a distribution; nested ones draw from a child of their own."""
    kind, args = distribution.kind, distribution.args
    if kind in _CONTINUOUS:
        value = _CONTINUOUS[kind](args, rng)
        _note(rng, value)
        return value
    items = args[0] if kind == "weighted" else args
    index = 0
    if kind == "choice":
        index = rng.integer(0, len(args) - 1)
    elif kind == "weighted":
        index = _weighted_index(args[1], rng)
    _note(rng, index)
    return _draw(items[index], rng.child(f"{kind}.{index}"))


def _note(rng: Stream, value: Any) -> None:
    """Put a drawn number (of choices: which) into the stream's ledger, if it keeps one."""
    ledger = getattr(rng, "ledger", None)
    if ledger is not None:
        ledger[rng.name] = value  # type: ignore[attr-defined]


def _weighted_index(weights: Sequence[float], rng: Stream) -> int:
    mark, last = rng.random() * math.fsum(weights), 0
    for index, weight in enumerate(weights):
        if weight > 0:
            last = index
            if mark < weight:
                return index
            mark -= weight
    return last  # rounding carried the mark past the end


def _uniform(args: tuple[Any, ...], rng: Stream) -> float:
    return rng.uniform(args[0], args[1])


def _loguniform(args: tuple[Any, ...], rng: Stream) -> float:
    low, high = math.log(args[0]), math.log(args[1])
    return _clip(math.exp(low + rng.random() * (high - low)), args[0], args[1])


def _randint(args: tuple[Any, ...], rng: Stream) -> int:
    return rng.integer(args[0], args[1])


def _normal(args: tuple[Any, ...], rng: Stream) -> float:
    return rng.normal(args[0], args[1])


def _truncated_normal(args: tuple[Any, ...], rng: Stream) -> float:
    """Inverse of the distribution function between the bounds, in the tail that is exact."""
    mean, std, low, high = args
    a, b = (low - mean) / std, (high - mean) / std
    sign = 1.0
    if a > 0:  # near 1 the distribution function has no digits left; mirror to the lower tail
        a, b, sign = -b, -a, -1.0
    below, above = _cdf(a), _cdf(b)
    p = below + rng.random() * (above - below)
    z = _STANDARD.inv_cdf(p) if 0.0 < p < 1.0 else (a if p <= 0.0 else b)
    return _clip(mean + sign * std * z, low, high)


def _sphere_shell(args: tuple[Any, ...], rng: Stream) -> tuple[float, float, float]:
    """Uniform by volume in the part of the shell between the elevations and azimuths."""
    (r0, r1), (e0, e1), (a0, a1) = args
    r = _clip(rng.uniform(r0**3, r1**3) ** (1 / 3), r0, r1)
    sine = rng.uniform(math.sin(math.radians(e0)), math.sin(math.radians(e1)))
    azimuth = math.radians(rng.uniform(a0, a1))
    flat = r * math.sqrt(max(0.0, 1.0 - sine * sine))
    return (flat * math.cos(azimuth), flat * math.sin(azimuth), r * sine)


def _so3(args: tuple[Any, ...], rng: Stream) -> tuple[float, float, float, float]:
    return rng.rotation()


def _cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


_CONTINUOUS = {
    "uniform": _uniform,
    "loguniform": _loguniform,
    "randint": _randint,
    "normal": _normal,
    "truncated_normal": _truncated_normal,
    "sphere_shell": _sphere_shell,
    "so3": _so3,
}
