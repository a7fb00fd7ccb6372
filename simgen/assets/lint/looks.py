"""What a mesh's materials show: textures without coordinates, collapsed ones, oversized images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from simgen.assets.lint.findings import Finding
from simgen.assets.mesh_parts import Model
from simgen.records.asset import Surface

LARGE_PX = 4096
_PLAIN = Surface()


def looks_findings(asset: str, model: Model) -> Iterator[Finding]:
    """Findings about materials and texture coordinates of a mesh."""
    lacking = ~np.isfinite(model.uv).all(axis=(1, 2))
    for index, (slot, surface) in enumerate(zip(model.slots, model.surfaces, strict=True)):
        mine = model.slot == index
        images = _images(surface)
        if images and lacking[mine].any():
            number = int(lacking[mine].sum())
            what = f"material {slot!r} has a texture, {number} of its {mine.sum()} faces no UVs"
            cure = "unwrap it; until then the texture is projected from the sides"
            yield Finding(asset, "warning", "no-uvs", what, cure)
        elif images and mine.any():
            uv = model.uv[mine].reshape(-1, 2)
            if (np.ptp(uv, axis=0) < 1e-6).any():
                what = f"the UVs of material {slot!r} lie on a point or a line"
                yield Finding(asset, "warning", "flat-uvs", what, "unwrap it")
        for name, size in images.items():
            if max(size) > LARGE_PX:
                what = f"{name} of material {slot!r} is {size[0]} x {size[1]} pixels"
                cure = f"{LARGE_PX} pixels are enough for any view of an object: shrink it"
                yield Finding(asset, "warning", "large-texture", what, cure)
    if all(_is_plain(surface) for surface in model.surfaces):
        what = "it has no colours, materials or textures"
        cure = "it is grey unless the scene gives it a `material`"
        yield Finding(asset, "note", "no-material", what, cure)


def _images(surface: Surface) -> dict[str, tuple[int, int]]:
    """Width and height of each image of a material, by what it is for."""
    out = {}
    for field in fields(surface):
        value = getattr(surface, field.name)
        if isinstance(value, np.ndarray):
            out[field.name.removesuffix("_image")] = (value.shape[1], value.shape[0])
    return out


def _is_plain(surface: Surface) -> bool:
    return not _images(surface) and surface.base_color == _PLAIN.base_color
