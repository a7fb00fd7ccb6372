"""Thin plates at rest on a table and on each other, computed without a physics engine.

A plate's bottom is the plane z = a + sx x + sy y. It must stay above the table at its own
corners and above the top plane of every plate put down before it wherever the two overlap:
since both are planes and the overlap is a convex polygon, at that polygon's corners. Among
all such planes the lowest centre of mass wins: a linear program in (a, sx, sy). Physics
engines cannot do this: plates of 0.3 mm sink into each other by more than they are thick.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.pose import Pose, Quaternion, multiply
from simgen.sampling.supporting_plane import supporting_plane

Points = NDArray[np.float64]

MAX_THICKNESS_M = 0.002
MAX_SLOPE = 0.5
# Air between two plates; 0.05 mm is promised anywhere in space, tilt included.
_GAP_M = 0.00006
_HALF_TURN: Quaternion = (0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Outline:
    """A plate laid flat at a place, before it is lowered.

    Args:
        x_m, y_m, yaw_rad: of the object's origin.
        flipped: face down (half a turn about the object's x axis).
        corners_m: float64[N, 2], convex, counter-clockwise, world x and y.
        bottom_m, top_m: heights of its two faces above the object's origin.
        polygon: the corners as shapely polygon.
    """

    x_m: float
    y_m: float
    yaw_rad: float
    flipped: bool
    corners_m: Points
    bottom_m: float
    top_m: float
    polygon: Any

    @property
    def thickness_m(self) -> float:
        """Distance of the faces."""
        return self.top_m - self.bottom_m

    @property
    def reach_m(self) -> float:
        """Largest horizontal distance of a corner from the object's origin."""
        return float(np.hypot(*(self.corners_m - (self.x_m, self.y_m)).T).max())


@dataclass(frozen=True)
class Plate:
    """A plate at rest.

    Args:
        slope: (sx, sy), dimensionless.
        height_m: the bottom plane's z above x = y = 0.
    """

    outline: Outline
    slope: tuple[float, float]
    height_m: float

    @property
    def steepness(self) -> float:
        """Length of the slope."""
        return math.hypot(*self.slope)

    def top_at(self, xy: Points) -> Points:
        """Height of the top plane above points float64[N, 2]."""
        rise = self.outline.thickness_m * math.sqrt(1.0 + self.steepness**2)
        out: Points = self.height_m + xy @ np.array(self.slope) + rise
        return out

    def pose(self) -> Pose:
        """Pose of the object."""
        line, s = self.outline, self.steepness
        normal = np.array([-self.slope[0], -self.slope[1], 1.0]) / math.sqrt(1.0 + s * s)
        turn: Quaternion = (math.cos(line.yaw_rad / 2), 0.0, 0.0, math.sin(line.yaw_rad / 2))
        if line.flipped:
            turn = multiply(turn, _HALF_TURN)
        if s > 0:
            half = math.atan(s) / 2
            axis = (self.slope[1] / s, -self.slope[0] / s)
            turn = multiply(
                (math.cos(half), axis[0] * math.sin(half), axis[1] * math.sin(half), 0.0), turn
            )
        foot = np.array([line.x_m, line.y_m, 0.0])
        foot[2] = self.height_m + float(foot[:2] @ np.array(self.slope))
        x, y, z = (float(v) for v in foot - normal * line.bottom_m)
        return Pose((x, y, z), turn if turn[0] >= 0 else (-turn[0], -turn[1], -turn[2], -turn[3]))


def outline(hull_m: Points, x_m: float, y_m: float, yaw_rad: float, flipped: bool) -> Outline:
    """Outline of an object with these hull vertices (object frame, scaled) at a place."""
    import shapely

    local = hull_m * (1.0, -1.0, -1.0) if flipped else hull_m
    c, s = math.cos(yaw_rad), math.sin(yaw_rad)
    flat = local[:, :2] @ np.array([[c, s], [-s, c]]) + (x_m, y_m)
    polygon = shapely.orient_polygons(shapely.convex_hull(shapely.multipoints(flat)))
    corners = shapely.get_coordinates(polygon)[:-1]
    low, high = float(local[:, 2].min()), float(local[:, 2].max())
    return Outline(x_m, y_m, yaw_rad, flipped, corners, low, high, polygon)


def lay_down(line: Outline, below: Sequence[Plate]) -> Plate | None:
    """The plate at rest on the table (z = 0) and on the plates put down before it.

    Returns:
        None if it would have to stand steeper than `MAX_SLOPE`.
    """
    steepest = max((plate.steepness for plate in below), default=0.0)
    guess = 0.02
    while guess <= MAX_SLOPE:
        bound = max(guess, steepest)
        points, heights = _constraints(line, below, bound)
        plate = _lowest(line, points, heights)
        if plate.steepness <= bound:
            return plate
        guess = 1.5 * plate.steepness
    return None


def _constraints(line: Outline, below: Sequence[Plate], steepness: float) -> tuple[Points, Points]:
    """Points float64[N, 2] over which the bottom must lie at least float64[N] high."""
    import shapely

    gap = _GAP_M * math.sqrt(1.0 + steepness**2)
    points, heights = [line.corners_m], [np.full(len(line.corners_m), gap)]
    if not below:
        return points[0], heights[0]
    # Tilted plates reach over other ground than flat ones: their length shrinks by the cosine,
    # their top edges lean out. Wider outlines cover both, and the gap to the side.
    reach = max(line.reach_m, *(plate.outline.reach_m for plate in below))
    thick = max(line.thickness_m, *(plate.outline.thickness_m for plate in below))
    widen = 0.5 * _GAP_M + 0.5 * reach * steepness**2 + thick * steepness
    own = shapely.buffer(line.polygon, widen, join_style="mitre")
    others = shapely.buffer(
        np.array([plate.outline.polygon for plate in below]), widen, join_style="mitre"
    )
    shared = shapely.intersection(own, others)
    for plate, common in zip(below, shared, strict=True):
        if shapely.is_empty(common):
            continue
        corners = shapely.get_coordinates(common)
        points.append(corners)
        heights.append(plate.top_at(corners) + gap)
    return np.concatenate(points), np.concatenate(heights)


def _lowest(line: Outline, points: Points, heights: Points) -> Plate:
    """The plane over all points whose height at the outline's centroid is least."""
    import shapely

    lift = float(heights[0])
    if bool((heights == lift).all()):
        return Plate(line, (0.0, 0.0), lift)
    middle = shapely.get_coordinates(shapely.centroid(line.polygon))[0]
    size, unit = line.reach_m, float(heights.max())
    ring = len(line.corners_m)
    a, u, v = unit * supporting_plane((points - middle) / size, heights / unit, ring)
    sx, sy = float(u / size), float(v / size)
    return Plate(line, (sx, sy), float(a - (sx * middle[0] + sy * middle[1])))
