"""Clutter that is nobody's label: plain solids of any material."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.plugin import Integer, MaterialSetting, Params, Positive, Sampled, Stream, material_from
from simgen.records.world import AssetRef, Draft, DraftObject
from simgen.sampling.randomizers.palette import ANY_MATERIAL
from simgen.sampling.randomizers.ranges import ranged

Solid = Literal["box", "cylinder", "cone", "ball", "capsule", "ring", "prism", "wedge", "pyramid"]
_SOLIDS = ("box", "cylinder", "cone", "ball", "capsule", "ring", "prism", "wedge", "pyramid")


class DistractorsParams(Params):
    """Settings; every one but `count` is drawn anew for each thing."""

    count: Sampled[Annotated[Integer, Field(ge=0, le=200, examples=[{"randint": [2, 8]}])]] = Field(
        ranged("randint", 2, 6), description="things per world"
    )
    solids: Sampled[Solid] = Field(
        ranged("weighted", _SOLIDS, (3.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)),
        description="kind of solid",
    )
    size_m: Sampled[Positive] = Field(
        ranged("loguniform", 0.03, 0.12),
        description="longest edge of its bounding box, m",
        examples=[{"uniform": [0.03, 0.1]}],
    )
    slenderness: Sampled[Annotated[float, Field(ge=0.02, le=1)]] = Field(
        ranged("uniform", 0.3, 1.0), description="each other edge over the longest"
    )
    material: Sampled[MaterialSetting] = Field(ANY_MATERIAL, description="what it is made of")


class Distractors:
    """Adds unlabelled things of random shape, size and material before objects are placed.

    They come after all other objects, so that these keep their ids, and lie, stand or float as
    the scene type lays out a collection called `randomizers.KEY`.
    """

    api: ClassVar[int] = 1
    stage: ClassVar[str] = "objects"
    identity: ClassVar[Mapping[str, Any] | None] = {"count": 0}
    Params: ClassVar[type[Params]] = DistractorsParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with these things added; unchanged with the count 0."""
        count = int(rng.child("count").draw(params.count))
        things = tuple(_thing(n, params, rng.child(f"thing{n}")) for n in range(count))
        return replace(
            draft,
            objects=(*draft.objects, *things),
            facts={**draft.facts, "count": count},
        )


def _thing(number: int, params: Any, rng: Stream) -> DraftObject:
    drawn = rng.draw(params)
    edges = [1.0, *(float(rng.child(f"edge{n}").draw(params.slenderness)) for n in (1, 2))]
    x, y, z = (float(drawn.size_m) * edge for edge in rng.child("order").shuffled(edges))
    settings = {"solid": drawn.solids, "size_m": [x, y, z]}
    material = material_from(drawn.material, rng.child("material"))
    # A wish: neither the key of this step nor the digest is known here.
    wish = AssetRef("primitive", "", "primitive", settings, "")
    return DraftObject("", number, wish, "distractor", materials={"*": material})
