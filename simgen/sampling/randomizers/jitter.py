"""Jitter of what objects look like already: colour, roughness, metallic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import NonNegative, Number, Params, Sampled, Stream
from simgen.records.finish import Finish
from simgen.records.world import Draft, DraftObject
from simgen.sampling.randomizers.ranges import ranged
from simgen.sampling.randomizers.targeting import Targets, changed


class JitterParams(Targets):
    """Settings of the jitter; textures keep their patterns."""

    hue_deg: Sampled[
        Annotated[Number, Field(ge=-180, le=180, examples=[{"uniform": [-20, 20]}])]
    ] = Field(
        ranged("truncated_normal", 0.0, 12.0, -40.0, 40.0),
        description="turn of the hue, luminance kept",
    )
    saturation: Sampled[NonNegative] = Field(
        ranged("uniform", 0.75, 1.2),
        description="factor; 0 is grey",
        json_schema_extra={"unit": "1"},
    )
    value: Sampled[NonNegative] = Field(
        ranged("uniform", 0.75, 1.2),
        description="factor on the base colour's light",
        examples=[{"uniform": [0.8, 1.2]}],
        json_schema_extra={"unit": "1"},
    )
    roughness: Sampled[NonNegative] = Field(
        ranged("loguniform", 0.7, 1.4),
        description="factor on the roughness",
        examples=[{"uniform": [0.7, 1.3]}],
        json_schema_extra={"unit": "1"},
    )
    metallic: Sampled[Annotated[Number, Field(ge=-1, le=1)]] = Field(
        0.0, description="added to the metallic share, where it is a number and not a map"
    )


class Jitter:
    """Shifts colour, roughness and metallic of objects as they are, textures included."""

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = {
        "hue_deg": 0.0,
        "saturation": 1.0,
        "value": 1.0,
        "roughness": 1.0,
    }
    Params: ClassVar[type[Params]] = JitterParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with other looks; unchanged where every number is neutral."""
        return changed(draft, params, rng, lambda thing, own: _jittered(thing, own.draw(params)))


_NEUTRAL = {"hue_deg": 0.0, "saturation": 1.0, "value": 1.0, "roughness": 1.0, "metallic": 0.0}


def _jittered(thing: DraftObject, drawn: Any) -> DraftObject:
    numbers = {name: float(getattr(drawn, name)) for name in _NEUTRAL}
    if numbers == _NEUTRAL:
        return thing
    return replace(thing, finish=(*thing.finish, Finish("tint", numbers)))
