"""Principled materials from surfaces, cached by content between worlds."""

from __future__ import annotations

import json
from typing import Any

import bpy
import numpy as np

from .originals import append_original, remove_original
from .recent import Recent

_HOLE = 0.5  # alpha below this is a hole, the same number as in the ray caster


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
        for name in ("base_color", "emission", "alpha", "roughness", "metallic", "normal"):
            if surface.get(f"{name}_image"):  # keeps the images of cached materials alive
                self._image(surface, name)
        return self.held.get(json.dumps(surface, sort_keys=True), lambda: self._build(surface))

    def _build(self, surface: dict[str, Any]) -> Any:
        material = bpy.data.materials.new("surface")
        material.use_nodes = True
        tree = _Tree(material.node_tree)
        for name, socket, factor in (
            ("base_color", "Base Color", surface["base_color"]),
            ("emission", "Emission Color", surface["emission"]),
            ("roughness", "Roughness", surface["roughness"]),
            ("metallic", "Metallic", surface["metallic"]),
        ):
            tree.feed(socket, factor, self._texture(tree, surface, name))
        tree.shader.inputs["Emission Strength"].default_value = (
            1.0 if any(surface["emission"]) else 0.0
        )
        tree.shader.inputs["Transmission Weight"].default_value = surface["transmission"]
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

    def _texture(self, tree: _Tree, surface: dict[str, Any], name: str) -> Any:
        if not surface.get(f"{name}_image"):
            return None
        node = tree.node("ShaderNodeTexImage")
        node.image = self._image(surface, name)
        node.interpolation, node.extension = "Linear", "REPEAT"
        return node.outputs["Color"]

    def _image(self, surface: dict[str, Any], name: str) -> Any:
        color = name in ("base_color", "emission")
        file = surface[f"{name}_image"]
        key = f"{file['key']}-{'srgb' if color else 'data'}"
        return self.images.get(key, lambda: load_image(file["path"], color))


class _Tree:
    """A material's nodes."""

    def __init__(self, tree: Any) -> None:
        self.nodes, self.links = tree.nodes, tree.links
        self.shader = tree.nodes["Principled BSDF"]

    def node(self, kind: str, **settings: Any) -> Any:
        node = self.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        return node

    def feed(self, socket: str, factor: Any, texture: Any) -> None:
        """Connect factor * texture, or set the factor alone."""
        target = self.shader.inputs[socket]
        single = isinstance(factor, (int, float))
        if texture is None:
            target.default_value = factor if single else (*factor, 1.0)
            return
        if factor == 1 or factor == [1.0, 1.0, 1.0]:
            self.links.new(texture, target)
            return
        product = self.node("ShaderNodeVectorMath", operation="MULTIPLY")
        self.links.new(texture, product.inputs[0])
        product.inputs[1].default_value = (factor,) * 3 if single else factor
        self.links.new(product.outputs[0], target)


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
