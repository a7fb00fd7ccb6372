"""Which drawn object takes which wanted place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simgen.errors import Fault, SceneFileError
from simgen.plugin.stream import Stream
from simgen.records.world import DraftObject
from simgen.sampling.layouts.drawing import Wish
from simgen.sampling.layouts.model import LayoutLaw
from simgen.sampling.randomizers.targeting import near

EVERY = "*"


@dataclass(frozen=True)
class Match:
    """An object for a wish."""

    thing: DraftObject
    wish: Wish


def targets_of(
    law: LayoutLaw, mapping: Mapping[str, str | None], collections: Sequence[str]
) -> dict[str, str | None]:
    """For each category of the law the objects that stand for it: `KEY`, `KEY/WORD`, or none.

    Args:
        mapping: by category; `*` is every other; a category that neither names goes to the
            collection of its name.
        collections: keys of the scene.

    Raises:
        SceneFileError: a category without objects, or names that do not exist.
    """
    where, faults, out = "randomizers.objects", [], {}
    names = [one.name for one in law.classes]
    for name in mapping:
        if name not in names and name != EVERY:
            what = f"the layout has no category {name!r}"
            faults.append(Fault(f"{where}.{name}", what, near(name, names)))
    for name in names:
        own = name if name in collections else ""
        target = mapping.get(name, mapping.get(EVERY, own))
        if target == "":
            what = f"no objects stand for the category {name!r} of the layout"
            cure = f"add `objects: {{{name}: COLLECTION}}`, `~` to leave it out, or `*` for all"
            faults.append(Fault(where, what, cure))
        out[name] = target
    for key in sorted({key_of(target) for target in mapping.values() if target is not None}):
        if key not in collections:
            what = f"there is no collection {key!r}"
            faults.append(Fault(where, what, near(key, list(collections))))
    if faults:
        raise SceneFileError(list(dict.fromkeys(faults)))
    return out


def key_of(target: str) -> str:
    """The collection of a target."""
    return target.partition("/")[0]


def matched(
    wishes: Sequence[Wish],
    things: Sequence[DraftObject],
    targets: Mapping[str, str | None],
    rng: Stream,
) -> list[Match]:
    """Objects for wishes, the larger object for the larger wish; some of either may be left.

    Args:
        things: drawn objects, in order; the first of a kind are taken.
        targets: from `targets_of`.
        rng: decides which wishes are left where objects are too few.
    """
    out: list[Match] = []
    taken: set[str] = set()
    # Those that want one kind choose first: the others take any.
    for target in sorted({t for t in targets.values() if t}, key=lambda t: ("/" not in t, t)):
        wanted = [wish for wish in wishes if targets[wish.category] == target]
        free = [t for t in things if t.name not in taken and _fits(t, target)][: len(wanted)]
        if len(free) < len(wanted):
            wanted = rng.child(target).shuffled(wanted)[: len(free)]
        taken |= {thing.name for thing in free}
        free = sorted(free, key=_side_m)
        out += [Match(t, w) for t, w in zip(free, sorted(wanted, key=_size), strict=True)]
    return out


def _side_m(thing: DraftObject) -> float:
    """Of its largest face, which it lies on most likely."""
    edges = sorted(thing.extent_m or (0.0, 0.0, 0.0))
    return (edges[1] + edges[2]) / 2 * thing.scale


def _size(wish: Wish) -> float:
    return wish.size


def _fits(thing: DraftObject, target: str) -> bool:
    key, slash, word = target.partition("/")
    words = (thing.asset.variant, *thing.attributes.values())
    return thing.collection == key and (not slash or word in words)
