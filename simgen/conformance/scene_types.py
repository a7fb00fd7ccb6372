"""Laws of scene types: same stream, same layout; inside bounds; objects are put, not changed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from simgen.conformance.labels import valid_labels
from simgen.conformance.trial import WORLDS, Trial, drawn, sampling_laws
from simgen.plugin.conformance import Law, Subject, require
from simgen.plugin.protocols import Kit, Stream
from simgen.records.world import Draft, DraftObject

# Deeper than this, two objects visibly share a place. Physics at rest stays well below it.
_SUNK_M = 0.003


def suite(subject: Subject) -> list[Law]:
    """The laws of a scene type."""
    trial = _LayoutTrial(subject)
    return [
        Law("everything lies within its radius", lambda: _inside(trial)),
        Law("objects are placed and counted, not changed", lambda: _placed(trial)),
        Law("objects do not sink into each other", lambda: _apart(trial)),
        Law("frames have valid labels", lambda: valid_labels(trial)),
        *sampling_laws(trial),
    ]


@dataclass
class _Seen:
    """One call of `layout`: what it was given and what it gave."""

    kit: Kit
    before: tuple[DraftObject, ...]
    draft: Draft


@dataclass
class _Watched:
    """A scene type whose calls are remembered."""

    plugin: Any
    seen: list[_Seen] = field(default_factory=list)

    def radius_m(self, params: Any) -> float:
        """As the plugin says."""
        return float(self.plugin.radius_m(params))

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """As the plugin does."""
        before = kit.objects
        draft: Draft = self.plugin.layout(params, kit, rng)
        self.seen.append(_Seen(kit, before, draft))
        return draft


class _LayoutTrial(Trial):
    def layouts(self) -> list[_Seen]:
        """The calls that made the worlds."""
        watched = _Watched(self.scene.layout)
        # Typed as the plugin that it stands for.
        layout: Any = watched
        drawn(self.sampler(replace(self.scene, layout=layout)), range(WORLDS))
        return watched.seen


def _inside(trial: _LayoutTrial) -> str:
    """The sampler refuses what reaches out; so all that is left to ask is the radius itself."""
    params = trial.scene.layout_params
    radius = trial.scene.layout.radius_m(params)
    require(math.isfinite(radius) and radius > 0, f"radius_m gives {radius}")
    for world in trial.worlds:
        text = f"world {world.index} has the radius {world.radius_m:.3f} m, above radius_m's"
        require(world.radius_m <= radius + 1e-6, f"{text} {radius:.3f} m")
    return f"{radius:.2f} m"


def _placed(trial: _LayoutTrial) -> str:
    placed = requested = redrawn = 0
    for seen in trial.layouts():
        require(seen.kit.objects == seen.before, "the kit's objects were changed")
        given = {thing.name: thing for thing in seen.before}
        for thing in seen.draft.objects:
            if thing.role == "support":
                continue
            require(thing.name in given, f"{thing.name} was not among the drawn objects")
            mine = replace(thing, pose=None, velocity=None, materials={})
            theirs = replace(given[thing.name], pose=None, velocity=None, materials={})
            require(mine == theirs, f"{thing.name} is another object than the one drawn")
            placed += thing.pose is not None
        requested += len(given)
        redrawn += seen.draft.counts.redrawn
    require(placed, f"none of {requested} objects was placed")
    return f"{placed} of {requested} placed, {redrawn} redrawn"


def _apart(trial: _LayoutTrial) -> str:
    worst = 0.0
    for number, seen in enumerate(trial.layouts()):
        things = [t for t in seen.draft.objects if t.pose is not None and t.role != "support"]
        for first, second, depth in seen.kit.collides(things, collision="decompose"):
            pair = f"{things[first].name} and {things[second].name}"
            text = f"world {number}: {pair} share {1000 * depth:.1f} mm"
            require(depth <= _SUNK_M, text)
            worst = max(worst, depth)
    return f"at most {1000 * worst:.2f} mm"
