"""Asset source `fruit`: fifteen kinds with their own shapes, skins, stems and leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.families.assembly import Seed
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset

Kind = Literal[
    "apple", "green_apple", "pear", "banana", "orange", "lemon", "lime", "peach", "plum", "kiwi",
    "tomato", "strawberry", "avocado", "mango", "watermelon",
]  # fmt: skip


class FruitParams(Oriented):
    """Which fruit, how large, how ripe."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="kinds to draw from"
    )
    size_m: Sampled[Positive] | None = Field(
        None,
        description="width of round fruit, length of a banana along its bend, m; default: the "
        "kind's own",
    )
    slenderness: Sampled[Annotated[Positive, Field(ge=0.6, le=1.6)]] = Field(
        1.0, description="factor on the height over the width"
    )
    ripeness: Sampled[Unit] = Field(0.7, description="0 unripe, 0.7 ripe, 1 overripe")
    irregularity: Sampled[Unit] = Field(0.5, description="0 perfectly turned, 1 crooked")
    stem: Sampled[bool] = Field(True, description="with its stem or leaves, if the kind has them")
    roughness: Sampled[Unit] | None = Field(
        None, description="of the skin; 0 mirror, 1 chalk; default: the kind's own"
    )
    seed: Sampled[Seed] = Field(0, description="chooses shape and skin in detail")


class Fruit(OrientedSource):
    """A fruit standing on z = 0, a banana lying; slots `skin`, `stem`, `leaf`.

    Keypoints: `bottom` and `top` (of a banana its tip and its stem, and `middle` on the outside of
    its bend). Parts: `flesh`, `stem`. State: `orientation`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = FruitParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind; of a green apple `name` is apple."""
        return [
            Variant(kind, {"name": kind.removeprefix("green_"), "kind": kind})
            for kind in params.kinds
        ]

    def marks(self, params: Any, variant: str) -> Marks:
        """`bottom`, `top`; of a banana `middle` between them."""
        if variant == "banana":
            return Marks(("bottom", "middle", "top"), (("bottom", "middle"), ("middle", "top")))
        return Marks(("bottom", "top"), (("bottom", "top"),))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed; the skin's UVs run once around and from pole to pole.

        Raises:
            AssetError: the size fits no scene.
        """
        from simgen.assets.families.fruit_shape import fruit_asset

        return fruit_asset(params, variant)
