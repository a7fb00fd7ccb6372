"""Asset source `book`: hard and soft covers with printed covers and pages, closed or open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from simgen.assets.closure import closure_of, closure_values
from simgen.assets.families.assembly import Seed
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Color, Marks, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset
from simgen.records.pose import Pose, Vec3

Kind = Literal["hardcover", "paperback"]


class BookParams(Oriented):
    """Which books, how large, how printed."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        get_args(Kind), description="with boards that stand over the pages, or without"
    )
    width_m: Sampled[Positive] = Field(0.135, description="of the cover, from spine to edge, m")
    height_m: Sampled[Positive] = Field(0.205, description="along the spine, m")
    thickness_m: Sampled[Positive] = Field(0.026, description="of the closed book, m")
    open: Sampled[bool] = Field(False, description="state `closure`: it lies open, pages up")
    open_at: Sampled[Annotated[float, Field(ge=0.1, le=0.9)]] = Field(
        0.5, description="share of the pages on the left, when open"
    )
    cover_color: Color | None = Field(None, description="default: chosen by `seed`")
    cover_roughness: Sampled[Unit] = Field(0.4, description="0 mirror, 1 chalk")
    face_tolerance_deg: Annotated[Positive, Field(le=90)] = Field(
        45.0, description="a book tilted by more shows no face: no state `face`"
    )
    seed: Sampled[Seed] = Field(0, description="chooses title, colours, design and pages")


class Book(OrientedSource):
    """A book lying on z = 0, front up, its head towards +y; slots `front`, `back`, `spine`, ...

    The others are `pages` (their cut), `inside` (of the cover) and `text` (open pages). States:
    `closure` (open, closed); `face`, what looks up: front or back of a closed book, pages or cover
    of an open one; `orientation`, by the tilt of its head (upright: it stands as on a shelf).
    Keypoints: the corners of what lies on top, `head_left`, `head_right`, `foot_right`,
    `foot_left`. Parts: `cover`, `pages`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BookParams
    up: ClassVar[Vec3] = (0.0, 1.0, 0.0)

    def variants(self, params: Any) -> Sequence[Variant]:
        """One per kind, all named `book`; attribute `kind`."""
        return [Variant(kind, {"name": "book", "kind": kind}) for kind in params.kinds]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        """`orientation`, `closure` and `face`."""
        closures = closure_values(params.open)
        faces: tuple[str, ...] = ("front", "back") if "closed" in closures else ()
        faces += ("pages", "cover") if "open" in closures else ()
        return {**super().state_values(params), "closure": closures, "face": faces}

    def states(self, params: Any, variant: str, pose: Pose) -> dict[str, str]:
        """Tilt, whether it is open, and what looks up."""
        out = {**super().states(params, variant, pose), "closure": closure_of(params.open)}
        upward = float(pose.rotation()[2, 2])
        if abs(upward) >= math.cos(math.radians(params.face_tolerance_deg)):
            names = ("pages", "cover") if params.open else ("front", "back")
            out["face"] = names[0 if upward > 0 else 1]
        return out

    def marks(self, params: Any, variant: str) -> Marks:
        """Four corners and the edges between them."""
        names = ("head_left", "head_right", "foot_right", "foot_left")
        return Marks(names, tuple(zip(names, (*names[1:], names[0]), strict=True)))

    def build(self, params: Any, variant: str) -> Asset:
        """Closed bodies; UVs of cover and pages run over the whole of them.

        Raises:
            AssetError: the measures do not fit together.
        """
        from simgen.assets.families.book_shape import book_asset

        return book_asset(params, variant)
