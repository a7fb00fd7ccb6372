"""Thin plates: scattered, as fans of cards, or stacked; each rests on what it overlaps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simgen.errors import Fault, SceneFileError
from simgen.plugin.protocols import Kit, Stream
from simgen.records.world import DraftObject
from simgen.sampling.placing.covering import Covering
from simgen.sampling.placing.fitting import misfit
from simgen.sampling.placing.tally import Space, Tally, flat_radius_m
from simgen.sampling.plates import MAX_THICKNESS_M, Outline, lay_down, outline

Range = tuple[float, float]


@dataclass(frozen=True)
class Spread:
    """How plates are spread; ranges are drawn anew per group (fan, stack) or plate.

    Args:
        mode: scatter, fan or stack.
        face_down: probability that a plate lies on its face.
        max_overlap: largest share of a plate that later ones may cover (scatter; for fans and
            stacks: that later groups may cover).
        max_tilt_deg: steeper plates are drawn again.
        group_size: plates per fan or stack; None is all in one.
        step_deg: angle between neighbours of a fan.
        radius: distance from a fan's pivot to the plates' centres, in plate lengths.
        jitter_m, jitter_deg: standard deviations of offset and angle in fans and stacks.
    """

    mode: str
    face_down: float
    max_overlap: float
    max_tilt_deg: float
    group_size: int | None
    step_deg: Range
    radius: Range
    jitter_m: float
    jitter_deg: float


Spot = tuple[float, float, float]


def place_thin(
    things: Sequence[DraftObject], space: Space, spread: Spread, tally: Tally, rng: Stream
) -> None:
    """Lay plates down one after the other.

    Raises:
        SceneFileError: an object is too thick for the analytic placement.
    """
    kit = tally.kit
    _check_thickness(things, kit, spread.mode)
    covering = Covering(tally)
    size = 1 if spread.mode == "scatter" else spread.group_size or max(1, len(things))
    for start in range(0, len(things), size):
        group = things[start : start + size]
        name = group[0].name if spread.mode == "scatter" else f"group{start // size}"
        _place_group(group, space, spread, covering, rng.child(spread.mode).child(name))
    covering.finish()


def _place_group(
    group: Sequence[DraftObject],
    space: Space,
    spread: Spread,
    covering: Covering,
    rng: Stream,
) -> None:
    """Try places for a group as a whole; plates that fit nowhere are given up."""
    tally, steepest = covering.tally, math.tan(math.radians(spread.max_tilt_deg))
    why = "no free place"
    for attempt in range(space.max_tries):
        own = rng.child(f"try{attempt}")
        lines = [
            _outline(tally.kit, thing, spot, spread, own.child(thing.name))
            for thing, spot in zip(group, _spots(group, space, spread, tally.kit, own), strict=True)
        ]
        why = covering.problem(lines, space, spread.max_overlap)
        if not why:
            plates = covering.lowered(lines, lay_down)
            if plates is not None and all(p.steepness <= steepest for p in plates):
                covering.keep(group, plates)
                return
            why = "would lie too steep"
        tally.redrawn += 1
    for thing in group:
        tally.drop(thing, misfit(tally.kit, thing, space) or why)


def _outline(kit: Kit, thing: DraftObject, spot: Spot, spread: Spread, rng: Stream) -> Outline:
    flipped = rng.child("face").random() < spread.face_down
    return outline(kit.hull_m(thing), *spot, flipped)


def _spots(
    group: Sequence[DraftObject], space: Space, spread: Spread, kit: Kit, rng: Stream
) -> Iterator[Spot]:
    """Place and yaw of each plate of a group, bottom plate first."""
    inset = max(flat_radius_m(kit, thing) for thing in group)
    place = rng.child("place")
    yaw = place.uniform(0.0, 2 * math.pi)
    if spread.mode == "scatter":
        x, y = space.point(place, inset)
        yield (x, y, yaw)
        return
    length, upright = _long_side(kit, group[0])
    step = math.radians(place.uniform(*spread.step_deg))
    arm = length * place.uniform(*spread.radius)
    if spread.mode == "stack":
        step, arm = 0.0, 0.0
    x, y = space.point(place, inset + 0.5 * arm)
    for n, thing in enumerate(group):
        own = rng.child(thing.name)
        # Clockwise from the left, as a right hand opens its cards.
        turn = yaw - (n - (len(group) - 1) / 2) * step
        turn += math.radians(own.normal(0.0, spread.jitter_deg))
        dx, dy = own.normal(0.0, spread.jitter_m), own.normal(0.0, spread.jitter_m)
        # The pivot lies half an arm behind the fan's place, so that the fan is centred there.
        out_x = arm * (-math.sin(turn) + 0.5 * math.sin(yaw))
        out_y = arm * (math.cos(turn) - 0.5 * math.cos(yaw))
        yield (x + dx + out_x, y + dy + out_y, turn - upright)


def _long_side(kit: Kit, thing: DraftObject) -> tuple[float, float]:
    """Length of a plate's longer side and the angle of that side from the object's y axis."""
    low, high = kit.bounds_m(thing)
    x, y = float(high[0] - low[0]), float(high[1] - low[1])
    return (x, -math.pi / 2) if x > y else (y, 0.0)


def _check_thickness(things: Sequence[DraftObject], kit: Kit, mode: str) -> None:
    faults = []
    for thing in things:
        low, high = kit.bounds_m(thing)
        thickness = float(high[2] - low[2])
        if thickness > MAX_THICKNESS_M:
            what = (
                f"{thing.name} ({thing.asset.variant}) is {thickness * 1000:.2f} mm thick; "
                f"placement {mode!r} is for plates of at most {MAX_THICKNESS_M * 1000:.0f} mm"
            )
            cure = "use drop, upright or grid for it (placement may be a map by collection)"
            faults.append(Fault(f"objects.{thing.collection}", what, cure))
    if faults:
        raise SceneFileError(faults[:5])
