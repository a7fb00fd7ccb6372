"""How a thing that is let go on a plane comes to lie: it rolls over edges until it is stable.

The quasi-static estimator of Goldberg, Mirtich, Zhuang, Craig and Carlisle (Part pose statistics,
IEEE T-RA 15(5), 1999): no speed, so it stops at the first face that carries it steadily. Physics
takes longer, and leaves one die in 17 standing on a bevel.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.records.pose import Pose, Quaternion, multiply

Floats = NDArray[np.float64]
_SLACK = 1e-6  # of the size: faces that lie in one plane are one
# A face carries a thing whose centre stands farther than this share of its height inside the edge
# to a lower face. The bevels of a die and the rim of a card do not: a breath tips them over.
_STEADY = 0.2


def toppled(hull_m: Floats, turn: Quaternion) -> Pose:
    """Pose on the plane z = 0, the middle of its bounding box above the origin.

    Args:
        hull_m: vertices float64[N, 3] of the convex hull, in the thing's frame.
        turn: how it is let go.
    """
    planes, centre = _solid(np.ascontiguousarray(hull_m, np.float64).tobytes())
    down = Pose((0.0, 0.0, 0.0), turn).apply_inverse(np.array([0.0, 0.0, -1.0]))
    size = float(np.ptp(hull_m, axis=0).max())
    depths = -(planes[:, :3] @ centre + planes[:, 3])
    facing = planes[:, :3] @ down
    # The face below the centre: shares of faces are their solid angles seen from there.
    face = int(np.where(facing > 1e-9, depths / np.maximum(facing, 1e-9), np.inf).argmin())
    for _ in range(len(planes)):  # each next face lies nearer to the centre, so none comes twice
        foot = centre + depths[face] * planes[face, :3]
        tilt = np.linalg.norm(np.cross(planes[:, :3], planes[face, :3]), axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            edge = -(planes[:, :3] @ foot + planes[:, 3]) / tilt
        near = (depths < depths[face] - _SLACK * size) & (edge < _STEADY * depths[face])
        if not near.any():
            break
        face = int(np.where(near, edge, np.inf).argmin())
    whole = multiply(_between(Pose((0.0, 0.0, 0.0), turn).apply(planes[face, :3])), turn)
    points = Pose((0.0, 0.0, 0.0), whole).apply(hull_m)
    low, high = points.min(axis=0), points.max(axis=0)
    x, y, z = (float(v) for v in (-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -low[2]))
    return Pose((x, y, z), whole)


def _between(normal: Floats) -> Quaternion:
    """The smallest turn that points a unit vector straight down."""
    w, axis = 1.0 - float(normal[2]), np.array([-normal[1], normal[0], 0.0])
    if w < 1e-9:  # straight up: half a turn about any level axis
        return (0.0, 1.0, 0.0, 0.0)
    q = np.array([w, *axis])
    a, b, c, d = (float(v) for v in q / np.linalg.norm(q))
    return (a, b, c, d)


@lru_cache(maxsize=512)
def _solid(hull: bytes) -> tuple[Floats, Floats]:
    """Half-spaces float64[F, 4] (n . x + c <= 0 inside) and the centre of the volume."""
    from scipy.spatial import ConvexHull

    points = np.frombuffer(hull, np.float64).reshape(-1, 3)
    # QJ joggles flat sets, which have no inside, until they have one.
    shape = ConvexHull(points, qhull_options="QJ" if _is_flat(points) else "")
    middle = points.mean(axis=0)
    corners = points[shape.simplices]
    parts = np.abs(np.linalg.det(corners - middle))
    if parts.sum() <= 0:
        return shape.equations, middle
    centre = (parts[:, None] * (corners.sum(axis=1) + middle) / 4).sum(axis=0) / parts.sum()
    return shape.equations, centre


def _is_flat(points: Floats) -> bool:
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return len(spread) < 3 or bool(spread[2] < 1e-6 * spread[0])
