"""Asset source `bolt`: machine bolts with hexagon, flange, socket and button heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.families.fasteners import Finish
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Integer, Marks, Params, Positive, Sampled, Variant
from simgen.records.asset import Asset

Kind = Literal["hex", "flange", "socket", "button"]


class BoltParams(Oriented):
    """Which bolts, how thick, how long."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="heads: hexagon, hexagon with flange, socket cap, button"
    )
    thread_m: Sampled[Annotated[Positive, Field(ge=0.001, le=0.1)]] = Field(
        0.008, description="diameter of the thread, m (0.008 is M8); heads follow ISO"
    )
    length_m: Sampled[Positive] = Field(0.03, description="under the head, m")
    pitch_m: Sampled[Positive] | None = Field(
        None, description="of the thread, m; default: ISO coarse"
    )
    shank_m: Sampled[Annotated[float, Field(ge=0)]] = Field(
        0.0, description="length without thread under the head, m"
    )
    facets: Annotated[Integer, Field(ge=12, le=96)] = Field(
        28, description="of the thread, around; more cost triangles"
    )
    finish: Sampled[Finish] = Field("zinc", description="metal and coating")


class Bolt(OrientedSource):
    """A bolt standing on its head, its axis is z; slots `head`, `shank`.

    Keypoints: `head` (middle of its top), `neck` (where the shank leaves it, towards -y), `tip`.
    Parts: `head`, `shank`. State: `orientation`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BoltParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per head, all named `bolt`; attribute `head`."""
        return [Variant(f"{kind}_bolt", {"name": "bolt", "head": kind}) for kind in params.kinds]

    def marks(self, params: Any, variant: str) -> Marks:
        """`head`, `neck`, `tip`."""
        return Marks(("head", "neck", "tip"), (("head", "neck"), ("neck", "tip")))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed; the thread is a helix.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.screw_shapes import bolt_asset

        return bolt_asset(params, variant.removesuffix("_bolt"))
