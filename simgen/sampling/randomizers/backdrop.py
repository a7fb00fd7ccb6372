"""What is behind everything: a pattern or a picture, painted in image space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from simgen.plugin import Params, Sampled, Stream, TextureSetting, Unit, texture_from
from simgen.records.world import Draft

_COLOR = [{"uniform": [0.02, 0.95]}] * 3


def _default() -> Any:
    patterns = ["checker", "stripes", "dots", "noise", "marble", "speckle", "fabric", "gradient"]
    return TextureSetting.model_validate(
        {
            "pattern": {"choice": patterns},
            "colors": [_COLOR, _COLOR, _COLOR],
            "contrast": {"uniform": [0.4, 1.0]},
            "tile_m": {"uniform": [0.1, 0.6]},
        }
    )


class BackdropParams(Params):
    """Settings of the background."""

    texture: Sampled[TextureSetting] = Field(
        _default(), description="pattern, or `path` of an image or a folder of images"
    )
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
        texture = texture_from(own.draw(params.texture), own)
        fact = texture.file.name if texture.file is not None else texture.pattern
        return replace(draft, background=texture, facts={**draft.facts, "texture": fact})
