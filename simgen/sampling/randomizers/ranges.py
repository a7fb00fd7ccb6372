"""Defaults that are distributions, for the settings of randomizers."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from simgen.spec.distributions import Distribution
from simgen.spec.fields import Color


def ranged(kind: str, *args: Any) -> Any:
    """`{kind: [args]}`, typed as the drawn value, like every Sampled setting.

    Of `weighted`: the values, then their weights.
    """
    written = [list(pair) for pair in zip(*args, strict=True)] if kind == "weighted" else args
    return Distribution(kind, args, f"{{{kind}: {list(written)}}}")


def one_of_colors(*written: str) -> Any:
    """`{choice: [...]}` of colours as '#rrggbb'."""
    return TypeAdapter(Color).validate_python({"choice": list(written)})
