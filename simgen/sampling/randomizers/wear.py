"""Wear: dust, dirt, scratches and fingerprints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import Color, Integer, Params, Sampled, Stream, Unit
from simgen.records.finish import Finish
from simgen.records.world import Draft, DraftObject
from simgen.sampling.randomizers.ranges import one_of_colors, ranged
from simgen.sampling.randomizers.targeting import Targets, changed

_SEEDS = 2**31 - 1


class WearParams(Targets):
    """How much of what; drawn anew for each object."""

    dirt: Sampled[Unit] = Field(
        ranged("weighted", (0.0, ranged("uniform", 0.1, 0.6)), (1.0, 1.0)),
        description="0 clean, 1 covered; first where a cloth does not reach",
        examples=[{"uniform": [0.0, 0.4]}],
    )
    dust: Sampled[Unit] = Field(
        ranged("weighted", (0.0, ranged("uniform", 0.1, 0.7)), (1.0, 1.0)),
        description="0 clean, 1 thick; on what looks up",
        examples=[{"uniform": [0.0, 0.5]}],
    )
    scratches: Sampled[Unit] = Field(
        ranged("weighted", (0.0, ranged("uniform", 0.1, 0.7)), (1.0, 1.0)),
        description="0 none, 1 worn all over",
        examples=[0.3],
    )
    fingerprints: Sampled[Annotated[Integer, Field(ge=0, le=200)]] = Field(
        ranged("weighted", (0, ranged("randint", 2, 12)), (1.0, 1.0)),
        description="prints; they show on glossy surfaces",
    )
    dirt_color: Color = Field(
        one_of_colors("#5a4126", "#3f3122", "#544a33", "#2e2721"), description="of the dirt"
    )
    dust_color: Color = Field(
        one_of_colors("#b8ada0", "#a89f94", "#c4bdb2"), description="of the dust"
    )
    scratch_color: Color = Field(
        one_of_colors("#d8d6d2", "#bdbab5"), description="of what scratches lay open"
    )


class Wear:
    """Puts dirt, scratches, fingerprints and dust on objects, in this order.

    The layers are recipes that the asset library realises as textures, the same for every
    engine; dust lies on what looks up in the world.
    """

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = {
        "dirt": 0.0,
        "dust": 0.0,
        "scratches": 0.0,
        "fingerprints": 0,
    }
    Params: ClassVar[type[Params]] = WearParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with worn objects; unchanged where every amount is 0."""
        return changed(draft, params, rng, lambda t, own: _worn(t, own.draw(params), own))


def _worn(thing: DraftObject, drawn: Any, rng: Stream) -> DraftObject:
    layers: list[tuple[Any, float, dict[str, Any]]] = [
        ("dirt", float(drawn.dirt), {"color": _rgb(drawn.dirt_color)}),
        ("scratches", float(drawn.scratches), {"color": _rgb(drawn.scratch_color)}),
        ("fingerprints", int(drawn.fingerprints), {}),
        ("dust", float(drawn.dust), {"color": _rgb(drawn.dust_color)}),
    ]
    steps = []
    for kind, amount, params in layers:
        if amount > 0:
            name = "count" if kind == "fingerprints" else "amount"
            seed = rng.child("seed").child(kind).integer(0, _SEEDS)
            steps.append(Finish(kind, {name: amount, **params}, seed))
    return replace(thing, finish=(*thing.finish, *steps)) if steps else thing


def _rgb(color: Any) -> list[float]:
    return [float(c) for c in color]
