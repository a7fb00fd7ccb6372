"""What each kind of distribution takes: its arguments checked and put in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any


class BadArguments(ValueError):
    """A distribution's arguments are wrong; the message says what was expected."""


def _numbers(value: Any, count: int, form: str) -> tuple[float, ...]:
    ok = isinstance(value, (list, tuple)) and len(value) == count
    if not ok or not all(is_number(v) for v in value):
        raise BadArguments(f"expected {form}, got {value!r}")
    return tuple(value)


def is_number(value: Any) -> bool:
    """Whether a YAML value is a finite number; booleans are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _ordered(value: Any, form: str) -> tuple[float, ...]:
    low, high = _numbers(value, 2, form)
    if low > high:
        raise BadArguments(f"expected low <= high in {form}, got [{low}, {high}]")
    return (low, high)


def _uniform(value: Any) -> tuple[Any, ...]:
    return _ordered(value, "uniform: [low, high]")


def _loguniform(value: Any) -> tuple[Any, ...]:
    low, high = _ordered(value, "loguniform: [low, high]")
    if low <= 0:
        raise BadArguments(f"expected low > 0 in loguniform: [low, high], got {low}")
    return (low, high)


def _randint(value: Any) -> tuple[Any, ...]:
    low, high = _ordered(value, "randint: [low, high], both ends included")
    if not (isinstance(low, int) and isinstance(high, int)):
        raise BadArguments(f"expected whole numbers in randint, got [{low}, {high}]")
    return (low, high)


def _normal(value: Any) -> tuple[Any, ...]:
    mean, std = _numbers(value, 2, "normal: [mean, standard deviation]")
    if std < 0:
        raise BadArguments(f"expected a standard deviation >= 0, got {std}")
    return (mean, std)


def _truncated_normal(value: Any) -> tuple[Any, ...]:
    mean, std, low, high = _numbers(value, 4, "truncated_normal: [mean, std, low, high]")
    if std <= 0 or low > high:
        raise BadArguments(f"expected std > 0 and low <= high, got {list(value)}")
    if low > mean + 8 * std or high < mean - 8 * std:
        raise BadArguments(
            f"[{low}, {high}] lies more than 8 standard deviations from the mean {mean}"
        )
    return (mean, std, low, high)


def _choice(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise BadArguments(f"expected choice: [first, second, ...], got {value!r}")
    return tuple(value)


def _weighted(value: Any) -> tuple[Any, ...]:
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    form = "weighted: {value: weight, ...} or [[value, weight], ...]"
    if not isinstance(pairs, (list, tuple)) or not pairs:
        raise BadArguments(f"expected {form}, got {value!r}")
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise BadArguments(f"expected {form}, got {value!r}")
    weights = [pair[1] for pair in pairs]
    if not all(is_number(w) and w >= 0 for w in weights) or sum(weights) <= 0:
        raise BadArguments(f"expected weights >= 0 with a positive sum, got {weights}")
    return (tuple(pair[0] for pair in pairs), tuple(float(w) for w in weights))


def _constant(value: Any) -> tuple[Any, ...]:
    return (value,)


def _sphere_shell(value: Any) -> tuple[Any, ...]:
    known = {"radius_m": (1.0, 1.0), "elevation_deg": (-90.0, 90.0), "azimuth_deg": (0.0, 360.0)}
    if not isinstance(value, Mapping) or "radius_m" not in value or set(value) - set(known):
        raise BadArguments(f"expected sphere_shell with radius_m and optionally {list(known)[1:]}")
    out = []
    for name, default in known.items():
        raw = value.get(name, default)
        low, high = (raw, raw) if is_number(raw) else _ordered(raw, f"{name}: [low, high]")
        if name == "radius_m" and low <= 0:
            raise BadArguments(f"expected radius_m > 0, got {low}")
        if name == "elevation_deg" and not (low >= -90 and high <= 90):
            raise BadArguments(f"expected elevation_deg in [-90, 90], got [{low}, {high}]")
        out.append((float(low), float(high)))
    return tuple(out)


def _so3(value: Any) -> tuple[Any, ...]:
    if value not in ("uniform", None, {}):
        raise BadArguments(f"expected so3: uniform, got {value!r}")
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
