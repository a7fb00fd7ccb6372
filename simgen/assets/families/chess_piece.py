"""Asset source `chess_piece`: turned pieces in the manner of Staunton; knights are carved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Integer, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset

Piece = Literal["pawn", "rook", "knight", "bishop", "queen", "king"]
# Height and diameter of the base, shares of the king's height.
PROPORTIONS: dict[str, tuple[float, float]] = {
    "pawn": (0.51, 0.31),
    "rook": (0.55, 0.35),
    "knight": (0.64, 0.36),
    "bishop": (0.74, 0.36),
    "queen": (0.88, 0.40),
    "king": (1.0, 0.42),
}


class ChessPieceParams(Oriented):
    """Which pieces, how large, of what."""

    pieces: Annotated[tuple[Piece, ...], Field(min_length=1)] = Field(
        get_args(Piece), description="pieces to draw from"
    )
    king_m: Sampled[Positive] = Field(
        0.095, description="height of the king, m; the others keep their proportion to it"
    )
    height_m: Sampled[Positive] | None = Field(
        None, description="of this piece, m; default: as `king_m` says"
    )
    base_m: Sampled[Positive] | None = Field(
        None, description="diameter of the base, m; default: in proportion"
    )
    color: Color = Field((0.62, 0.42, 0.22), description="of the wood, plastic or stone")
    roughness: Sampled[Unit] = Field(0.25, description="0 mirror, 1 chalk")
    felt_color: Color = Field((0.02, 0.09, 0.04), description="under the base")
    facets: Annotated[Integer, Field(ge=16, le=192)] = Field(
        56, description="around; more cost triangles"
    )


class ChessPiece(OrientedSource):
    """A chess piece standing on z = 0, a knight looking towards -y; slots `body`, `felt`.

    Attributes for templates: `name` and `piece`; give a colour by `attributes:` and `materials:`.
    Keypoints: `base`, `collar` (on the front, under the head), `top`. Parts: `body`, `felt`. State:
    `orientation`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = ChessPieceParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per piece."""
        return [Variant(piece, {"name": piece, "piece": piece}) for piece in params.pieces]

    def marks(self, params: Any, variant: str) -> Marks:
        """`base`, `collar`, `top`."""
        return Marks(("base", "collar", "top"), (("base", "collar"), ("collar", "top")))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed; UVs are box-projected, in metres.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.chess_shape import chess_asset

        return chess_asset(params, variant)
