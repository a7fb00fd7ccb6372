"""Things on their way along the belt: lanes, distances, poses at rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simgen.plugin import Kit, Platform, Stream
from simgen.records.pose import Pose, Velocity
from simgen.records.world import DraftObject, PlacementCounts

_EDGE_M = 0.02  # free at the sides of the belt and at its ends


@dataclass
class Line:
    """Fills the lanes of a belt from its far end (+x) backwards.

    Args:
        belt_m: length and width.
        belt: the posed belt.
        beside: posed parts that must not be touched.
    """

    params: Any
    kit: Kit
    belt_m: tuple[float, float]
    belt: DraftObject
    beside: Sequence[DraftObject]
    _dropped: dict[str, str] = field(default_factory=dict)
    _redrawn: int = 0
    _placed: int = 0

    def filled(self, rng: Stream, speed_m_s: float) -> tuple[DraftObject, ...]:
        """The things that found a place, moving with the belt, in the order drawn."""
        length = self.belt_m[0]
        lanes = int(self.params.lanes)
        ahead = [length / 2 - _EDGE_M] * lanes  # x that is still free, by lane
        placed: dict[str, DraftObject] = {}
        for thing in rng.child("order").shuffled(self.kit.objects):
            own = rng.child(thing.name)
            lane = max(range(lanes), key=lambda n: ahead[n])
            spacing = float(own.child("spacing").draw(self.params.spacing_m))
            lies = own.child("how").random() < self.params.drop
            # What is too long to lie in any direction in its lane stands instead.
            lies = lies and self._reach_m(thing, lies=True) <= self._lane_m()
            slot = self._slot(thing, lies, lane, ahead[lane] - spacing, own)
            if slot is None:
                continue
            here = self._put(thing, slot, lies, list(placed.values()), own)
            if here is not None:
                placed[thing.name] = here
                ahead[lane] = slot.pose.position_m[0] - slot.size_m[0] / 2
        self._placed = len(placed)
        moving = Velocity((speed_m_s, 0.0, 0.0))
        return tuple(
            replace(placed[thing.name], velocity=moving)
            for thing in self.kit.objects
            if thing.name in placed
        )

    def counts(self) -> PlacementCounts:
        """What became of all things."""
        dropped = tuple(f"{name}: {reason}" for name, reason in self._dropped.items())
        return PlacementCounts(len(self.kit.objects), self._placed, self._redrawn, dropped)

    def _lane_m(self) -> float:
        rails = 0.03 if float(self.params.rail_m) > 0 else 0.0
        return (self.belt_m[1] - 2 * (_EDGE_M + rails)) / int(self.params.lanes)

    def _reach_m(self, thing: DraftObject, lies: bool) -> float:
        extent = np.ptp(self.kit.bounds_m(thing), axis=0)
        return float(extent.max() if lies else math.hypot(extent[0], extent[1]))

    def _slot(
        self, thing: DraftObject, lies: bool, lane: int, end_x: float, rng: Stream
    ) -> Platform | None:
        """The stretch of its lane that a thing may use; None: it is counted as dropped."""
        reach, lane_m = self._reach_m(thing, lies), self._lane_m()
        if reach > lane_m:
            self._dropped[thing.name] = f"wider than a lane ({reach:.2f} m; {lane_m:.2f} m)"
            return None
        if end_x - reach < -self.belt_m[0] / 2 + _EDGE_M:
            self._dropped[thing.name] = "no room left on the belt"
            return None
        middle = (lane + 0.5 - int(self.params.lanes) / 2) * lane_m
        free = (lane_m - reach) / 2 * self.params.aside
        y = middle + rng.child("aside").uniform(-free, free)
        pose = Pose((end_x - reach / 2, y, 0.0))
        return Platform(f"lane{lane}", pose, (reach + 1e-6, reach + 1e-6), support=self.belt)

    def _put(
        self,
        thing: DraftObject,
        slot: Platform,
        lies: bool,
        others: Sequence[DraftObject],
        rng: Stream,
    ) -> DraftObject | None:
        near = [other for other in others if _between_m(other, slot) < 2 * slot.size_m[0] + 0.3]
        put = self.kit.place_on(
            [thing],
            slot,
            rng,
            around=[*self.beside, *near],
            how="drop" if lies else "stand",
            gap_m=0.0,
            yaw_deg=self.params.yaw_deg,
        )
        self._redrawn += put.redrawn
        self._dropped |= put.dropped
        return put.things[0] if put.things else None


def _between_m(other: DraftObject, slot: Platform) -> float:
    assert other.pose is not None
    return abs(other.pose.position_m[0] - slot.pose.position_m[0])
