"""Objects that stand on their own base: anywhere with free yaw (upright), or in a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.plugin.protocols import Stream
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.placing.fitting import footprint, misfit
from simgen.sampling.placing.tally import Space, Tally, flat_radius_m

# Air under what stands, so that no engine sees two surfaces in one plane.
CLEARANCE_M = 0.00005


@dataclass(frozen=True)
class Grid:
    """How regular a grid is.

    Args:
        jitter_m: largest offset along x and y.
        yaw_deg: range of the angle about z.
    """

    jitter_m: float = 0.0
    yaw_deg: tuple[float, float] = (0.0, 360.0)


def place_upright(
    things: Sequence[DraftObject],
    space: Space,
    yaw_deg: tuple[float, float],
    tally: Tally,
    rng: Stream,
) -> None:
    """Stand objects anywhere in the region so that no footprints come closer than the gap.

    Large ones go first, which leaves places for more; equal ones keep their order.
    """
    kit = tally.kit
    for thing in sorted(things, key=lambda t: -flat_radius_m(kit, t)):
        why = misfit(kit, thing, space)
        if why:
            tally.drop(thing, why)
            continue
        inset = flat_radius_m(kit, thing)
        for attempt in range(space.max_tries):
            own = rng.child(thing.name).child(f"try{attempt}")
            x, y = space.point(own, inset)
            if _stand(thing, x, y, own.uniform(*yaw_deg), space, tally):
                break
            tally.redrawn += 1
        else:
            tally.drop(thing, "no free place")


def place_grid(
    things: Sequence[DraftObject], space: Space, grid: Grid, tally: Tally, rng: Stream
) -> None:
    """Stand objects in rows and columns; one that fits into no cell near its own is dropped."""
    kit = tally.kit
    fitting = [thing for thing in things if not misfit(kit, thing, space)]
    cells = _cells(fitting, space, grid, tally)
    free = list(range(len(cells)))
    for thing in things:
        why = misfit(kit, thing, space)
        if why:
            tally.drop(thing, why)
            continue
        for attempt in range(space.max_tries):
            if not free:
                break
            own = rng.child(thing.name).child(f"try{attempt}")
            # Half of the tries stay in the first free cell, then the following ones are tried.
            ahead = max(0, attempt - space.max_tries // 2)
            cell = free[min(ahead, len(free) - 1)]
            x = cells[cell][0] + own.uniform(-grid.jitter_m, grid.jitter_m)
            y = cells[cell][1] + own.uniform(-grid.jitter_m, grid.jitter_m)
            if _stand(thing, x, y, own.uniform(*grid.yaw_deg), space, tally):
                free.remove(cell)
                break
            tally.redrawn += 1
        else:
            tally.drop(thing, "no free cell")
            continue
        if not tally.placed or tally.placed[-1].name != thing.name:
            tally.drop(thing, "no free cell")


def _cells(
    things: Sequence[DraftObject], space: Space, grid: Grid, tally: Tally
) -> list[tuple[float, float]]:
    """Centres of the cells, row by row; as wide as the region allows, at most what is needed."""
    if not things:
        return []
    width, depth = space.area_m
    need = 2 * max(flat_radius_m(tally.kit, t) for t in things) + space.gap_m + 2 * grid.jitter_m
    columns = max(1, math.ceil(math.sqrt(len(things) * width / depth)))
    rows = math.ceil(len(things) / columns)
    dx, dy = min(width / columns, 1.5 * need), min(depth / rows, 1.5 * need)
    return [
        ((c - (columns - 1) / 2) * dx, ((rows - 1) / 2 - r) * dy)
        for r in range(rows)
        for c in range(columns)
    ]


def _stand(
    thing: DraftObject, x: float, y: float, yaw_deg: float, space: Space, tally: Tally
) -> bool:
    import shapely

    hull = tally.kit.hull_m(thing)
    # Not the hull's lowest vertex: a hull of few vertices may lie inside the mesh.
    low = float(tally.kit.bounds_m(thing)[0, 2])
    pose = Pose.from_yaw((x, y, CLEARANCE_M - low), math.radians(yaw_deg))
    points = pose.apply(hull)
    corners = points[footprint(hull), :2]
    if not bool((np.abs(corners) <= (space.table_m[0] / 2, space.table_m[1] / 2)).all()):
        return False
    if float(np.linalg.norm(points, axis=1).max()) > space.radius_m:
        return False
    polygon = shapely.polygons(corners)
    if tally.outlines:
        distances = shapely.distance(polygon, np.array(tally.outlines))
        if float(distances.min()) <= space.gap_m:
            return False
    tally.put(thing, pose, polygon)
    return True
