"""Which objects a randomizer changes: the settings `targets` and `probability`, and their law."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from pydantic import Field

from simgen.errors import Fault, SceneFileError
from simgen.plugin import Params, Stream, Unit
from simgen.records.world import Draft, DraftObject

_THINGS = ("object", "distractor")  # all but supports


class Targets(Params):
    """What is changed, and how often."""

    targets: list[str] = Field(
        default_factory=list,
        description="collections, or supports (`scene.table`); empty: every object",
    )
    probability: Unit = Field(1.0, description="share of objects that are changed")
    together: bool = Field(False, description="one draw per world for all targets")


def changed(
    draft: Draft,
    params: Targets,
    rng: Stream,
    change: Callable[[DraftObject, Stream], DraftObject],
    roles: Collection[str] = _THINGS,
) -> Draft:
    """The draft with every chosen target changed, each by draws of its own or all together.

    Args:
        change: from an object and a stream to the changed object.
        roles: of the objects that are meant where `targets` names nothing.

    Raises:
        SceneFileError: `targets` names something that the scene does not have.
    """
    check_targets(draft, params.targets)

    def one(thing: DraftObject) -> DraftObject:
        own = rng.child("all" if params.together else thing.name)
        if not meant(thing, params.targets, roles):
            return thing
        if own.child("probability").random() >= params.probability:
            return thing
        return change(thing, own)

    return replace(draft, objects=tuple(one(thing) for thing in draft.objects))


def meant(thing: DraftObject, targets: list[str], roles: Collection[str] = _THINGS) -> bool:
    """Whether an object is a target; without `targets` all of these roles are."""
    return thing.collection in targets if targets else thing.role in roles


def check_targets(draft: Draft, targets: list[str]) -> None:
    """What `targets` names must be a collection of the scene, empty in this world or not, or a
    support of this world.

    Raises:
        SceneFileError: it is neither.
    """
    known = list(dict.fromkeys([*draft.collections, *(t.collection for t in draft.objects)]))
    faults = [
        Fault("randomizers.targets", f"there is no {name!r} in the scene", near(name, known))
        for name in targets
        if name not in known
    ]
    if faults:
        raise SceneFileError(faults)


def near(name: str, known: list[str]) -> str:
    """A cure for a wrong name: what is close, and what there is."""
    listed = f"known: {', '.join(known)}" if known else "there are none"
    close: Any = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}? {listed}" if close else listed
