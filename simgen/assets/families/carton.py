"""Asset source `carton`: printed product packs and shipping boxes, closed or with open flaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.closure import closure_of, closure_values
from simgen.assets.families.assembly import Seed
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset
from simgen.records.pose import Pose

Kind = Literal["cereal", "tea", "flat", "shipping"]


class CartonParams(Oriented):
    """Which cartons, how large, how printed."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="tall pack, small pack, flat pack as games have, brown box"
    )
    size_m: tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]] | None = Field(
        None, description="width (x), depth (y) and height (z), m; default: the kind's own"
    )
    wall_m: Sampled[Positive] | None = Field(
        None, description="thickness of the board, m; default: by kind"
    )
    open: Sampled[bool] = Field(False, description="state `closure`: the flaps stand open")
    flap_deg: Sampled[Annotated[float, Field(ge=5, le=175)]] = Field(
        115.0, description="how far open flaps are turned up, deg"
    )
    color: Color | None = Field(None, description="ground; default: chosen by `seed`")
    roughness: Sampled[Unit] | None = Field(None, description="0 mirror, 1 chalk; default: by kind")
    seed: Sampled[Seed] = Field(0, description="chooses name, colours and design")


class Carton(OrientedSource):
    """A carton standing on z = 0, its front towards -y; slots `front`, `back`, `left`, `right`, ...

    The others are `bottom`, `top` (also of open flaps), `inside`. States: `orientation`, `closure`
    (open, closed). Keypoints: the four upper and the four lower corners, `left_front_high` ...
    Parts: `body`, `flaps`. Convex pieces leave an open one hollow.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = CartonParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind, all named `carton`; attribute `kind`."""
        return [Variant(kind, {"name": "carton", "kind": kind}) for kind in params.kinds]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`orientation` and `closure`."""
        return {**super().state_values(params), "closure": closure_values(params.open)}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """Tilt, and whether it is open."""
        return {**super().states(params, variant, pose), "closure": closure_of(params.open)}

    def marks(self, params: Any, variant: str) -> Marks:
        """Eight corners and twelve edges."""
        from simgen.assets.box import CORNER_MARKS

        return CORNER_MARKS

    def build(self, params: Any, variant: str) -> Asset:
        """Closed bodies; each side's UVs fill [0, 1].

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.carton_shape import carton_asset

        return carton_asset(params, variant)
