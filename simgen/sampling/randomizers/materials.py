"""Other materials for chosen objects, slots or supports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from simgen.errors import Fault, SceneFileError
from simgen.plugin import AnyMaterial, Params, Sampled, Stream, material_from
from simgen.records.world import Draft, DraftObject
from simgen.sampling.randomizers.palette import ANY_MATERIAL
from simgen.sampling.randomizers.targeting import Targets, changed, meant, near


class MaterialsParams(Targets):
    """What is replaced, by what, and how often."""

    slots: list[str] = Field(
        default_factory=list, description="material slots; empty: the whole object"
    )
    material: Sampled[AnyMaterial] = Field(
        ANY_MATERIAL,
        description="settings of the new material; a list to swap among is "
        "`{choice: [...]}`; default: plastics, paints, metals, woods, cloth, stone",
        examples=[{"color": "#b3202c", "roughness": {"uniform": [0.2, 0.8]}}],
    )


class Materials:
    """Replaces materials of collections or of supports, each object with its own draw.

    What `targets` names must be a collection of the scene (it may be empty in this world) or a
    support of this world. What `slots` names must be a slot of at least one targeted object of
    this world; where nothing is targeted, nothing is checked. Both rules look at what there is,
    not at what `probability` draws, so the same world always gives the same answer.
    """

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = {"material": {}, "probability": 0.0}
    Params: ClassVar[type[Params]] = MaterialsParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with other materials; unchanged with probability 0.

        Raises:
            SceneFileError: an unknown target or slot, or an attribute that an object lacks.
        """
        fresh = changed(draft, params, rng, lambda thing, own: _swapped(thing, params, own))
        _check_slots(draft, params)
        return fresh


def _swapped(thing: DraftObject, params: Any, rng: Stream) -> DraftObject:
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
    return replace(thing, materials={**thing.materials, **dict.fromkeys(params.slots, material)})


def _check_slots(draft: Draft, params: Any) -> None:
    targeted = [thing for thing in draft.objects if meant(thing, params.targets)]
    slots = list(dict.fromkeys(slot for thing in targeted for slot in thing.slots))
    if not slots:
        return
    faults = [
        Fault(
            "randomizers.slots",
            f"none of the {len(targeted)} targeted objects has a material slot {name!r}",
            near(name, slots),
        )
        for name in params.slots
        if name not in slots
    ]
    if faults:
        raise SceneFileError(faults)
