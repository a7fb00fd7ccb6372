"""Asset source `box`: a box with optional rounded edges; tables, walls and bricks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from simgen.errors import AssetError, Fault
from simgen.plugin import (
    AssetSource,
    Color,
    Keypoint,
    Marks,
    NonNegative,
    Params,
    Positive,
    Sampled,
    Unit,
    Variant,
)
from simgen.records.asset import Asset, Surface

Size = tuple[Sampled[Positive], Sampled[Positive], Sampled[Positive]]


class BoxParams(Params):
    """Size and looks of a box."""

    size_m: Sampled[Size] = Field((0.1, 0.1, 0.1), description="extents along x, y, z, m")
    bevel_m: Sampled[NonNegative] = Field(0.0, description="radius of the rounded edges, m")
    color: Color = Field((0.8, 0.8, 0.8), description="base colour")
    roughness: Sampled[Unit] = Field(0.5, description="0 mirror, 1 chalk")


# Corners by the sides that meet there, and the twelve edges between them.
CORNERS = {
    f"{x}_{y}_{z}": (i, j, k)
    for (i, x), (j, y), (k, z) in itertools.product(
        ((-1, "left"), (1, "right")), ((-1, "front"), (1, "back")), ((-1, "low"), (1, "high"))
    )
}
_EDGES = tuple(
    (a, b)
    for (a, p), (b, q) in itertools.combinations(CORNERS.items(), 2)
    if sum(u != v for u, v in zip(p, q, strict=True)) == 1
)


CORNER_MARKS = Marks(tuple(CORNERS), _EDGES)


class Box(AssetSource):
    """A box, centred on its origin, with optional rounded edges; slot `body`.

    Keypoints: its eight corners (`left_front_low` is that of least x, y and z), before rounding;
    the skeleton is its edges.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BoxParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """One: `box`."""
        return [Variant("box")]

    def marks(self, params: Any, variant: str) -> Marks:
        """Corners and edges."""
        return CORNER_MARKS

    def build(self, params: Any, variant: str) -> Asset:
        """Watertight, UVs box-projected in metres.

        Raises:
            AssetError: the bevel is larger than half the smallest extent.
        """
        from simgen.assets.sizes import check_extents
        from simgen.assets.solids import mesh_of, rounded_box

        check_extents(params.size_m, "box", "lengths are metres: make size_m fit the scene")
        half = np.array([float(v) for v in params.size_m]) / 2
        radius = float(params.bevel_m)
        if radius > half.min():
            what = f"bevel_m = {radius:g} is more than half of the smallest extent"
            raise AssetError(Fault("box", what, f"use at most {half.min():g}"))
        mesh = mesh_of(*rounded_box(half, radius, steps=6))
        surface = Surface(
            base_color=tuple(params.color), roughness=float(params.roughness), uv_in_metres=True
        )
        x, y, z = (float(v) for v in half)
        corners = tuple(
            Keypoint(name, (i * x, j * y, k * z)) for name, (i, j, k) in CORNERS.items()
        )
        return Asset(mesh, ("body",), (surface,), licence="CC0-1.0", keypoints=corners)
