"""Defaults that are distributions, for the settings of randomizers."""

from __future__ import annotations

from typing import Any

from simgen.spec.distributions import Distribution


def ranged(kind: str, *args: Any) -> Any:
    """`{kind: [args]}`, typed as the drawn value, like every Sampled setting."""
    return Distribution(kind, args, f"{{{kind}: {list(args)}}}")
