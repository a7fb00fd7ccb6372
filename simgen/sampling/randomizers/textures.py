"""Random textures on objects and supports, whatever they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from simgen.plugin import (
    MaterialSetting,
    Params,
    Root,
    Sampled,
    Stream,
    TextureSetting,
    Unit,
    material_from,
)
from simgen.records.world import Draft, DraftObject
from simgen.sampling.randomizers.palette import ANY_PATTERN
from simgen.sampling.randomizers.ranges import ranged
from simgen.sampling.randomizers.targeting import Targets, changed


class TexturesParams(Targets):
    """Settings of the textures."""

    texture: Sampled[TextureSetting] = Field(
        ANY_PATTERN,
        description="pattern (noise, checker, stripes, ...), images or PBR maps",
        examples=[
            {"pattern": {"choice": ["noise", "checker", "stripes"]}, "tile_m": 0.1,
             "colors": ["#b3202c", "#f0ead8"]},
        ],
    )  # fmt: skip
    path: Root | None = Field(
        None, description="photos instead: an image, or a folder to draw from; `texture.tile_m` "
        "is the width of one repeat"
    )  # fmt: skip
    supports: bool = Field(
        False, description="also tables, walls and floors, where `targets` names nothing"
    )
    roughness: Sampled[Unit] = Field(
        ranged("uniform", 0.2, 0.95), description="of what gets a texture"
    )


class Textures:
    """Puts a random pattern or photo on everything, as in domain randomization.

    Tobin et al. 2017, "Domain randomization for transferring deep neural networks from
    simulation to the real world": what is random in training cannot be relied upon.
    """

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = {"probability": 0.0}
    Params: ClassVar[type[Params]] = TexturesParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with other textures; unchanged with probability 0."""
        roles = {"object", "distractor", *(("support",) if params.supports else ())}
        return changed(
            draft, params, rng, lambda thing, own: _textured(thing, params, own), roles=roles
        )


def _textured(thing: DraftObject, params: Any, rng: Stream) -> DraftObject:
    own = rng.child("texture")
    texture = own.draw(params.texture)
    if params.path is not None:
        texture = TextureSetting(path=params.path, tile_m=texture.tile_m)
    roughness = float(rng.child("roughness").draw(params.roughness))
    material = material_from(MaterialSetting(texture=texture, roughness=roughness), own)
    return replace(thing, materials={"*": material})
