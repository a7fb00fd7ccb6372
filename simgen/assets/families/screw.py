"""Asset source `screw`: machine and wood screws with slots, crosses, hexagons and stars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.families.fasteners import Drive, Finish
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Integer, Marks, Params, Positive, Sampled, Variant
from simgen.records.asset import Asset

Kind = Literal["pan", "countersunk", "round", "wood", "tapping"]


class ScrewParams(Oriented):
    """Which screws, how thick, how long."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind),
        description="machine screws with pan, countersunk or round head; wood screws "
        "(countersunk) and tapping screws (pan), both with a point",
    )
    thread_m: Sampled[Annotated[Positive, Field(ge=0.001, le=0.03)]] = Field(
        0.005, description="diameter of the thread, m"
    )
    length_m: Sampled[Positive] = Field(
        0.025, description="m; of countersunk heads with the head, of others under it"
    )
    drive: Sampled[Drive] = Field("phillips", description="recess of the head")
    facets: Annotated[Integer, Field(ge=12, le=96)] = Field(
        24, description="of the thread, around; more cost triangles"
    )
    finish: Sampled[Finish] = Field("zinc", description="metal and coating")


class Screw(OrientedSource):
    """A screw standing on its head, its axis is z; slots `head`, `shank`.

    Keypoints: `head` (on the rim of its top, towards -y), `neck`, `tip`. Parts: `head`, `shank`.
    State: `orientation`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = ScrewParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind, all named `screw`; attribute `kind`."""
        return [Variant(f"{kind}_screw", {"name": "screw", "kind": kind}) for kind in params.kinds]

    def marks(self, params: Any, variant: str) -> Marks:
        """`head`, `neck`, `tip`."""
        return Marks(("head", "neck", "tip"), (("head", "neck"), ("neck", "tip")))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed; the thread is a helix.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.screw_shapes import screw_asset

        return screw_asset(params, variant.removesuffix("_screw"))
