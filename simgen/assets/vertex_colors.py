"""Vertex and face colours baked into a small texture, so that engines know textures only."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image, Surface
from simgen.records.colour import linear_to_srgb


def corner_colors(
    geometry: Any, faces: NDArray[np.int64], linear: bool
) -> NDArray[np.float64] | None:
    """sRGB colours float64[F, 3, 3] in [0, 1] at the corners, or None if the mesh has none.

    Args:
        geometry: a trimesh.Trimesh.
        linear: the file's colours are linear (glTF) rather than sRGB (PLY, OBJ).
    """
    visual = geometry.visual
    raw = getattr(visual, "vertex_attributes", {}).get("color")
    if raw is None and visual.kind == "vertex":
        raw = visual.vertex_colors
    if raw is not None:
        corners = _unit(raw)[faces]
    elif visual.kind == "face":
        corners = np.repeat(_unit(visual.face_colors)[:, None], 3, axis=1)
    else:
        return None
    return linear_to_srgb(corners) if linear else corners


def bake_colors(
    colors: NDArray[np.float64], surface: Surface
) -> tuple[NDArray[np.float64], Surface]:
    """UVs float64[F, 3, 2] and a surface whose texture shows the colours.

    Each face owns 2 x 2 texels and its corners sit on three texel centres, so that bilinear
    reading gives the corners' colours exactly, blends between them, and never meets a
    neighbour's texels.

    Args:
        colors: sRGB, float64[F, 3, 3].
    """
    count = len(colors)
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    texels = np.clip(colors * 255 + 0.5, 0, 255)
    fourth = np.clip(texels[:, 1] + texels[:, 2] - texels[:, 0], 0, 255)
    cells = np.zeros((rows * columns, 2, 2, 3), np.uint8)
    cells[:count, 0, 0], cells[:count, 0, 1] = texels[:, 0], texels[:, 1]
    cells[:count, 1, 0], cells[:count, 1, 1] = texels[:, 2], fourth
    image: Image = cells.reshape(rows, columns, 2, 2, 3).swapaxes(1, 2)
    image = np.ascontiguousarray(image.reshape(rows * 2, columns * 2, 3))
    corner = 2.0 * np.stack([np.arange(count) % columns, np.arange(count) // columns], axis=1)
    at = corner[:, None] + np.array([[0.5, 0.5], [1.5, 0.5], [0.5, 1.5]])
    uv = np.stack([at[:, :, 0] / (2 * columns), 1 - at[:, :, 1] / (2 * rows)], axis=2)
    white = (1.0, 1.0, 1.0)
    base = white if surface == Surface() else surface.base_color
    return uv, replace(surface, base_color=base, base_color_image=image)


def _unit(raw: Any) -> NDArray[np.float64]:
    values = np.asarray(raw)
    top = float(np.iinfo(values.dtype).max) if values.dtype.kind in "ui" else 1.0
    out: NDArray[np.float64] = np.clip(values[:, :3].astype(np.float64) / top, 0.0, 1.0)
    return out
