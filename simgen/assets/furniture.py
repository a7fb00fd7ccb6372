"""Asset source `furniture`: plain tables, shelves, cabinets and chairs that things can rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.errors import AssetError, Fault
from simgen.plugin import AssetSource, Color, Integer, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset, Surface

FurnitureKind = Literal["table", "shelf", "board", "cabinet", "chair", "stool", "lamp"]
# Extents along x, y, z of each kind where nothing else is said, m.
USUAL_M: dict[str, tuple[float, float, float]] = {
    "table": (1.4, 0.8, 0.74),
    "shelf": (0.9, 0.32, 1.7),
    "board": (0.8, 0.22, 0.03),
    "cabinet": (1.2, 0.42, 0.8),
    "chair": (0.44, 0.46, 0.86),
    "stool": (0.36, 0.36, 0.46),
    "lamp": (0.36, 0.36, 0.5),
}
SLOTS: dict[str, tuple[str, ...]] = {
    "table": ("top", "frame"),
    "shelf": ("body",),
    "board": ("body", "metal"),
    "cabinet": ("body", "front", "metal"),
    "chair": ("frame", "seat"),
    "stool": ("frame", "seat"),
    "lamp": ("shade", "metal", "bulb"),
}
_COLORS = {
    "top": (0.55, 0.35, 0.18),
    "frame": (0.3, 0.2, 0.12),
    "body": (0.6, 0.45, 0.28),
    "front": (0.8, 0.78, 0.74),
    "seat": (0.25, 0.27, 0.3),
    "metal": (0.55, 0.55, 0.55),
    "shade": (0.85, 0.82, 0.76),
    "bulb": (1.0, 1.0, 1.0),
}


class FurnitureParams(Params):
    """Kind, size and make of a piece."""

    kind: Sampled[FurnitureKind] = Field(
        "table",
        description="`board` is a single shelf board on the wall, `lamp` hangs from a ceiling",
    )
    size_m: Sampled[tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]]] | None = Field(
        None, description="width, depth and height, m; default: what is usual for the kind"
    )
    levels: Sampled[Annotated[Integer, Field(ge=1, le=12)]] = Field(
        4, description="boards of a shelf, or doors of a cabinet"
    )
    legs: Sampled[Literal["square", "round"]] = Field("square", description="of tables and chairs")
    thickness_m: Sampled[Positive] = Field(0.025, description="of tops and boards, m")
    back: bool = Field(True, description="a shelf's back panel, a chair's backrest")
    color: Color | None = Field(None, description="base colour of all parts; default: by part")
    roughness: Sampled[Unit] = Field(0.5, description="0 mirror, 1 chalk")


class Furniture(AssetSource):
    """A table, shelf, wall board, cabinet, chair, stool or hanging lamp; slots by part.

    It stands on z = 0 about the z axis with its front towards -y; a lamp hangs down from z = 0, a
    board's upper side is z = 0 and its back edge y = 0.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = FurnitureParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One: `furniture`; which piece it is follows from the settings."""
        return [Variant("furniture")]

    def build(self, params: Any, variant: str) -> Asset:
        """Closed parts with eased edges, each with its convex piece; UVs in metres.

        Raises:
            AssetError: too small for its own parts, or absurdly large.
        """
        from simgen.assets.furniture_shapes import SHAPES
        from simgen.assets.shaping.patch import joined
        from simgen.assets.sizes import check_extents

        kind = str(params.kind)
        size = size_of(params)
        check_extents(size, "furniture", "lengths are metres: make size_m fit the scene")
        least = 4 * float(params.thickness_m) if kind != "board" else 0.0
        if min(size) < least:
            what = f"a {kind} of {' x '.join(f'{v:g}' for v in size)} m cannot be made of boards "
            what += f"that are {float(params.thickness_m):g} m thick"
            raise AssetError(Fault("furniture", what, "make it larger, or thickness_m smaller"))
        parts = SHAPES[kind](params, size)
        slots = SLOTS[kind]
        return Asset(
            joined(*(patch for patch, _ in parts)).mesh(),
            slots,
            tuple(_surface(slot, params) for slot in slots),
            licence="CC0-1.0",
            pieces_m=tuple(corners for _, corners in parts),
        )


def size_of(params: Any) -> tuple[float, float, float]:
    """Width, depth and height of drawn settings, m."""
    x, y, z = (float(v) for v in params.size_m or USUAL_M[str(params.kind)])
    return (x, y, z)


def _surface(slot: str, params: Any) -> Surface:
    metal = slot == "metal"
    color = _COLORS[slot] if params.color is None else tuple(params.color)
    return Surface(
        base_color=color,
        roughness=0.3 if metal else float(params.roughness),
        metallic=1.0 if metal else 0.0,
        emission=(4.0, 3.6, 3.0) if slot == "bulb" else (0.0, 0.0, 0.0),
        uv_in_metres=True,
    )
