"""Bent and twisted objects: recipes that the asset library carries out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.plugin import Number, Params, Sampled, Stream
from simgen.records.deformation import Deformation
from simgen.records.world import Draft, DraftObject
from simgen.sampling.randomizers.ranges import ranged
from simgen.sampling.randomizers.targeting import Targets, changed

Axis = Literal["longest", "x", "y", "z"]


class BendParams(Targets):
    """Settings of a bend."""

    angle_deg: Sampled[
        Annotated[Number, Field(ge=-270, le=270, examples=[{"uniform": [-45, 45]}])]
    ] = Field(
        ranged("uniform", -30.0, 30.0),
        description="between the two ends; less where the object is too short and thick for it",
    )
    axis: Sampled[Axis] = Field(
        "longest",
        description="of the object's own frame that becomes an arc; z stands on its foot",
        examples=["longest"],
    )
    toward_deg: Sampled[Number] | None = Field(
        None, description="direction about that axis; default: across the thinner side"
    )


class Bend:
    """Bends objects along an axis; shape, labels and physics are those of the bent object.

    Textures stick to the material, keypoints move with it, and what stands upright keeps its
    foot flat.
    """

    api: ClassVar[int] = 1
    stage: ClassVar[str] = "objects"
    identity: ClassVar[Mapping[str, Any] | None] = {"angle_deg": 0.0}
    Params: ClassVar[type[Params]] = BendParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with bent objects; unchanged with the angle 0."""
        return changed(draft, params, rng, lambda t, own: _deformed(t, "bend", own.draw(params)))


class TwistParams(Targets):
    """Settings of a twist."""

    angle_deg: Sampled[
        Annotated[Number, Field(ge=-360, le=360, examples=[{"uniform": [-60, 60]}])]
    ] = Field(
        ranged("uniform", -40.0, 40.0),
        description="between the two ends; less where the object is too short and thick for it",
    )
    axis: Sampled[Axis] = Field(
        "longest", description="of the object's own frame", examples=["longest"]
    )


class Twist:
    """Twists objects about an axis; shape, labels and physics are those of the twisted object."""

    api: ClassVar[int] = 1
    stage: ClassVar[str] = "objects"
    identity: ClassVar[Mapping[str, Any] | None] = {"angle_deg": 0.0}
    Params: ClassVar[type[Params]] = TwistParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with twisted objects; unchanged with the angle 0."""
        return changed(draft, params, rng, lambda t, own: _deformed(t, "twist", own.draw(params)))


def _deformed(thing: DraftObject, kind: Literal["bend", "twist"], drawn: Any) -> DraftObject:
    angle = float(drawn.angle_deg)
    if angle == 0:
        return thing
    toward = getattr(drawn, "toward_deg", None)
    step = Deformation(kind, angle, drawn.axis, None if toward is None else float(toward))
    wish = replace(thing.asset, shape=(*(thing.asset.shape or ()), step), digest="")
    return replace(thing, asset=wish)
