"""Objects at places that a randomizer wants: each lies as it fell alone, or stands."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Stream
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.placing.fitting import footprint
from simgen.sampling.placing.standing import CLEARANCE_M
from simgen.sampling.placing.tally import Space, Tally
from simgen.sampling.placing.toppling import toppled

_GOLDEN_RAD = math.pi * (3 - math.sqrt(5))


def place_spotted(
    things: Sequence[DraftObject],
    fallen: Collection[str],
    space: Space,
    yaw_deg: tuple[float, float],
    tally: Tally,
    rng: Stream,
) -> None:
    """Put things where they are wanted, or as near to it as what lies there already allows.

    No physics: a fallen thing is let go at its spot as if it were alone, so that nothing rolls
    away and nothing lies on another. Places on a spiral as far as the thing's diagonal are
    tried; one that finds none free is dropped and counted.

    Args:
        things: with spots.
        fallen: names of those that fall; the others stand on their own base.
        yaw_deg: range of the yaw of those that stand.
    """
    for thing in things:
        own = rng.child(thing.name)
        if thing.name in fallen:
            turn = own.child("fall").rotation()
            pose = _raised(toppled(tally.kit.hull_m(thing), turn))
        else:
            pose = _standing(thing, own.child("yaw").uniform(*yaw_deg), tally)
        why = _put(replace(thing, pose=pose), space, tally)
        if why:
            tally.drop(thing, why)


def _put(thing: DraftObject, space: Space, tally: Tally) -> str:
    """Move a posed thing to the first free place about its spot; "" or why there is none."""
    import shapely

    spot, pose = thing.spot, thing.pose
    assert spot is not None
    assert pose is not None
    hull = tally.kit.hull_m(thing)
    points = pose.apply(hull)
    corners = points[footprint(points), :2]
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    reach = float(np.linalg.norm(corners - middle, axis=1).max())
    why = "off the table"
    for attempt in range(space.max_tries):
        away = 2 * reach * math.sqrt(attempt / space.max_tries)
        turn = attempt * _GOLDEN_RAD
        shift = np.array([spot.x_m + away * math.cos(turn), spot.y_m + away * math.sin(turn)])
        shift -= middle
        if not _inside(points, shift, space):
            continue
        why = "no free place near its spot"
        polygon = shapely.polygons(corners + shift)
        apart = shapely.distance(polygon, np.array(tally.outlines)) if tally.outlines else np.inf
        if float(np.min(apart)) > spot.gap_m:
            x, y, z = pose.position_m
            moved = (x + float(shift[0]), y + float(shift[1]), z)
            tally.put(thing, replace(pose, position_m=moved), polygon)
            return ""
        tally.redrawn += 1
    return why


def _inside(points: NDArray[np.float64], shift: NDArray[np.float64], space: Space) -> bool:
    points = np.column_stack([points[:, :2] + shift, points[:, 2]])
    half = np.array(space.table_m) / 2
    on_table = bool((np.abs(points[:, :2]) <= half).all())
    return on_table and float(np.linalg.norm(points, axis=1).max()) <= space.radius_m


def _raised(pose: Pose) -> Pose:
    x, y, z = pose.position_m
    return replace(pose, position_m=(x, y, z + CLEARANCE_M))


def _standing(thing: DraftObject, yaw_deg: float, tally: Tally) -> Pose:
    # Not the hull's lowest vertex: a hull of few vertices may lie inside the mesh.
    low = float(tally.kit.bounds_m(thing)[0, 2])
    return Pose.from_yaw((0.0, 0.0, CLEARANCE_M - low), math.radians(yaw_deg))
