"""Putting things onto a platform, wherever it is: in the platform's own frame, then back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from simgen.plugin.protocols import Kit, Placed, Platform, Stream
from simgen.records.pose import Pose
from simgen.records.world import DraftObject
from simgen.sampling.placing.dropping import place_dropped
from simgen.sampling.placing.fitting import footprint
from simgen.sampling.placing.standing import place_upright
from simgen.sampling.placing.tally import Space, Tally

_LEVEL = 1e-9
# What ends this far above the platform belongs to it: a bevel, the thickness of a cloth.
_SKIN_M = 0.0005


@dataclass(frozen=True)
class Asked:
    """How things are to be put down; see `plugin.protocols.Kit.place_on`."""

    how: Literal["stand", "drop"] = "stand"
    gap_m: float = 0.005
    yaw_deg: tuple[float, float] = (0.0, 360.0)
    max_tries: int = 40
    collision: str = "auto"


def place_on(
    kit: Kit,
    things: Sequence[DraftObject],
    platform: Platform,
    rng: Stream,
    around: Sequence[DraftObject],
    asked: Asked,
) -> Placed:
    """Things with poses on the platform, and the reasons of those that found no place.

    Raises:
        ValueError: the platform is not level.
    """
    if abs(float(platform.pose.rotation()[2, 2]) - 1.0) > _LEVEL:
        raise ValueError(f"the platform {platform.name} is not level")
    away = platform.pose.inverse()
    solid = () if platform.support is None else (platform.support,)
    here = tuple(_moved(thing, away) for thing in (*solid, *around))
    space = Space(
        platform.size_m,
        platform.size_m,
        asked.gap_m,
        asked.max_tries,
        math.inf,
        asked.collision,
        fixed=here,
        floor=platform.support is None,
        headroom_m=platform.headroom_m,
    )
    tally, low = Tally(kit), []
    for thing in things:
        why = _too_tall(kit, thing, platform.headroom_m, asked.how)
        if why:
            tally.drop(thing, why)
        else:
            low.append(thing)
    if asked.how == "drop":
        place_dropped(low, space, tally, rng)
    else:
        tally.outlines += _outlines(kit, here, low, asked.collision)
        place_upright(low, space, asked.yaw_deg, tally, rng)
    placed = {thing.name: _moved(thing, platform.pose) for thing in tally.placed}
    kept = tuple(placed[thing.name] for thing in things if thing.name in placed)
    return Placed(kept, tally.dropped, tally.redrawn)


def _moved(thing: DraftObject, by: Pose) -> DraftObject:
    if thing.pose is None:
        raise ValueError(f"{thing.name} has no pose yet")
    return replace(thing, pose=by.compose(thing.pose))


def _too_tall(kit: Kit, thing: DraftObject, headroom_m: float, how: str) -> str:
    extent = np.ptp(kit.bounds_m(thing), axis=0)
    # A thing that is dropped may lie on any side; the thinnest way decides.
    height = float(extent[2] if how == "stand" else extent.min())
    if height < headroom_m:
        return ""
    return f"too tall ({height:.2f} m; {headroom_m:.2f} m are free above)"


def _outlines(
    kit: Kit, here: Sequence[DraftObject], things: Sequence[DraftObject], collision: str
) -> list[Any]:
    """Footprints (shapely) of what rises above the platform where things will stand."""
    import shapely

    reach = max((float(np.ptp(kit.bounds_m(t)[:, 2])) for t in things), default=0.0)
    out = []
    for thing in here:
        assert thing.pose is not None
        for piece in kit.contact_m(thing, collision):
            points = thing.pose.apply(piece)
            if points[:, 2].max() > _SKIN_M and points[:, 2].min() < reach:
                out.append(shapely.Polygon(points[footprint(points), :2]).buffer(0))
    return out
