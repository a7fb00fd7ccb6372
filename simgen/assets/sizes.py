"""Sizes that no scene can hold, refused before they overflow anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from simgen.errors import AssetError, Fault

MAX_M = 1000.0
MIN_M = 1e-5


def check_size(points_m: ArrayLike, where: str, cure: str) -> None:
    """Refuse points that are spread, or lie, farther than 1 km, or within 10 micrometres.

    Args:
        points_m: [N, 3].

    Raises:
        AssetError: with the extents and `cure`.
    """
    points = np.asarray(points_m, np.float64)
    extents = [float(v) for v in points.max(axis=0) - points.min(axis=0)]
    check_extents(extents, where, cure)
    reach = float(np.abs(points).max())
    if reach > MAX_M:
        what = f"it lies {reach:.4g} m from its origin; at most {MAX_M:g} m can be used"
        raise AssetError(Fault(where, what, "use `origin: base`, or " + cure))


def check_extents(extents_m: Sequence[float], where: str, cure: str) -> None:
    """Refuse extents of which the largest is more than 1 km or less than 10 micrometres.

    Raises:
        AssetError: with the extents and `cure`.
    """
    longest = max(extents_m)
    if not MIN_M <= longest <= MAX_M:
        size = " x ".join(f"{float(v):.4g}" for v in extents_m)
        limit = f"at most {MAX_M:g} m" if longest > MAX_M else f"at least {MIN_M:g} m"
        what = f"it is {size} m large; {limit} can be used"
        raise AssetError(Fault(where, what, cure))
