"""Stickers and decals on objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import (
    Integer,
    Number,
    Params,
    Positive,
    Root,
    Sampled,
    Stream,
    Unit,
    file_ref,
    list_files,
)
from simgen.plugin.files import IMAGE_SUFFIXES
from simgen.records.finish import Finish
from simgen.records.world import Draft, DraftObject
from simgen.sampling.randomizers.ranges import ranged
from simgen.sampling.randomizers.targeting import Targets, changed


class StickersParams(Targets):
    """Settings; every one but `count` is drawn anew for each sticker."""

    count: Sampled[Annotated[Integer, Field(ge=0, le=50, examples=[{"randint": [0, 2]}])]] = Field(
        ranged("weighted", (0, 1, 2, 3), (2.0, 3.0, 2.0, 1.0)), description="per object"
    )
    size_m: Sampled[Positive] = Field(
        ranged("loguniform", 0.02, 0.06),
        description="longer edge, m",
        examples=[{"uniform": [0.02, 0.05]}],
    )
    turn_deg: Sampled[Number] = Field(
        ranged("truncated_normal", 0.0, 12.0, -180.0, 180.0), description="against upright"
    )
    roughness: Sampled[Unit] = Field(ranged("uniform", 0.2, 0.7), description="of the print")
    path: Root | None = Field(
        None,
        description="picture, or a folder to draw from, transparency included; default: price "
        "tags, bar codes, address labels, seals, warnings",
    )


class Stickers:
    """Glues stickers onto random places of objects: labels of our own, or your pictures."""

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = {"count": 0}
    Params: ClassVar[type[Params]] = StickersParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with stickers; unchanged with the count 0."""
        return changed(draft, params, rng, lambda thing, own: _glued(thing, params, own))


def _glued(thing: DraftObject, params: Any, rng: Stream) -> DraftObject:
    count = int(rng.child("count").draw(params.count))
    steps = tuple(_sticker(params, rng.child(f"sticker{n}")) for n in range(count))
    return replace(thing, finish=(*thing.finish, *steps)) if steps else thing


def _sticker(params: Any, rng: Stream) -> Finish:
    drawn = rng.draw(params)
    numbers = {name: float(getattr(drawn, name)) for name in ("size_m", "turn_deg", "roughness")}
    file = None
    if drawn.path is not None:
        name = rng.child("file").choice(list_files(drawn.path, IMAGE_SUFFIXES))
        file = file_ref(drawn.path, name)
    return Finish("sticker", numbers, rng.child("seed").integer(0, 2**31 - 1), file)
