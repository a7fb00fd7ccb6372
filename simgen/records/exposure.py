"""Exposure: from linear light to display values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Exposure:
    """How linear light becomes display values.

    Args:
        mode: `auto` is metered by the ray caster, then shifted by `ev`; `manual` is `ev` alone.
        ev: stops; +1 doubles the brightness.
    """

    mode: Literal["auto", "manual"] = "auto"
    ev: float = 0.0
