"""Asset source `pipe`: straight pipes and fittings, plain, with sockets or flanges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Marks, Params, Positive, Sampled, Variant
from simgen.records.asset import Asset

Kind = Literal["straight", "elbow", "bend", "tee", "cross", "reducer"]
Material = Literal["steel", "copper", "brass", "stainless", "cast_iron", "pvc", "grey_pvc"]
ENDS: dict[str, tuple[str, ...]] = {
    "straight": ("bottom", "top"),
    "elbow": ("bottom", "side"),
    "bend": ("bottom", "side"),
    "tee": ("bottom", "top", "side"),
    "cross": ("bottom", "top", "side", "other_side"),
    "reducer": ("bottom", "top"),
}


class PipeParams(Oriented):
    """Which fittings, how wide, of what."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="straight, 90 deg elbow, 45 deg bend, tee, cross, reducer"
    )
    diameter_m: Sampled[Positive] = Field(0.0424, description="outside, m (0.0424 is DN 32)")
    wall_m: Sampled[Positive] | None = Field(
        None, description="thickness, m; default: 0.075 of the diameter"
    )
    length_m: Sampled[Positive] = Field(
        0.16, description="of a straight pipe or reducer; run of tee and cross, m"
    )
    leg_m: Sampled[Positive] | None = Field(
        None,
        description="from the middle to each end of elbow and bend, and of a branch, m; "
        "default: 1.7 diameters",
    )
    bend_radius_m: Sampled[Positive] | None = Field(
        None, description="of the axis of elbow and bend, m; default: 1.1 diameters"
    )
    small_diameter_m: Sampled[Positive] | None = Field(
        None, description="upper end of a reducer, m; default: 0.6 of the diameter"
    )
    ends: Sampled[Literal["plain", "socket", "flange"]] = Field(
        "socket", description="plain, widened to take a pipe, or flanged with bolt holes"
    )
    made_of: Sampled[Material] = Field("steel", description="metal or plastic")


class Pipe(OrientedSource):
    """A pipe or fitting; the run is z and starts at z = 0, branches point along +x; slot `body`.

    Keypoints: the centres of its openings, `bottom`, `top`, `side`, `other_side`; its own wall does
    not hide them. State: `orientation`. Convex pieces leave the bore open.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = PipeParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind: `straight_pipe`; attribute `kind`."""
        return [Variant(f"{k}_pipe", {"name": f"{k}_pipe", "kind": k}) for k in params.kinds]

    def marks(self, params: Any, variant: str) -> Marks:
        """The openings of the kind, joined through the first."""
        names = ENDS[variant.removesuffix("_pipe")]
        return Marks(names, tuple((names[0], other) for other in names[1:]))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.pipe_shape import pipe_asset

        return pipe_asset(params, variant.removesuffix("_pipe"))
