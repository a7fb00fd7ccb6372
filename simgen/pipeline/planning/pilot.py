"""A pilot: worlds of a stage of their own, looked at through the probe and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.annotate.probe import RaycastProbe
from simgen.errors import Fault, WorkError
from simgen.pipeline.planning.tilting import Part
from simgen.plugin.cells import cells_of, drawable, probabilities
from simgen.plugin.scene import Collection, Scene
from simgen.sampling.sampler import Sampler
from simgen.sampling.views import View
from simgen.spec.distributions import Distribution, values_of
from simgen.spec.faults import place

Floats = NDArray[np.float64]
MOST_VIEWS = 4  # of a world: more tell little that is new
_FEW = 30  # draws (objects times views) below which rates lean on earlier pilots


@dataclass
class Tally:
    """What a pilot counted.

    Args:
        frames: looked at.
        drawn: objects by (collection, kind), once for each view of their world, whether they
            found a place or not.
        labels: by (collection, kind, category), over all frames.
        views: of all frames, in order.
        worlds: asked for.
    """

    frames: int = 0
    worlds: int = 0
    drawn: Counter[tuple[str, str]] = field(default_factory=Counter)
    labels: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    views: list[View] = field(default_factory=list)

    def shares(self, categories: list[str]) -> Floats:
        """Share of each category among the labels, float64[C]."""
        found = Counter(name for view in self.views for name in view.category)
        counts = np.array([found[name] for name in categories], np.float64)
        shares: Floats = counts / max(counts.sum(), 1.0)
        return shares


def added(tallies: Sequence[Tally]) -> Tally:
    """The counts of several pilots together, their views left out."""
    out = Tally()
    for tally in tallies:
        out.frames, out.worlds = out.frames + tally.frames, out.worlds + tally.worlds
        out.drawn.update(tally.drawn)
        out.labels.update(tally.labels)
    return out


@dataclass(frozen=True)
class PilotKit:
    """What pilots are drawn with.

    Args:
        scene: as planned so far.
        library: of its assets.
        seed: of the run.
    """

    scene: Scene
    library: Any
    seed: int

    def probe(self) -> RaycastProbe:
        """A fresh probe."""
        return RaycastProbe(self.library, self.scene.file.labels)

    def sampler(self, stage: str, probe: RaycastProbe | None = None) -> Sampler:
        """A sampler of this stage."""
        return Sampler(self.scene, self.library, self.seed, probe, stage)


def run_pilot(kit: PilotKit, stage: str, worlds: int, advance: Callable[[int], None]) -> Tally:
    """Draw and look at the first worlds of a stage, each with up to four views.

    Raises:
        SimgenError: the scene cannot be made.
    """
    probe = kit.probe()
    sampler = kit.sampler(stage, probe)
    kinds = {c.key: Kinds(c) for c in kit.scene.collections}
    tally, views = Tally(worlds=worlds), kit.scene.file.frames_per_world
    for index in range(worlds):
        try:
            own = {d.thing.name: kinds[d.thing.collection].key(d) for d in sampler.drawn(index)}
            world = sampler.world(index)
            for number in range(index * views, index * views + min(views, MOST_VIEWS)):
                view = probe.look(world, sampler.frame(number, world))
                tally.frames += 1
                tally.views.append(view)
                for name, category in zip(view.instance, view.category, strict=True):
                    tally.labels[*own[name], category] += 1
        except WorkError:  # a world that cannot be made costs itself, as in a run
            continue
        finally:
            advance(index)
        for kind in own.values():
            tally.drawn[kind] += min(views, MOST_VIEWS)
    if tally.frames == 0:
        where = place(kit.scene.document, ("scene",))
        raise WorkError(Fault(where, f"none of {worlds} pilot worlds could be made"))
    return tally


class Kinds:
    """The kinds of objects of a collection: cells with the same key."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.cells = cells_of(collection, drawable(collection))
        self._keys = {_cell_id(c.variant.name, c.attributes): c.key for c in self.cells}
        self._names = sorted({name for cell in self.cells for name in cell.attributes})

    def key(self, drawn: Any) -> tuple[str, str]:
        """(collection, kind) of a drawn object."""
        thing = drawn.thing
        attributes = {name: thing.attributes[name] for name in self._names}
        known = self._keys.get(_cell_id(thing.asset.variant, attributes))
        return self.collection.key, known or thing.asset.variant

    def shares(self) -> dict[str, float]:
        """Probability of each kind with the odds that the scene has, adding up to 1."""
        odds, out = self.collection.section.odds, dict[str, float]()
        for cell in self.cells:
            weight = cell.probability * odds.get(cell.key, 1.0)
            out[cell.key] = out.get(cell.key, 0.0) + weight
        total = sum(out.values())
        return {key: value / total for key, value in out.items()}

    def categories(self) -> dict[str, list[str]]:
        """Categories that objects of each kind can get."""
        out: dict[str, list[str]] = {}
        for cell in self.cells:
            out.setdefault(cell.key, []).extend(cell.categories)
        return {key: list(dict.fromkeys(names)) for key, names in out.items()}


def part_of(kinds: Kinds, tallies: list[Tally], categories: list[str]) -> tuple[Part, list[str]]:
    """A collection as weighing sees it, and the names of its groups.

    Args:
        tallies: newest first; older ones help out where few were drawn.
    """
    shares = kinds.shares()
    values, weights = count_shares(kinds.collection.section.count)
    rows = [_rates(kinds, key, tallies, categories) for key in shares]
    part = Part(values, weights, np.array(list(shares.values())), np.array(rows))
    return part, list(shares)


def _rates(kinds: Kinds, key: str, tallies: list[Tally], categories: list[str]) -> Floats:
    """Labels of each category that an object of a kind brings a frame, float64[C]."""
    mine = (kinds.collection.key, key)
    drawn, labels = 0, np.zeros(len(categories))
    for tally in tallies:
        drawn += tally.drawn[mine]
        labels += [tally.labels[*mine, name] for name in categories]
        if drawn >= _FEW:
            break
    possible = kinds.categories()[key]
    if drawn == 0:  # never seen: as much as the others, evenly over what it can be
        every = sum(sum(t.labels.values()) for t in tallies)
        rate = every / max(sum(sum(t.drawn.values()) for t in tallies), 1)
        guess = [rate / max(len(possible), 1) if name in possible else 0.0 for name in categories]
        return np.array(guess)
    return labels / drawn


def count_shares(count: Any) -> tuple[Floats, Floats]:
    """Numbers of objects that a world can have, and their probabilities."""
    if not isinstance(count, Distribution):
        return np.array([float(count)]), np.ones(1)
    shares = probabilities(count)
    values = values_of(count) or ()
    pairs = sorted((float(v), shares[str(v)]) for v in values)
    return np.array([v for v, _ in pairs]), np.array([p for _, p in pairs])


def _cell_id(variant: str, attributes: Mapping[str, str]) -> tuple[Any, ...]:
    return (variant, *sorted(attributes.items()))
