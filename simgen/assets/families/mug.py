"""Asset source `mug`: mugs, cups, bowls and tumblers, glazed, with or without a handle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.families.assembly import Seed
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset
from simgen.records.pose import Pose
from simgen.spec.distributions import Distribution, values_of

Kind = Literal["mug", "barrel", "cup", "espresso", "tumbler", "bowl"]
Design = Literal["plain", "dipped", "band", "stripes", "dots", "speckled"]
FULLNESS = ("empty", "full")


class MugParams(Oriented):
    """Which mugs, how large, how glazed."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind),
        description="straight mug, barrel with a waist, tea cup, espresso cup, tumbler and bowl "
        "(both without handle)",
    )
    height_m: Sampled[Positive] | None = Field(None, description="m; default: the kind's own")
    diameter_m: Sampled[Positive] | None = Field(
        None, description="at the rim, m; default: the kind's own"
    )
    wall_m: Sampled[Positive] | None = Field(
        None, description="thickness of the wall, m; default: 0.05 of the diameter, at most 4.2 mm"
    )
    handle: Sampled[bool] = Field(True, description="kinds that have a handle carry it")
    handle_reach_m: Sampled[Positive] | None = Field(
        None, description="how far the handle stands out, m; default: 0.4 of the diameter"
    )
    full: Sampled[bool] = Field(False, description="state `content`: it holds a drink")
    content_color: Color = Field((0.035, 0.014, 0.006), description="of the drink")
    design: Sampled[Design] = Field("plain", description="decoration of the outside")
    color: Color = Field((0.78, 0.77, 0.73), description="glaze outside")
    second_color: Color = Field((0.05, 0.13, 0.28), description="of the decoration")
    inside_color: Color = Field((0.80, 0.79, 0.76), description="glaze inside")
    roughness: Sampled[Unit] = Field(0.12, description="of the glaze; 0 mirror, 1 chalk")
    seed: Sampled[Seed] = Field(0, description="chooses the details of the decoration")


class Mug(OrientedSource):
    """A mug or cup standing on z = 0; slots `outside`, `inside`, `handle`, `foot`, `content`.

    The handle points along +x. States: `orientation`, `content` (full, empty). Keypoints: `base`,
    `rim_left` and `rim_right` (as seen with the handle to the right), `handle_top`, `handle_outer`,
    `handle_bottom`. Parts: `body`, `handle`, `content`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = MugParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind; `name` is mug, cup, tumbler or bowl."""
        names = {"barrel": "mug", "espresso": "cup"}
        return [Variant(k, {"name": names.get(k, k), "kind": k}) for k in params.kinds]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`orientation` and `content`."""
        full = params.full
        values = values_of(full) if isinstance(full, Distribution) else (full,)
        contents = tuple(FULLNESS[bool(value)] for value in values or (False, True))
        return {**super().state_values(params), "content": contents}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """Tilt, and whether it is full."""
        content = FULLNESS[bool(params.full)]
        return {**super().states(params, variant, pose), "content": content}

    def marks(self, params: Any, variant: str) -> Marks:
        """Base and rim; the handle's where the kind has one."""
        points = ("base", "rim_left", "rim_right")
        if variant in ("tumbler", "bowl"):
            return Marks(points)
        grip = ("handle_top", "handle_outer", "handle_bottom")
        return Marks((*points, *grip), ((grip[0], grip[1]), (grip[1], grip[2])))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed; the outside's UVs run once around.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.mug_shape import mug_asset

        return mug_asset(params, variant)
