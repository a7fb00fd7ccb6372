"""Settings of an augment config."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simgen.spec.fields import Integer, Params, Root, Unit
from simgen.spec.scene_file import Key, PluginSection


class AugmenterSection(PluginSection):
    """`augmenters.NAME:` one augmenter of the chain, and its settings."""

    kind: str = Field(description="name of an augmenter, see `simgen plugins`")
    chance: Unit = Field(1.0, description="how often it is applied")
    donors_from: Root | None = Field(
        None,
        description="dataset that its other pictures are taken from; default: the set itself, and "
        "of that the split that the picture is in",
    )


class AugmentFile(Params):
    """An augment config."""

    augment: Literal[1] = Field(description="format version")
    augmenters: dict[Key, AugmenterSection] = Field(
        min_length=1, description="the chain, in this order; names are those of random streams"
    )
    copies: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        1, description="results of each picture; with more than one, frames are numbered anew"
    )
    originals: bool = Field(
        False, description="put each picture as it is before its copies, frames numbered anew"
    )
    seed: Integer = Field(0, ge=0, lt=2**63, description="of everything that is drawn")
