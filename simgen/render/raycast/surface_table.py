"""The surfaces of a world as columns, their images in atlases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image, Surface
from simgen.render.raycast.texels import AtlasBuilder, TexelAtlas

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class SurfaceTable:
    """One row per (object, slot); images by their index in an atlas, -1 for none.

    Args:
        tint: float32[R, 9], row by row; the unit matrix changes nothing.
        tinted: bool[R], whether it changes something.
        wear_color, wear_cover, wear_roughness: int64[R].
        colors: sRGB images; `greys` and `covers` (three channels) are linear.
    """

    base_color: Floats
    alpha: Floats
    roughness: Floats
    metallic: Floats
    emission: Floats
    transmission: Floats
    tint: Floats
    tinted: NDArray[np.bool_]
    color_image: Indices
    emission_image: Indices
    alpha_image: Indices
    roughness_image: Indices
    metallic_image: Indices
    wear_color: Indices
    wear_cover: Indices
    wear_roughness: Indices
    colors: TexelAtlas
    greys: TexelAtlas
    covers: TexelAtlas


def surface_table(rows: Sequence[Surface], chains: dict[int, list[Image]]) -> SurfaceTable:
    """The table of surfaces in order; `chains` caches mip chains between worlds."""
    colors, greys, covers = AtlasBuilder(3), AtlasBuilder(1), AtlasBuilder(3, linear=True)

    def column(name: str, width: int = 0) -> Floats:
        shape = (len(rows), width) if width else (len(rows),)
        values = [getattr(row, name) for row in rows]
        return np.array(values, np.float32).reshape(shape)

    def images(name: str, atlas: AtlasBuilder, inside: str = "") -> Indices:
        holders: list[Any] = [getattr(row, inside) if inside else row for row in rows]
        found = [None if holder is None else getattr(holder, name) for holder in holders]
        return np.array([atlas.add(image) for image in found], np.int64)

    unit = tuple(np.eye(3).ravel())
    columns = (
        column("base_color", 3),
        column("alpha"),
        column("roughness"),
        column("metallic"),
        column("emission", 3),
        column("transmission"),
        np.array([row.tint or unit for row in rows], np.float32).reshape(len(rows), 9),
        np.array([row.tint is not None for row in rows], bool),
    )
    indices = (
        images("base_color_image", colors),
        images("emission_image", colors),
        images("alpha_image", greys),
        images("roughness_image", greys),
        images("metallic_image", greys),
        images("color", colors, "wear"),
        images("cover", covers, "wear"),
        images("roughness", greys, "wear"),
    )
    return SurfaceTable(
        *columns, *indices, colors.build(chains), greys.build(chains), covers.build(chains)
    )
