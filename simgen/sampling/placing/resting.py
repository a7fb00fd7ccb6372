"""Spreading things over several platforms: each has its own order of choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from simgen.plugin.protocols import Kit, Placed, Platform, Stream
from simgen.records.world import DraftObject
from simgen.sampling.placing.platforms import Asked, place_on
from simgen.sampling.placing.tally import Tally

# Platforms that a thing is tried on, one after the other.
_CHOICES = 4
_HOWS: tuple[Literal["stand", "drop"], ...] = ("stand", "drop")


@dataclass(frozen=True)
class Spot:
    """A platform among others.

    Args:
        weight: how often it is chosen, relative to the others.
    """

    platform: Platform
    weight: float


def rest(
    things: Sequence[DraftObject],
    spots: Sequence[Spot],
    around: Sequence[DraftObject],
    drop_share: float,
    asked: Asked,
    tally: Tally,
    rng: Stream,
) -> None:
    """Put things onto the platforms; what finds no place on its first goes to its next.

    Which platforms a thing is tried on, and whether it stands or is dropped, is drawn from the
    stream `THING` alone; its places from `PLATFORM.THING`.

    Args:
        around: what must not be touched anywhere.
        asked: `how` is drawn for each thing.
    """
    kit, why = tally.kit, dict[str, str]()
    choices = {thing.name: _choices(spots, rng.child(thing.name)) for thing in things}
    dropped = {t.name: rng.child(t.name).child("how").random() < drop_share for t in things}
    waiting = list(things)
    for turn in range(min(_CHOICES, len(spots))):
        left: list[DraftObject] = []
        for number, spot in enumerate(spots):
            mine = [thing for thing in waiting if choices[thing.name][turn] == number]
            for how in _HOWS:
                some = [thing for thing in mine if dropped[thing.name] == (how == "drop")]
                placed = _put(some, spot.platform, [*around, *tally.placed], how, asked, kit, rng)
                tally.placed += placed.things
                tally.redrawn += placed.redrawn
                why |= placed.dropped
                left += [thing for thing in some if thing.name in placed.dropped]
        waiting = left
        if not waiting:
            break
        tally.redrawn += len(waiting)
    tally.redrawn -= len(waiting) if spots else 0
    for thing in waiting:
        tally.drop(thing, why.get(thing.name, "there is nothing to rest on"))


def _put(
    things: Sequence[DraftObject],
    platform: Platform,
    around: Sequence[DraftObject],
    how: Literal["stand", "drop"],
    asked: Asked,
    kit: Kit,
    rng: Stream,
) -> Placed:
    if not things:
        return Placed((), {})
    return place_on(
        kit, things, platform, rng.child(platform.name), around, replace(asked, how=how)
    )


def _choices(spots: Sequence[Spot], rng: Stream) -> list[int]:
    """Numbers of the platforms in the order in which a thing is tried on them.

    Weighted without replacement: the largest of u ** (1 / weight) first (Efraimidis and Spirakis
    2006), each u from a stream of its own, so that one more platform moves no other's.
    """
    marks = []
    for number, spot in enumerate(spots):
        u = rng.child("choose").child(spot.platform.name).random()
        marks.append((u ** (1.0 / max(spot.weight, 1e-9)), -number))
    return [-number for _, number in sorted(marks, reverse=True)[:_CHOICES]]
