"""Defaults that are distributions, for the settings of randomizers."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from simgen.spec.distributions import Distribution
from simgen.spec.fields import Color


def ranged(kind: str, *args: Any) -> Any:
    """`{kind: [args]}`, typed as the drawn value, like every Sampled setting."""
    return Distribution(kind, args, f"{{{kind}: {list(args)}}}")


def one_of_colors(*written: str) -> Any:
    """`{choice: [...]}` of colours as '#rrggbb'."""
    return TypeAdapter(Color).validate_python({"choice": list(written)})
