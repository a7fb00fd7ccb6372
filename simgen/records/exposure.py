"""Exposure: from linear light to display values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simgen.records.absent import leave_out


@dataclass(frozen=True)
class Exposure:
    """How linear light becomes display values.

    Args:
        mode: `auto` is metered by the ray caster, then shifted by `ev`; `manual` is `ev` alone.
        ev: stops; +1 doubles the brightness.
        white_balance: factors on linear red, green and blue; None leaves them.
    """

    mode: Literal["auto", "manual"] = "auto"
    ev: float = 0.0
    white_balance: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "white_balance")

    def gain(self, applied_ev: float) -> NDArray[np.float32]:
        """Factors float32[3] on linear light.

        Args:
            applied_ev: stops, metered ones included.
        """
        factors = self.white_balance or (1.0, 1.0, 1.0)
        return np.array([factor * 2.0**applied_ev for factor in factors], np.float32)
