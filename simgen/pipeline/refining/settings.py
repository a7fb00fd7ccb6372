"""Settings of a refine config."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simgen.evaluate.label_check import Limits
from simgen.spec.fields import Integer, NonNegative, Number, Params, Root, Unit
from simgen.spec.scene_file import Key, PluginSection

_LIMITS = Limits()
Limit = Annotated[Number, Field(ge=0, le=100)]


class RefinerSection(PluginSection):
    """`refiners.NAME:` one refiner of the chain, and its settings."""

    kind: str = Field(description="name of a refiner, see `simgen plugins`")


class KeepSection(Params):
    """`keep:` objects whose own pixels stay."""

    classes: dict[str, Unit] = Field(
        default_factory=dict,
        description="category -> part of its own pixels that stays, 1 is all; `*`: all others",
    )
    feather_px: NonNegative = Field(3.0, description="how softly they fade outside, pixels")


class LimitsSection(Params):
    """`check.limits:` scores above which a label is not believed; 0 leaves one out."""

    drowned: Limit = Field(_LIMITS.drowned, description="outline that noise has swallowed")
    edges: Limit = Field(_LIMITS.edges, description="outline and depth edges that no longer agree")
    faded: Limit = Field(_LIMITS.faded, description="contrast that the outline lost")
    moved: Limit = Field(_LIMITS.moved, description="how far it went, in sizes of the instance")
    part: Limit = Field(_LIMITS.part, description="the worst eighth of the outline")
    inside: Limit = Field(_LIMITS.inside, description="what is drawn inside the outline")
    colour: Limit = Field(_LIMITS.colour, description="change of colour, in L*a*b* over 100")
    drift: Limit = Field(_LIMITS.drift, description="how much worse a detector's box fits")
    invented: Limit = Field(_LIMITS.invented, description="new structure in the background")
    copied: Limit = Field(_LIMITS.copied, description="likeness to a real photograph")


class CheckSection(Params):
    """`check:` whether labels still hold, and what becomes of pictures where they do not."""

    enabled: bool = Field(True, description="measure at all")
    limits: LimitsSection = Field(default_factory=LimitsSection)
    composite: bool = Field(True, description="lay an instance's own pixels back")
    retries: Annotated[Integer, Field(ge=0, le=8)] = Field(2, description="at lower strength")
    retry_strength: Annotated[Number, Field(gt=0, lt=1)] = Field(
        0.5, description="factor of the strength from one try to the next"
    )
    otherwise: Literal["drop", "original"] = Field(
        "drop", description="what becomes of a picture that nothing helped"
    )
    detector: Root | None = Field(
        None, description="folder of a detector: how its boxes drift is measured, too"
    )
    photos: Root | None = Field(
        None, description="photographs that no picture may repeat: a folder, or a COCO file"
    )


class RefineFile(Params):
    """A refine config."""

    refine: Literal[1] = Field(description="format version")
    refiners: dict[Key, RefinerSection] = Field(
        min_length=1, description="the chain, in this order; names are those of random streams"
    )
    keep: KeepSection = Field(default_factory=KeepSection)
    check: CheckSection = Field(default_factory=CheckSection)
    seed: Integer = Field(0, ge=0, lt=2**63, description="of everything that is drawn")
