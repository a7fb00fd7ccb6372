"""Asset source `crate`: slatted wooden crates, stacking boxes of plastic, pallets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.closure import closure_of, closure_values
from simgen.assets.families.assembly import Seed
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Integer, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset
from simgen.records.pose import Pose

Kind = Literal["slatted", "plastic", "pallet"]


class CrateParams(Oriented):
    """Which crates, how large, of how many boards."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="of wooden slats, of plastic with a grid, a flat pallet"
    )
    size_m: tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]] | None = Field(
        None, description="outside along x, y, z, m; default: the kind's own"
    )
    slats: Sampled[Annotated[Integer, Field(ge=1, le=8)]] = Field(
        3, description="boards on each side of a wooden crate; rows of openings of a plastic one"
    )
    gap: Sampled[Annotated[float, Field(ge=0.02, le=0.7)]] = Field(
        0.22, description="share of a side that is open between boards"
    )
    board_m: Sampled[Positive] | None = Field(
        None, description="thickness of boards and walls, m; default: by size"
    )
    lid: Sampled[bool] = Field(
        False, description="state `closure`: a wooden or plastic crate is closed by a lid"
    )
    color: Color = Field((0.66, 0.45, 0.26), description="of the wood")
    plastic_color: Color = Field((0.03, 0.16, 0.45), description="of a plastic crate")
    roughness: Sampled[Unit] = Field(0.75, description="of the wood; 0 mirror, 1 chalk")
    seed: Sampled[Seed] = Field(0, description="chooses the figure of the wood")


class Crate(OrientedSource):
    """A crate standing on z = 0, its long side along x; slots `boards`, `posts`, `nails`, `lid`.

    Plastic uses `boards` alone, with `lid`. States: `orientation`, `closure` (open, closed).
    Keypoints: the corners of its rim, `left_front`, `right_front`, `right_back`, `left_back`, and
    of its foot (`..._low`). Parts: `body`, `lid`. Convex pieces leave it hollow.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = CrateParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind; `name` is crate or pallet, attribute `kind`."""
        kinds = params.kinds
        return [
            Variant(k, {"name": "pallet" if k == "pallet" else "crate", "kind": k}) for k in kinds
        ]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`orientation` and `closure`."""
        closed = closure_values(params.lid)
        swapped = tuple("closed" if value == "open" else "open" for value in closed)
        return {**super().state_values(params), "closure": swapped}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """Tilt, and whether it has its lid on."""
        closed = bool(params.lid)
        return {**super().states(params, variant, pose), "closure": closure_of(not closed)}

    def marks(self, params: Any, variant: str) -> Marks:
        """Eight corners, and the edges of rim, foot and sides."""
        rim = ("left_front", "right_front", "right_back", "left_back")
        foot = tuple(f"{name}_low" for name in rim)
        bones = [(names[i], names[(i + 1) % 4]) for names in (rim, foot) for i in range(4)] + list(
            zip(rim, foot, strict=True)
        )
        return Marks((*rim, *foot), tuple(bones))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed bodies; pictures of wood in metres.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.crate_shape import crate_asset

        return crate_asset(params, variant)
