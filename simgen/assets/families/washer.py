"""Asset source `washer`: plain, wide, spring and toothed washers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.families.fasteners import Finish
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Params, Positive, Sampled, Variant
from simgen.records.asset import Asset

Kind = Literal["plain", "wide", "spring", "toothed"]


class WasherParams(Oriented):
    """Which washers, for which thread."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="plain, wide (fender), split spring, inner teeth"
    )
    thread_m: Sampled[Annotated[Positive, Field(ge=0.001, le=0.1)]] = Field(
        0.008, description="diameter of the thread that it fits, m"
    )
    outside_m: Sampled[Positive] | None = Field(
        None, description="outer diameter, m; default: ISO 7089, of wide ones ISO 7093"
    )
    thickness_m: Sampled[Positive] | None = Field(None, description="m; default: ISO 7089")
    finish: Sampled[Finish] = Field("zinc", description="metal and coating")


class Washer(OrientedSource):
    """A washer lying on z = 0, its axis is z; slot `body`.

    State: `orientation`. Convex pieces leave the hole open.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = WasherParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind, all named `washer`; attribute `kind`."""
        kinds = params.kinds
        return [Variant(f"{kind}_washer", {"name": "washer", "kind": kind}) for kind in kinds]

    def build(self, params: Any, variant: str) -> Asset:
        """Closed.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.nut_shapes import washer_asset

        return washer_asset(params, variant.removesuffix("_washer"))
