"""Space and Tally: where things may go, and what became of them so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simgen.plugin.protocols import Kit, Stream
from simgen.records.pose import Pose
from simgen.records.world import DraftObject, PlacementCounts


@dataclass(frozen=True)
class Space:
    """Where objects may be put.

    Args:
        area_m: width and depth of the region for objects, about the origin.
        table_m: width and depth of the table top.
        gap_m: smallest distance between footprints.
        max_tries: places that are tried per object.
        radius_m: nothing may reach farther from the origin.
        collision: shapes for physics: `auto`, `hull` or `decompose`.
        fixed: posed things that do not move, besides those that were placed.
        floor: whether z = 0 is solid everywhere, not only where something fixed is.
        headroom_m: free height above z = 0.
    """

    area_m: tuple[float, float]
    table_m: tuple[float, float]
    gap_m: float
    max_tries: int
    radius_m: float
    collision: str = "auto"
    fixed: tuple[DraftObject, ...] = ()
    floor: bool = True
    headroom_m: float = math.inf

    def point(self, rng: Stream, inset_m: float) -> tuple[float, float]:
        """A uniform point of the region, `inset_m` away from its edge where that is possible."""
        x, y = (max(0.0, edge / 2 - inset_m) for edge in self.area_m)
        return (rng.uniform(-x, x), rng.uniform(-y, y))

    def on_table(self, xy: Sequence[float]) -> bool:
        """Whether a point lies on the table."""
        return abs(xy[0]) <= self.table_m[0] / 2 and abs(xy[1]) <= self.table_m[1] / 2


@dataclass
class Tally:
    """What became of the objects, while a world is being laid out.

    Args:
        placed: with poses, in the order in which they were placed.
        dropped: reason by name.
        redrawn: places that were thrown away and drawn again.
        outlines: shapely polygons of what stands on the table.
    """

    kit: Kit
    placed: list[DraftObject] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    redrawn: int = 0
    outlines: list[Any] = field(default_factory=list)

    def put(self, thing: DraftObject, pose: Pose, outline: Any = None) -> None:
        """Keep a place."""
        self.placed.append(replace(thing, pose=pose))
        if outline is not None:
            self.outlines.append(outline)

    def drop(self, thing: DraftObject, reason: str) -> None:
        """Give an object up, by rule and counted."""
        self.dropped[thing.name] = reason

    def in_order(self) -> tuple[DraftObject, ...]:
        """Placed objects in the order in which they were drawn, so that ids are stable."""
        by_name = {thing.name: thing for thing in self.placed}
        return tuple(by_name[t.name] for t in self.kit.objects if t.name in by_name)

    def counts(self) -> PlacementCounts:
        """Requested, placed, redrawn, dropped; they add up."""
        dropped = tuple(
            f"{t.name}: {self.dropped[t.name]}" for t in self.kit.objects if t.name in self.dropped
        )
        return PlacementCounts(len(self.kit.objects), len(self.placed), self.redrawn, dropped)


def flat_radius_m(kit: Kit, thing: DraftObject) -> float:
    """Horizontal distance of the farthest hull vertex from the object's origin."""
    return float(np.hypot(*kit.hull_m(thing)[:, :2].T).max())


def ball_m(kit: Kit, thing: DraftObject) -> tuple[np.ndarray[Any, np.dtype[np.float64]], float]:
    """Centre (object frame) and radius of a ball about the bounding box that holds the hull."""
    hull = kit.hull_m(thing)
    middle = (hull.min(axis=0) + hull.max(axis=0)) / 2
    return middle, float(np.linalg.norm(hull - middle, axis=1).max())


def reach_m(kit: Kit, thing: DraftObject) -> float:
    """Distance of a posed object's farthest hull vertex from the world's origin."""
    if thing.pose is None:
        return math.inf
    return float(np.linalg.norm(thing.pose.apply(kit.hull_m(thing)), axis=1).max())
