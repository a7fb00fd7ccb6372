"""Asset source `card`: playing cards, own drawing or a folder of faces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.plugin import AssetSource, Color, Params, Positive, Root, Sampled, Unit, Variant
from simgen.records.asset import Asset, Surface
from simgen.records.pose import Pose

_Low = Literal["ace", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_Court = Literal["jack", "queen", "king"]
Suit = Literal["spades", "hearts", "diamonds", "clubs"]
RANKS: tuple[_Low | _Court, ...] = (*get_args(_Low), *get_args(_Court))
SUITS: tuple[Suit, ...] = get_args(Suit)
_JOKERS = ("joker-black", "joker-red")


class CardParams(Params):
    """Which cards there are, their size and looks."""

    ranks: Annotated[tuple[_Low | _Court, ...], Field(min_length=1)] | None = Field(
        None, description="ranks of the deck; default: all that there are faces for"
    )
    suits: Annotated[tuple[Suit, ...], Field(min_length=1)] = Field(
        SUITS, description="suits of the deck"
    )
    jokers: Literal[0, 1, 2] = Field(0, description="drawn jokers: one black, one red")
    width_m: Positive = Field(0.0635, description="short side, m")
    height_m: Positive = Field(0.0889, description="long side, m")
    thickness_m: Positive = Field(0.0003, description="m")
    corner_m: Positive = Field(0.0035, description="radius of the corners, m")
    faces: Root | None = Field(
        None, description="folder of face images (10_of_spades.png or ts.png); default: own drawing"
    )
    pad: Annotated[Unit, Field(le=0.3)] | None = Field(
        None,
        description="white margin around face images, share of the width; "
        "default: 0.04 for images without transparency, else 0",
    )
    aspect: Literal["keep", "stretch"] = Field(
        "keep", description="keep: fill up with white; stretch: fit face images to the card"
    )
    back_color: Color = Field((0.33, 0.02, 0.035), description="ink of the drawn back")
    roughness: Sampled[Unit] = Field(0.35, description="of both sides; 0 mirror, 1 chalk")
    side_tolerance_deg: Annotated[Positive, Field(le=90)] = Field(
        60.0, description="a card that leans more shows no side: no state `side`, so no `{side}`"
    )


class Card(AssetSource):
    """A playing card centred on its origin, face up along +z; slots `front`, `back`, `edge`.

    State `side`: `front` or `back`, whichever looks up within `side_tolerance_deg`. A card on
    its edge, as many in flight are, has no `side`: a category of `{side}` gives it no label.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = CardParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per card: `queen-hearts`, attributes `name`, `rank`, `suit`.

        Raises:
            AssetError: the folder of faces lacks a rank or suit that is asked for.
        """
        ranks: Sequence[str] = params.ranks or RANKS
        if params.faces is not None:
            from simgen.assets.card_folder import ranks_in_folder

            ranks = ranks_in_folder(params.faces, params.ranks, params.suits, RANKS)
        cards = [(rank, suit) for suit in params.suits for rank in ranks]
        out = [Variant(f"{r}-{s}", {"name": f"{r}-{s}", "rank": r, "suit": s}) for r, s in cards]
        for name in _JOKERS[: params.jokers]:
            out.append(Variant(name, {"name": name, "rank": "joker", "suit": name[6:]}))
        return out

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`side` is front or back."""
        return {"side": ("front", "back")}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """`front` if the face looks up, `back` if it looks down; none if it leans too much."""
        upward = float(pose.rotation()[2, 2])
        if abs(upward) < math.cos(math.radians(params.side_tolerance_deg)):
            return {}
        return {"side": "front" if upward > 0 else "back"}

    def build(self, params: Any, variant: str) -> Asset:
        """Watertight sheet with the face on top; UVs of both sides run over the whole card.

        Raises:
            AssetError: the measures do not fit together, or a face image cannot be used.
        """
        from simgen.assets.card_drawing import draw_back, draw_face
        from simgen.assets.card_folder import folder_back, folder_face
        from simgen.assets.card_shape import card_mesh
        from simgen.assets.sizes import check_extents

        size = (params.width_m, params.height_m, params.thickness_m)
        check_extents(size, "card", "lengths are metres: make width_m, height_m fit the scene")
        mesh = card_mesh(size, params.corner_m)
        files: dict[str, str] = {}
        rank, _, suit = variant.partition("-")
        front = back = None
        licence = "CC0-1.0"
        if params.faces is not None:
            from simgen.assets.licences import licence_of

            shape = size[1] / size[0]
            back = folder_back(params.faces, shape, params.aspect, files)
            if rank != "joker":
                fit = (shape, params.pad, params.aspect)
                front = folder_face(params.faces, rank, suit, fit, files)
            licence = licence_of(params.faces.location, params.faces.location)
        if front is None:
            front = draw_face(rank, suit)
        if back is None:
            back = draw_back(tuple(params.back_color))
        rough = float(params.roughness)
        white = (1.0, 1.0, 1.0)
        surfaces = (
            Surface(base_color=white, base_color_image=front, roughness=rough),
            Surface(base_color=white, base_color_image=back, roughness=rough),
            Surface(base_color=(0.72, 0.71, 0.68), roughness=0.8),
        )
        slots = ("front", "back", "edge")
        return Asset(mesh, slots, surfaces, tuple(sorted(files.items())), licence)
