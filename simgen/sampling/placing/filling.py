"""Filling a container: layer on layer, the top two free to move, until it is full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simgen.plugin.protocols import Stream
from simgen.records.world import DraftObject
from simgen.sampling.placing.dropping import MAX_DROPS
from simgen.sampling.placing.starting import started
from simgen.sampling.placing.tally import Space, Tally, ball_m

# Share of the floor that a layer's bounding circles may cover, and the most things in a layer:
# physics takes more than twice the time for twice the bodies.
_COVER = 0.9
_MOST_IN_LAYER = 16
_SETTLE_S = 3.0
_CELLS = 12  # along an edge of the floor, where the heap's height is measured


@dataclass(frozen=True)
class Room:
    """The room inside a container; all in the container's own frame.

    Args:
        container: posed there, so that gravity points down.
        bottom_m, top_m: clear width and depth at the floor and at the edge.
        floor_m, height_m: heights of the floor's upper side and of the edge.
        fill_m: no more is dropped once the heap's mean height has reached this.
    """

    container: DraftObject
    bottom_m: tuple[float, float]
    top_m: tuple[float, float]
    floor_m: float
    height_m: float
    fill_m: float

    def holds(self, middle: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
        """Whether a thing whose middle (in the container's frame) is here lies inside."""
        share = (float(middle[2]) - self.floor_m) / (self.height_m - self.floor_m)
        share = min(max(share, 0.0), 1.0)
        limits = [b + share * (t - b) for b, t in zip(self.bottom_m, self.top_m, strict=True)]
        inside = all(abs(float(m)) <= limit / 2 for m, limit in zip(middle, limits, strict=False))
        return inside and float(middle[2]) > self.floor_m


@dataclass
class _Heap:
    """What lies in the container: at rest for good, and the last layer, which may still move."""

    resting: list[DraftObject] = field(default_factory=list)
    loose: list[DraftObject] = field(default_factory=list)


def fill(
    things: Sequence[DraftObject], room: Room, space: Space, tally: Tally, rng: Stream
) -> None:
    """Fill the room with things in the order given.

    Each layer is dropped onto the one before, which may give way; deeper ones are fixed. What
    ends outside, explodes, does not rest or sinks into something is taken away and dropped again
    with a later layer, from a stream of its own, a bounded number of times.

    Args:
        space: its area is the floor; its fixed things hold the heap besides the container.
        rng: thing T's drop N draws from `T.dropN`.
    """
    heap, waiting, drops = _Heap(), list(things), dict.fromkeys((t.name for t in things), 0)
    why: dict[str, str] = {}
    while waiting:
        layer = _layer(waiting, space, tally)
        if _level_m(heap, room, tally) >= room.fill_m:
            break
        waiting = waiting[len(layer) :]
        bad = _drop_layer(layer, heap, room, space, tally, rng, drops)
        for name, reason in bad.items():
            why[name] = reason
            drops[name] += 1
            thing = next(t for t in things if t.name == name)
            if drops[name] < min(MAX_DROPS, space.max_tries):
                tally.redrawn += 1
                waiting.append(thing)
            else:
                tally.drop(thing, reason)
    for thing in waiting:
        tally.drop(thing, why.get(thing.name, "the container is full"))
    tally.placed += [*heap.resting, *heap.loose]


def _layer(waiting: Sequence[DraftObject], space: Space, tally: Tally) -> list[DraftObject]:
    """The next things that find room side by side, at least one."""
    free = _COVER * space.area_m[0] * space.area_m[1]
    out: list[DraftObject] = []
    for thing in waiting[:_MOST_IN_LAYER]:
        free -= np.pi * ball_m(tally.kit, thing)[1] ** 2
        if out and free < 0:
            break
        out.append(thing)
    return out


def _level_m(heap: _Heap, room: Room, tally: Tally) -> float:
    """Mean height of the heap over the floor, things seen as the boxes about them."""
    edges = [np.linspace(-edge / 2, edge / 2, _CELLS + 1) for edge in room.bottom_m]
    tops = np.full((_CELLS, _CELLS), room.floor_m)
    for thing in (*heap.resting, *heap.loose):
        assert thing.pose is not None
        cloud = thing.pose.apply(tally.kit.hull_m(thing))
        low, high = cloud.min(axis=0), cloud.max(axis=0)
        x, y = (
            (edge[:-1] < high[axis]) & (edge[1:] > low[axis]) for axis, edge in enumerate(edges)
        )
        under = np.outer(x, y)
        tops[under] = np.maximum(tops[under], high[2])
    return float(tops.mean())


def _drop_layer(
    layer: Sequence[DraftObject],
    heap: _Heap,
    room: Room,
    space: Space,
    tally: Tally,
    rng: Stream,
    drops: dict[str, int],
) -> dict[str, str]:
    """Drop a layer; the reasons by name of what cannot stay."""
    kit, solid = tally.kit, (*space.fixed, room.container)
    tries = {thing.name: drops[thing.name] for thing in layer}
    ready, bad = started(layer, [*solid, *heap.resting, *heap.loose], space, kit, rng, tries)
    moving = [*heap.loose, *ready]
    for _ in range(2):  # once more where something was taken away that may have carried others
        settled = kit.settle(
            moving,
            [*solid, *heap.resting],
            collision=space.collision,
            max_seconds=_SETTLE_S,
        )
        kept, fallen = [], False
        for thing, pose, problem in zip(moving, settled.poses, settled.problems, strict=True):
            posed = replace(thing, pose=pose)
            problem = problem or _outside(posed, room, tally)
            if problem:
                bad[thing.name], fallen = problem, True
            else:
                kept.append(posed)
        moving = kept
        if not fallen:
            break
    names = {thing.name for thing in ready}
    heap.resting += [thing for thing in moving if thing.name not in names]
    heap.loose = [thing for thing in moving if thing.name in names]
    return bad


def _outside(thing: DraftObject, room: Room, tally: Tally) -> str:
    """Why a thing at rest is not in the container, or ""."""
    assert thing.pose is not None
    points = thing.pose.apply(tally.kit.hull_m(thing))
    return "" if room.holds((points.min(axis=0) + points.max(axis=0)) / 2) else "fell out"
