"""What is behind everything: a pattern or a picture, painted in image space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import (
    Number,
    Params,
    Root,
    Sampled,
    Stream,
    TextureSetting,
    Unit,
    texture_from,
)
from simgen.records.world import Draft
from simgen.sampling.randomizers.palette import BACKDROP_PATTERN
from simgen.sampling.randomizers.ranges import ranged


class BackdropParams(Params):
    """Settings of the background."""

    texture: Sampled[TextureSetting] = Field(
        BACKDROP_PATTERN, description="pattern, or `path` of an image or a folder of images"
    )
    path: Root | None = Field(
        None, description="photos instead: an image, or a folder of images to draw from"
    )
    zoom: Sampled[Annotated[Number, Field(ge=1, le=8)]] = Field(
        ranged("uniform", 1.0, 1.6),
        description="of photos: 2 shows half of each edge, cut out at random",
    )
    flip: Unit = Field(0.5, description="share of photos that are mirrored")
    probability: Unit = Field(
        1.0, description="share of worlds that get it; the others show the environment"
    )


class Backdrop:
    """A background texture: a random pattern in random colours, or pictures of a folder."""

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = {"probability": 0.0}
    Params: ClassVar[type[Params]] = BackdropParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft before this background; unchanged with probability 0."""
        if rng.child("probability").random() >= params.probability:
            return draft
        own = rng.child("texture")
        setting = own.draw(params.texture)
        if params.path is not None:
            setting = TextureSetting(path=params.path)
        texture = texture_from(setting, own)
        facts: dict[str, Any] = {"texture": texture.pattern}
        if texture.file is not None:
            cut = _cut_out(params, rng)
            facts = {"texture": texture.file.name, **cut}
            texture = replace(texture, params=cut)
        return replace(draft, background=texture, facts={**draft.facts, **facts})


def _cut_out(params: Any, rng: Stream) -> dict[str, Any]:
    """Which part of a photo is shown, and whether mirrored; empty: all of it as it is."""
    zoom = float(rng.child("zoom").draw(params.zoom))
    place = rng.child("place")
    x, y = (place.random() * (1 - 1 / zoom) for _ in range(2))
    flip = rng.child("flip").random() < params.flip
    cut: dict[str, Any] = {} if zoom == 1 else {"crop": [x, y, 1 / zoom, 1 / zoom]}
    return cut | ({"flip": True} if flip else {})
