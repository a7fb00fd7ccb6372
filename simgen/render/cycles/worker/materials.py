"""Principled materials from surfaces, cached by content between worlds."""

from __future__ import annotations

import json
from typing import Any

import bpy
import numpy as np

from .material_tree import Tree
from .originals import append_original, remove_original
from .recent import Recent

_HOLE = 0.5  # alpha below this is a hole, the same number as in the ray caster
_IMAGES = (
    "base_color", "emission", "alpha", "roughness", "metallic", "normal",
    "wear_color", "wear_cover", "wear_roughness",
)  # fmt: skip
_COLORS = ("base_color", "emission", "wear_color")

_SOCKETS = {
    "base_color": "Base Color",
    "emission": "Emission Color",
    "roughness": "Roughness",
    "metallic": "Metallic",
    "transmission": "Transmission Weight",
}


class Materials:
    """Blender materials and images by key."""

    def __init__(self) -> None:
        # Images last longer than materials that use them: removed in this order.
        self.held: Recent[Any] = Recent(bpy.data.materials.remove)
        self.images: Recent[Any] = Recent(bpy.data.images.remove, worlds=9)
        self.originals: Recent[Any] = Recent(remove_original)

    def next_world(self) -> None:
        """Forget what has not been used for long."""
        self.held.next_world()
        self.images.next_world()
        self.originals.next_world()

    def material(self, surface: dict[str, Any]) -> Any:
        """The material of a surface (numbers, images as `{key, path}`, or an `original`)."""
        original = surface.get("original")
        if original is not None:
            key = json.dumps(original, sort_keys=True)
            return self.originals.get(key, lambda: append_original(original))
        for name in _IMAGES:
            if surface.get(f"{name}_image"):  # keeps the images of cached materials alive
                self._image(surface, name)
        return self.held.get(json.dumps(surface, sort_keys=True), lambda: self._build(surface))

    def _build(self, surface: dict[str, Any]) -> Any:
        material = bpy.data.materials.new("surface")
        material.use_nodes = True
        tree = Tree(material.node_tree)
        looks = {
            name: tree.product(surface[name], self._texture(tree, surface, name))
            for name in ("base_color", "emission", "roughness", "metallic")
        }
        looks["transmission"] = surface["transmission"]
        if surface.get("tint"):
            looks["base_color"] = tree.tinted(looks["base_color"], surface["tint"])
        if surface.get("wear_color_image"):
            layer = {
                name: self._texture(tree, surface, f"wear_{name}", "wear")
                for name in ("color", "cover", "roughness")
            }
            looks |= tree.worn(looks, layer)
        for name, socket in _SOCKETS.items():
            tree.put(looks[name], tree.shader.inputs[socket])
        tree.shader.inputs["Emission Strength"].default_value = (
            1.0 if any(surface["emission"]) else 0.0
        )
        tree.shader.inputs["IOR"].default_value = surface["ior"]
        alpha = self._texture(tree, surface, "alpha")
        if alpha is not None:
            cut = tree.node("ShaderNodeMath", operation="GREATER_THAN")
            tree.links.new(alpha, cut.inputs[0])
            # alpha * image >= 0.5, with room for rounding in 8 bits
            cut.inputs[1].default_value = _HOLE / max(surface["alpha"], 1e-6) - 1e-4
            tree.links.new(cut.outputs[0], tree.shader.inputs["Alpha"])
        normal = self._texture(tree, surface, "normal")
        if normal is not None:
            bump = tree.node("ShaderNodeNormalMap", uv_map="uv")
            tree.links.new(normal, bump.inputs["Color"])
            tree.links.new(bump.outputs["Normal"], tree.shader.inputs["Normal"])
        return material

    def _texture(self, tree: Tree, surface: dict[str, Any], name: str, uv: str = "") -> Any:
        if not surface.get(f"{name}_image"):
            return None
        node = tree.node("ShaderNodeTexImage")
        if uv:
            place = tree.node("ShaderNodeUVMap", uv_map=uv)
            tree.links.new(place.outputs["UV"], node.inputs["Vector"])
        node.image = self._image(surface, name)
        node.interpolation, node.extension = "Linear", "REPEAT"
        return node.outputs["Color"]

    def _image(self, surface: dict[str, Any], name: str) -> Any:
        color = name in _COLORS
        file = surface[f"{name}_image"]
        key = f"{file['key']}-{'srgb' if color else 'data'}"
        return self.images.get(key, lambda: load_image(file["path"], color))


def load_image(path: str, color: bool) -> Any:
    """A Blender image of uint8[H, W] or uint8[H, W, 3], row 0 at the top."""
    pixels = np.load(path)
    height, width = pixels.shape[:2]
    image = bpy.data.images.new("image", width, height, alpha=False)
    image.colorspace_settings.name = "sRGB" if color else "Non-Color"
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = (pixels if pixels.ndim == 3 else pixels[..., None])[::-1] / np.float32(255)
    image.pixels.foreach_set(rgba.ravel())
    image.update()
    return image
