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
from simgen.sampling.placing.tally import Space, Tally, ball_m

_APART = 4.0  # radii between things that fall at the same time and must not meet
_ABOVE_M = 0.004
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

    Physics decides how a fallen thing lies, not where: it falls alone onto a plane and is set
    down at its spot, so that nothing rolls away and nothing lies on another. Places on a spiral
    as wide as the thing are tried; one that finds none free is dropped and counted.

    Args:
        things: with spots.
        fallen: names of those that fall; the others stand on their own base.
        yaw_deg: range of the yaw of those that stand.
    """
    falling = [thing for thing in things if thing.name in fallen]
    poses = _fallen(falling, space.collision, tally, rng)
    for thing in things:
        pose = poses.get(thing.name) or _standing(thing, yaw_deg, tally, rng)
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
        if not _inside(points + [*shift, 0.0], space):
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


def _inside(points: NDArray[np.float64], space: Space) -> bool:
    half = np.array(space.table_m) / 2
    on_table = bool((np.abs(points[:, :2]) <= half).all())
    return on_table and float(np.linalg.norm(points, axis=1).max()) <= space.radius_m


def _fallen(
    things: Sequence[DraftObject], collision: str, tally: Tally, rng: Stream
) -> dict[str, Pose]:
    """Poses of things that fell from a few millimetres, far from each other; by name.

    What does not come to rest has none.
    """
    if not things:
        return {}
    balls = [ball_m(tally.kit, thing) for thing in things]
    pitch = _APART * max(radius for _, radius in balls)
    columns = math.ceil(math.sqrt(len(things)))
    started = []
    for number, (thing, (middle, _)) in enumerate(zip(things, balls, strict=True)):
        turn = rng.child(thing.name).child("fall").child("turn").rotation()
        low = float(Pose((0.0, 0.0, 0.0), turn).apply(tally.kit.hull_m(thing) - middle)[:, 2].min())
        row, column = divmod(number, columns)
        at = np.array([column * pitch, row * pitch, _ABOVE_M - low])
        x, y, z = (float(v) for v in at - Pose((0.0, 0.0, 0.0), turn).apply(middle))
        started.append(replace(thing, pose=Pose((x, y, z), turn)))
    settled = tally.kit.settle(started, collision=collision)
    return {
        thing.name: pose
        for thing, pose, problem in zip(things, settled.poses, settled.problems, strict=True)
        if not problem
    }


def _standing(
    thing: DraftObject, yaw_deg: tuple[float, float], tally: Tally, rng: Stream
) -> Pose:
    low = float(tally.kit.bounds_m(thing)[0, 2])
    yaw = rng.child(thing.name).child("yaw").uniform(*yaw_deg)
    return Pose.from_yaw((0.0, 0.0, CLEARANCE_M - low), math.radians(yaw))
