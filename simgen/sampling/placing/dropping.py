"""Objects that are dropped: start poses without overlap, physics, and a second chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Kit, Stream
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.placing.tally import Space, Tally, ball_m, reach_m

Box = tuple[NDArray[np.float64], NDArray[np.float64]]

# Drops that an object gets in all; each costs a run of the physics engine.
MAX_DROPS = 4
_START_GAP_M = 0.004
_SPOTS = 4
_BELOW_TABLE_M = -0.001


def place_dropped(things: Sequence[DraftObject], space: Space, tally: Tally, rng: Stream) -> None:
    """Drop all objects at once onto the table and what lies there already.

    What falls off, sinks into something or does not come to rest is taken away; what it may
    have carried settles again, then it is dropped alone onto the others, a bounded number
    of times, and given up at last.
    """
    waiting = []
    for thing in things:
        low, high = tally.kit.bounds_m(thing)
        longest = float((high - low).max())
        if longest > 2 * space.radius_m:  # in no pose can it be inside; physics would only suffer
            limit = f"at most {2 * space.radius_m:.2f} m"
            tally.drop(thing, f"larger than the scene ({longest:.2f} m long; {limit})")
        else:
            waiting.append(thing)
    resting: list[DraftObject] = []
    fixed = [*space.fixed, *tally.placed]
    why: dict[str, str] = {}
    for attempt in range(min(MAX_DROPS, space.max_tries)):
        if not waiting:
            break
        started, bad = _start(waiting, [*fixed, *resting], space, tally, rng, attempt)
        good, fallen = _settled(started, [*fixed, *resting], space, tally)
        bad |= fallen
        if fallen and attempt == 0:  # what was taken away may have carried something
            good, shaken = _settled(good, fixed, space, tally)
            bad |= shaken
        resting += good
        waiting = [thing for thing in waiting if thing.name in bad]
        why |= bad
        tally.redrawn += len(waiting)
    tally.redrawn -= len(waiting)
    for thing in resting:
        tally.placed.append(thing)
    for thing in waiting:
        tally.drop(thing, why[thing.name])


def _settled(
    things: Sequence[DraftObject], fixed: Sequence[DraftObject], space: Space, tally: Tally
) -> tuple[list[DraftObject], dict[str, str]]:
    """Let things fall; those that may stay, and the reasons by name of those that may not."""
    if not things:
        return [], {}
    settled = tally.kit.settle(things, fixed, floor=space.floor, collision=space.collision)
    return _judge(things, settled.poses, settled.problems, space, tally)


def _judge(
    things: Sequence[DraftObject],
    poses: Sequence[Pose],
    problems: Sequence[str],
    space: Space,
    tally: Tally,
) -> tuple[list[DraftObject], dict[str, str]]:
    good, bad = [], {}
    for thing, pose, problem in zip(things, poses, problems, strict=True):
        posed = replace(thing, pose=pose)
        points = pose.apply(tally.kit.hull_m(thing))
        if not problem and not space.on_table((points.min(axis=0) + points.max(axis=0))[:2] / 2):
            problem = "fell off"
        if not problem and float(points[:, 2].min()) < _BELOW_TABLE_M:
            problem = "interpenetrates the table"
        reach = reach_m(tally.kit, posed)
        if not problem and reach > space.radius_m:
            limit = f"{space.radius_m:.2f} m"
            problem = f"reaches out of the scene ({reach:.2f} m from its middle, limit {limit})"
        if problem:
            bad[thing.name] = problem
        else:
            good.append(posed)
    return good, bad


def _start(
    things: Sequence[DraftObject],
    others: Sequence[DraftObject],
    space: Space,
    tally: Tally,
    rng: Stream,
    attempt: int,
) -> tuple[list[DraftObject], dict[str, str]]:
    """Poses just above whatever is below; of a few random spots the lowest is taken.

    What would start above the headroom finds no place this time.
    """
    kit = tally.kit
    boxes = [box for thing in others for box in _boxes(thing, space, kit)]
    out, homeless = [], {}
    for thing in things:
        own = rng.child(thing.name).child(f"drop{attempt}")
        turn = own.child("turn").rotation()
        middle, radius = ball_m(kit, thing)
        low, high = _box(Pose((0.0, 0.0, 0.0), turn), kit.hull_m(thing) - middle)
        spots = own.child("spot")
        best = (np.inf, 0.0, 0.0)
        for _ in range(_SPOTS):
            x, y = space.point(spots, radius)
            best = min(best, (_height(x, y, low, high, boxes), x, y))
        z, x, y = best
        if z + float(high[2]) > space.headroom_m:
            homeless[thing.name] = "no free place"
            continue
        shift = Pose((x, y, z), turn).apply(-middle)
        pose = Pose((float(shift[0]), float(shift[1]), float(shift[2])), turn)
        centre = np.array([x, y, z])
        boxes.append((low + centre, high + centre))
        out.append(replace(thing, pose=pose))
    return out, homeless


def _boxes(thing: DraftObject, space: Space, kit: Kit) -> list[Box]:
    """Bounds of a posed thing's convex pieces that lie below the headroom."""
    assert thing.pose is not None
    bounds = [_box(thing.pose, piece) for piece in kit.contact_m(thing, space.collision)]
    return [box for box in bounds if float(box[0][2]) < space.headroom_m]


def _box(pose: Pose, hull: NDArray[np.float64]) -> Box:
    points = pose.apply(hull)
    return points.min(axis=0), points.max(axis=0)


def _height(
    x: float,
    y: float,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    boxes: Sequence[Box],
) -> float:
    """Lowest z of the centre at which the box is clear of the table and of all boxes below."""
    ground = 0.0
    for other_low, other_high in boxes:
        apart = (
            x + low[0] >= other_high[0]
            or x + high[0] <= other_low[0]
            or y + low[1] >= other_high[1]
            or y + high[1] <= other_low[1]
        )
        if not apart:
            ground = max(ground, float(other_high[2]))
    return ground + _START_GAP_M - float(low[2])
