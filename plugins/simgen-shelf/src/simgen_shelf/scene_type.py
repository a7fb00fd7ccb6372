"""Scene type `shelf`: a retail shelf with facings, gaps, misplacements and price tags."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import (
    Integer,
    Kit,
    MaterialSetting,
    NonNegative,
    Number,
    Params,
    Sampled,
    Stream,
    Unit,
    support,
)
from simgen.records.world import Draft
from simgen_shelf.goods import Goods
from simgen_shelf.rack import Rack

_AISLE_M = 2.4  # clear floor before the shelf


def _material(color: str, roughness: float) -> MaterialSetting:
    return MaterialSetting.model_validate({"color": color, "roughness": roughness})


_PRINTED = MaterialSetting.model_validate(
    {
        "texture": {"pattern": "print", "colors": ["#fbfbf8", "#15161a"], "tile_m": 0.06},
        "roughness": 0.35,
    }
)


class ShelfParams(Params):
    """Settings of the shelf, of how goods stand on it, and of what has gone wrong there."""

    size_m: tuple[
        Sampled[Annotated[Number, Field(ge=0.3, le=10)]],
        Sampled[Annotated[Number, Field(ge=0.1, le=2)]],
        Sampled[Annotated[Number, Field(ge=0.3, le=5)]],
    ] = Field((1.25, 0.4, 1.8), description="width (x), depth (y) and height (z) of the shelf, m")
    levels: Sampled[Annotated[Integer, Field(ge=1, le=12)]] = Field(
        5, description="boards that goods stand on, the lowest included"
    )
    uneven: Unit = Field(
        0.3, description="how much the rooms between boards differ in height; 0: all alike"
    )
    rows: Sampled[Annotated[Integer, Field(ge=1, le=20)]] = Field(
        2, description="goods behind one another in a facing, drawn for each product"
    )
    gap_m: NonNegative = Field(0.004, description="between facings of a product, m")
    block_gap_m: NonNegative = Field(0.015, description="smallest distance between products, m")
    spread: Unit = Field(
        0.6, description="how far products are spread over free width; 0: pushed together"
    )
    inset_m: NonNegative = Field(
        0.01, description="from the front edge to the first good of a facing, m"
    )
    yaw_deg: Sampled[Annotated[Number, Field(ge=-180, le=180)]] = Field(
        0.0, description="turn about the upright axis, drawn for each good"
    )
    empty: Unit = Field(0.06, description="chance that the place of a facing is sold out")
    sold: Unit = Field(0.25, description="chance that goods are missing at the front of a facing")
    misplaced: Unit = Field(
        0.1, description="chance that a good of a product has changed places with a foreign one"
    )
    fallen: Unit = Field(0.05, description="chance that the only good of a facing lies on its back")
    tags: Unit = Field(0.9, description="chance that a product has a price tag on the rail")
    frame: Sampled[MaterialSetting] = Field(
        _material("#c9cbcc", 0.4), description="material of boards, sides and base"
    )
    panel: Sampled[MaterialSetting] = Field(
        _material("#b9bdbf", 0.6), description="material of the back panel"
    )
    rail: Sampled[MaterialSetting] = Field(
        _material("#e8e8e4", 0.35), description="material of the price rails"
    )
    tag: Sampled[MaterialSetting] = Field(
        _PRINTED, description="material of price tags, drawn for each"
    )
    floor: Sampled[MaterialSetting] = Field(
        _material("#9a968e", 0.3), description="material of the floor"
    )
    wall: Sampled[MaterialSetting] = Field(
        _material("#d8d5cc", 0.8), description="material of the wall behind"
    )


class Shelf:
    """A retail shelf: products in facings, with gaps, sold-out places, misplacements, price tags.

    Goods that follow one another in a collection and look the same (`repeat`) are one product: they
    stand side by side and behind one another, fronts towards -y. Cameras stand in the aisle.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = ShelfParams

    def radius_m(self, params: Any) -> float:
        """Distance of the farthest corner of floor and wall from the middle of the shelf's foot."""
        width, depth, height = (support(edge)[1] for edge in params.size_m)
        return Rack((width, depth, height), (1.0,), _AISLE_M).reach_m()

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """The shelf with all goods of the kit: placed, or counted as dropped with a reason."""
        size = (float(params.size_m[0]), float(params.size_m[1]), float(params.size_m[2]))
        heights = rng.child("heights")
        shares = [heights.uniform(1 - 0.9 * params.uneven, 1) for _ in range(int(params.levels))]
        rack = Rack(size, tuple(shares), _AISLE_M)
        goods = Goods(params, kit, rng)
        blocks = goods.arranged(rack.boards())
        fixed = rack.supports(kit, params, rng.child("rack"))
        tags = rack.tags(kit, params, rng.child("tags"), blocks)
        x, near = size[0] / 2 + 0.2, -size[1] / 2 - 0.35
        return Draft(
            (*goods.placed(), *fixed, *tags),
            radius_m=self.radius_m(params),
            counts=goods.counts(),
            facts={
                "size_m": list(size),
                "levels": int(params.levels),
                "products": len(blocks),
                "sold_out": goods.sold_out,
                "misplaced": goods.misplaced,
                "fallen": goods.fallen,
                "tags": len(tags),
            },
            eyes_m=((-x, near - _AISLE_M + 0.4, 0.25), (x, near, max(2.0, size[2] + 0.2))),
        )
