"""Objects that are dropped: start poses without overlap, physics, and a second chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simgen.plugin.protocols import Stream
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.placing.starting import started
from simgen.sampling.placing.tally import Space, Tally, reach_m

# Drops that an object gets in all; each costs a run of the physics engine.
MAX_DROPS = 4
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
        tries = {thing.name: attempt for thing in waiting}
        ready, bad = started(waiting, [*fixed, *resting], space, tally.kit, rng, tries)
        good, fallen = _settled(ready, [*fixed, *resting], space, tally)
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
