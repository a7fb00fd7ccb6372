"""Other materials for chosen objects, slots or supports."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from simgen.errors import Fault, SceneFileError
from simgen.plugin import AnyMaterial, Params, Sampled, Stream, Unit, material_from
from simgen.records.world import Draft, DraftObject


class MaterialsParams(Params):
    """What is replaced, by what, and how often."""

    targets: list[str] = Field(
        default_factory=list,
        description="collections, or supports (`scene.table`); empty: every object",
    )
    slots: list[str] = Field(
        default_factory=list, description="material slots; empty: the whole object"
    )
    material: Sampled[AnyMaterial] = Field(
        description="settings of the new material",
        examples=[{"color": "#b3202c", "roughness": {"uniform": [0.2, 0.8]}}],
    )
    probability: Unit = Field(1.0, description="share of objects that are changed")
    together: bool = Field(False, description="one draw per world for all targets")


class Materials:
    """Replaces materials of collections or of supports, each object with its own draw.

    What `targets` names must be a collection of the scene (it may be empty in this world) or a
    support of this world. What `slots` names must be a slot of at least one targeted object of
    this world; where nothing is targeted, nothing is checked. Both rules look at what there is,
    not at what `probability` draws, so the same world always gives the same answer.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = MaterialsParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with other materials; unchanged with probability 0.

        Raises:
            SceneFileError: an unknown target or slot, or an attribute that an object lacks.
        """
        _check_names(draft, params)
        objects = tuple(
            self._changed(thing, params, rng.child("all" if params.together else thing.name))
            if _meant(thing, params.targets)
            else thing
            for thing in draft.objects
        )
        return replace(draft, objects=objects)

    def _changed(self, thing: DraftObject, params: Any, rng: Stream) -> DraftObject:
        if rng.child("probability").random() >= params.probability:
            return thing
        own = rng.child("material")
        setting = own.draw(params.material)
        try:
            material = material_from(setting, own, thing.attributes)
        except KeyError as missing:
            what = f"{thing.name} has no attribute or value {missing} to choose a material by"
            raise SceneFileError(
                Fault("randomizers.material", what, "declare it in `attributes:`")
            ) from None
        if not params.slots:
            return replace(thing, materials={"*": material})
        return replace(
            thing, materials={**thing.materials, **dict.fromkeys(params.slots, material)}
        )


def _check_names(draft: Draft, params: Any) -> None:
    known = list(dict.fromkeys([*draft.collections, *(t.collection for t in draft.objects)]))
    faults = [
        Fault("randomizers.targets", f"there is no {name!r} in the scene", _known(name, known))
        for name in params.targets
        if name not in known
    ]
    meant = [thing for thing in draft.objects if _meant(thing, params.targets)]
    slots = list(dict.fromkeys(slot for thing in meant for slot in thing.slots))
    if slots:
        faults += [
            Fault(
                "randomizers.slots",
                f"none of the {len(meant)} targeted objects has a material slot {name!r}",
                _known(name, slots),
            )
            for name in params.slots
            if name not in slots
        ]
    if faults:
        raise SceneFileError(faults)


def _known(name: str, known: list[str]) -> str:
    listed = f"known: {', '.join(known)}" if known else "there are none"
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}? {listed}" if close else listed


def _meant(thing: DraftObject, targets: list[str]) -> bool:
    if not targets:
        return thing.role != "support"
    return thing.collection in targets
