"""Where drops start: just above whatever is below, nothing touching anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Kit, Stream
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.placing.fitting import footprint
from simgen.sampling.placing.tally import Space, ball_m

Floats = NDArray[np.float64]
_GAP_M = 0.004
_SPOTS = 4


def started(
    things: Sequence[DraftObject],
    others: Sequence[DraftObject],
    space: Space,
    kit: Kit,
    rng: Stream,
    tries: Mapping[str, int],
) -> tuple[list[DraftObject], dict[str, str]]:
    """Poses just above whatever is below; of a few random spots the lowest is taken.

    What would start above the headroom finds no place this time.

    Args:
        others: posed things that are there already.
        tries: number of this drop by name; drop N draws from `THING.dropN`.
    """
    blocks = _Blocks()
    for thing in others:
        assert thing.pose is not None
        for piece in kit.contact_m(thing, space.collision):
            blocks.add(thing.pose.apply(piece), space.headroom_m)
    out, homeless = [], {}
    for thing in things:
        own = rng.child(thing.name).child(f"drop{tries[thing.name]}")
        turn = own.child("turn").rotation()
        middle, radius = ball_m(kit, thing)
        cloud = Pose((0.0, 0.0, 0.0), turn).apply(kit.hull_m(thing) - middle)
        low, high = cloud.min(axis=0), cloud.max(axis=0)
        spots = own.child("spot")
        best = (np.inf, 0.0, 0.0)
        for _ in range(_SPOTS):
            x, y = space.point(spots, radius)
            shift = np.array([x, y, 0.0])
            ground = blocks.top_m(low + shift, high + shift)
            best = min(best, (ground + _GAP_M - float(low[2]), x, y))
        z, x, y = best
        if z + float(high[2]) > space.headroom_m:
            homeless[thing.name] = "no free place"
            continue
        spot = Pose((x, y, z), turn).apply(-middle)
        pose = Pose((float(spot[0]), float(spot[1]), float(spot[2])), turn)
        blocks.add(cloud + np.array([x, y, z]), space.headroom_m)
        out.append(replace(thing, pose=pose))
    return out, homeless


@dataclass
class _Blocks:
    """Convex bodies that are in the way, by their bounds and by their outlines from above."""

    lows: list[Floats] = field(default_factory=list)
    highs: list[Floats] = field(default_factory=list)
    outlines: list[Floats] = field(default_factory=list)

    def add(self, points: Floats, headroom_m: float) -> None:
        """Points float64[N, 3] of a body; what is above the headroom is in nobody's way."""
        low = points.min(axis=0)
        if float(low[2]) < headroom_m:
            self.lows.append(low)
            self.highs.append(points.max(axis=0))
            self.outlines.append(points[:, :2])

    def top_m(self, low: Floats, high: Floats) -> float:
        """Highest top of the bodies below a box given by its corners; 0 if there is none."""
        if not self.lows:
            return 0.0
        lows, highs = np.array(self.lows)[:, :2], np.array(self.highs)
        over = ((low[:2] < highs[:, :2]) & (high[:2] > lows)).all(axis=1)
        ground = 0.0
        for n in np.flatnonzero(over):
            top = float(highs[n, 2])
            if top > ground and not self._beside(int(n), low, high):
                ground = top
        return ground

    def _beside(self, n: int, low: Floats, high: Floats) -> bool:
        """Whether an edge of the outline has all of the box on its outer side."""
        corners = self.outlines[n]
        if len(corners) > 16:  # round things fill their bounds well enough
            return False
        ring = corners[footprint(np.column_stack([corners, np.zeros(len(corners))]))]
        edge = np.roll(ring, -1, axis=0) - ring
        out = np.stack([edge[:, 1], -edge[:, 0]], axis=1)
        box = np.array([[low[0], low[1]], [low[0], high[1]], [high[0], low[1]], [high[0], high[1]]])
        return bool((((box @ out.T) - (ring * out).sum(axis=1)) >= 0).all(axis=0).any())
