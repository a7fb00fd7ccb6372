"""Asset source `nut`: hexagon, square, flange, lock and cap nuts with cut threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.families.fasteners import Finish
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Integer, Params, Positive, Sampled, Variant
from simgen.records.asset import Asset

Kind = Literal["hex", "square", "flange", "lock", "cap"]


class NutParams(Oriented):
    """Which nuts, for which thread."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="hexagon, square, with flange, with plastic ring, domed"
    )
    thread_m: Sampled[Annotated[Positive, Field(ge=0.001, le=0.1)]] = Field(
        0.008, description="diameter of the thread, m (0.008 is M8); the outside follows ISO"
    )
    height_m: Sampled[Positive] | None = Field(
        None, description="of the body without ring or dome, m; default: ISO"
    )
    facets: Annotated[Integer, Field(ge=12, le=96)] = Field(
        28, description="of the thread, around; more cost triangles"
    )
    finish: Sampled[Finish] = Field("zinc", description="metal and coating")


class Nut(OrientedSource):
    """A nut lying on z = 0, its axis is z; slots `body`, `ring` (of lock nuts).

    State: `orientation`. Convex pieces leave the hole open.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = NutParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind, all named `nut`; attribute `kind`."""
        return [Variant(f"{kind}_nut", {"name": "nut", "kind": kind}) for kind in params.kinds]

    def build(self, params: Any, variant: str) -> Asset:
        """Closed.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.nut_shapes import nut_asset

        return nut_asset(params, variant.removesuffix("_nut"))
