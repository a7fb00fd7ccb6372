"""The lowest plane over given points: a linear program in three unknowns, by dual simplex.

Minimise the plane's height at the origin subject to lying on or above every point. The optimum
is the facet above the origin of the points' upper hull: three points whose triangle contains
the origin. From any such triangle, the point that sticks out most replaces the corner that
keeps the origin inside; each exchange raises the plane, so the search ends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_EXCHANGES = 200
_TOLERANCE = 1e-10
_INSIDE = -1e-9


def supporting_plane(points: Floats, heights: Floats, ring: int) -> Floats:
    """Coefficients (a, u, v) of z = a + u x + v y.

    Args:
        points: float64[N, 2] about the origin, of the order of 1.
        heights: float64[N], of the order of 1.
        ring: the first `ring` points surround the origin, convex, in order.
    """
    rows = np.column_stack([np.ones(len(points)), points])
    plane = _exchange(points, heights, rows, _first_triangle(points, ring))
    if plane is None:
        plane = _by_linear_program(heights, rows)
    plane[0] += max(0.0, float((heights - rows @ plane).max()))
    return plane


def _exchange(points: Floats, heights: Floats, rows: Floats, basis: list[int]) -> Floats | None:
    """The search; None where the origin lies on an edge and the exchange has no way on."""
    for _ in range(_EXCHANGES):
        plane: Floats = np.linalg.solve(rows[basis], heights[basis])
        above = heights - rows @ plane
        worst = int(above.argmax())
        if above[worst] <= _TOLERANCE:
            return plane
        options = [[worst if n == k else b for n, b in enumerate(basis)] for k in range(3)]
        inside = [_containment(points[option]) for option in options]
        if max(inside) < _INSIDE:
            return None
        basis = options[int(np.argmax(inside))]
    return None


def _by_linear_program(heights: Floats, rows: Floats) -> Floats:
    from scipy.optimize import linprog

    answer = linprog(
        [1.0, 0.0, 0.0], A_ub=-rows, b_ub=-heights, bounds=[(None, None)] * 3, method="highs-ds"
    )
    plane: Floats = answer.x
    return plane


def _first_triangle(points: Floats, ring: int) -> list[int]:
    """The triangle of the ring's fan that holds the origin best."""
    fans = [[0, k, k + 1] for k in range(1, ring - 1)]
    return max(fans, key=lambda fan: _containment(points[fan]))


def _containment(corners: Floats) -> float:
    """Smallest barycentric coordinate of the origin in a triangle; -inf if it has no area."""
    (ax, ay), (bx, by), (cx, cy) = corners
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if abs(area) < 1e-12:
        return -np.inf
    parts = (bx * cy - by * cx, cx * ay - cy * ax, ax * by - ay * bx)
    return float(min(part / area for part in parts))
