"""Boards, and what stands on them: goods, facings, products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.pose import Quaternion
from simgen.records.world import DraftObject


@dataclass(frozen=True)
class Board:
    """A board that goods stand on.

    Args:
        number: from 0, the lowest.
        top_m: height of its upper side.
        width_m, depth_m: of its upper side, about x = 0 and from `front_m` towards +y.
        front_m: y of its front edge.
        headroom_m: free height above it.
    """

    number: int
    top_m: float
    width_m: float
    depth_m: float
    front_m: float
    headroom_m: float


@dataclass(frozen=True)
class Turned:
    """A good in the orientation in which it stands.

    Args:
        box_m: float64[2, 3], smallest and largest corner in that orientation, about its origin.
    """

    thing: DraftObject
    quaternion_wxyz: Quaternion
    box_m: NDArray[np.float64]

    @property
    def edges_m(self) -> tuple[float, float, float]:
        """Extents along the world's axes."""
        x, y, z = (float(v) for v in self.box_m[1] - self.box_m[0])
        return (x, y, z)


@dataclass(frozen=True)
class Facing:
    """Goods behind one another, the front one first; none: sold out.

    Args:
        from_front_m: from the board's front edge to the first good.
    """

    goods: tuple[Turned, ...]
    width_m: float
    from_front_m: float


@dataclass(frozen=True)
class Block:
    """Where the facings of a product are on a board: x of the left end, and their width."""

    board: Board
    left_m: float
    width_m: float
