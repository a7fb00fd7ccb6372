"""Asset source `primitive`: plain solids of any proportions; what clutter is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from simgen.plugin import AssetSource, Color, Params, Positive, Sampled, Unit, Variant
from simgen.records.asset import Asset, Surface

Solid = Literal["box", "cylinder", "cone", "ball", "capsule", "ring", "prism", "wedge", "pyramid"]


class PrimitiveParams(Params):
    """Kind and size of a solid, and its looks."""

    solid: Sampled[Solid] = Field("box", description="what it is; a prism has six sides")
    size_m: Sampled[tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]]] = Field(
        (0.06, 0.06, 0.06), description="extents along x, y, z, m"
    )
    color: Color = Field((0.8, 0.8, 0.8), description="base colour")
    roughness: Sampled[Unit] = Field(0.5, description="0 mirror, 1 chalk")


class Primitive(AssetSource):
    """A box, cylinder, cone, ball, capsule, ring, prism, wedge or pyramid; slot `body`."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = PrimitiveParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One: `primitive`; which solid it is follows from the settings."""
        return [Variant("primitive")]

    def build(self, params: Any, variant: str) -> Asset:
        """Watertight, centred on its bounding box, UVs box-projected in metres.

        Raises:
            AssetError: too large or too small for any scene.
        """
        from simgen.assets.primitive_shapes import primitive_mesh, ring_pieces
        from simgen.assets.sizes import check_extents

        check_extents(params.size_m, "primitive", "lengths are metres: make size_m fit the scene")
        x, y, z = (float(v) for v in params.size_m)
        surface = Surface(
            base_color=tuple(params.color), roughness=float(params.roughness), uv_in_metres=True
        )
        mesh = primitive_mesh(str(params.solid), (x, y, z))
        pieces = ring_pieces((x, y, z)) if params.solid == "ring" else ()
        return Asset(mesh, ("body",), (surface,), licence="CC0-1.0", pieces_m=pieces)
