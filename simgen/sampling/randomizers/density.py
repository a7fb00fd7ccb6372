"""How much of the clutter is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from simgen.plugin import Params, Sampled, Stream, Unit
from simgen.records.world import Draft, DraftObject
from simgen.sampling.randomizers.ranges import ranged
from simgen.sampling.randomizers.targeting import check_targets


class DensityParams(Params):
    """Settings of the density."""

    keep: Sampled[Unit] = Field(
        ranged("uniform", 0.0, 1.0),
        description="share of the objects that stay, one per world",
        examples=[{"uniform": [0.2, 1.0]}],
    )
    targets: list[str] = Field(
        default_factory=list,
        description="collections; empty: everything without a label",
    )


class Density:
    """Thins out objects before they are placed: crowded worlds, empty ones and all between.

    An object that stays at one density stays at every higher one.
    """

    api: ClassVar[int] = 1
    stage: ClassVar[str] = "objects"
    identity: ClassVar[Mapping[str, Any] | None] = {"keep": 1.0}
    Params: ClassVar[type[Params]] = DensityParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with fewer objects; unchanged with `keep` 1."""
        check_targets(draft, params.targets)
        keep = float(rng.child("keep").draw(params.keep))

        def stays(thing: DraftObject) -> bool:
            if params.targets:
                return (
                    thing.collection not in params.targets or rng.child(thing.name).random() < keep
                )
            return thing.role != "distractor" or rng.child(thing.name).random() < keep

        objects = tuple(thing for thing in draft.objects if stays(thing))
        return replace(draft, objects=objects, facts={**draft.facts, "keep": keep})
