"""Sizes of objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from simgen.plugin import Params, Positive, Sampled, Stream
from simgen.records.world import Draft
from simgen.sampling.randomizers.ranges import ranged
from simgen.sampling.randomizers.targeting import Targets, changed


class ScaleParams(Targets):
    """Settings of the scale."""

    factor: Sampled[Positive] = Field(
        ranged("loguniform", 0.8, 1.25),
        description="on the size that the collection's `scale` gives",
        json_schema_extra={"unit": "1"},
        examples=[{"uniform": [0.8, 1.2]}],
    )


class Scale:
    """Makes objects larger or smaller before they are placed, so that nothing floats or sinks."""

    api: ClassVar[int] = 1
    stage: ClassVar[str] = "objects"
    identity: ClassVar[Mapping[str, Any] | None] = {"factor": 1.0}
    Params: ClassVar[type[Params]] = ScaleParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with other sizes; unchanged with the factor 1."""
        return changed(
            draft,
            params,
            rng,
            lambda thing, own: replace(
                thing, scale=thing.scale * float(own.child("factor").draw(params.factor))
            ),
        )
