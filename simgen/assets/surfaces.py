"""Material records to realised surfaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simgen.records.asset import Asset, Image, Surface
from simgen.records.material import Material, Texture


def surface_of(material: Material, texture: Callable[[Texture], Image]) -> Surface:
    """The surface of a material; its texture repeats in metres over box-projected UVs.

    `tile_m` is the width of one repeat; a picture that is not square keeps its shape.
    """
    image = None if material.texture is None else texture(material.texture)
    return Surface(
        base_color=material.base_color,
        base_color_image=image,
        alpha=material.alpha,
        roughness=material.roughness,
        metallic=material.metallic,
        emission=material.emission,
        **_maps(material.texture, texture),
        transmission=material.transmission,
        ior=material.ior,
        uv_in_metres=True,
        tile_m=1.0 if material.texture is None else material.texture.tile_m,
        tile_aspect=aspect_of(image),
    )


def _maps(recipe: Texture | None, texture: Callable[[Texture], Image]) -> dict[str, Any]:
    """The further images of a PBR material, as the fields of a surface."""
    refs = (recipe.maps if recipe else None) or {}
    images = {name: texture(Texture("file", file=ref)) for name, ref in refs.items()}
    if "normal" not in images and "normal_dx" in images:  # DirectX's y points down
        images["normal"] = images["normal_dx"].copy()
        images["normal"][:, :, 1] = 255 - images["normal"][:, :, 1]
    out = {f"{name}_image": images[name] for name in ("normal", "emission") if name in images}
    for name, source, channel in (
        ("alpha", "opacity", 0),
        ("roughness", "arm", 1),
        ("metallic", "arm", 2),
        ("roughness", "roughness", 0),
        ("metallic", "metallic", 0),
    ):
        if source in images:
            out[f"{name}_image"] = np.ascontiguousarray(images[source][:, :, channel])
    return out


def aspect_of(image: Image | None) -> float:
    """Height over width of an image; 1 for none."""
    return 1.0 if image is None else image.shape[0] / image.shape[1]


def surfaces_of(
    asset: Asset, overrides: dict[str, Material], texture: Callable[[Texture], Image]
) -> tuple[Surface, ...]:
    """One surface per slot: the override of its name, else that of "*", else the asset's own."""
    out = []
    for slot, own in zip(asset.slots, asset.surfaces, strict=True):
        material = overrides.get(slot, overrides.get("*"))
        out.append(own if material is None else surface_of(material, texture))
    return tuple(out)
