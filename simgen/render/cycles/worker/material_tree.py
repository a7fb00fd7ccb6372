"""The nodes of a material; a value is a number, a colour, or the socket that computes it."""

from __future__ import annotations

from typing import Any

import numpy as np


class Tree:
    """A material's node tree about its principled shader."""

    def __init__(self, tree: Any) -> None:
        self.nodes, self.links = tree.nodes, tree.links
        self.shader = tree.nodes["Principled BSDF"]

    def node(self, kind: str, **settings: Any) -> Any:
        """A new node."""
        node = self.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        return node

    def put(self, value: Any, socket: Any) -> None:
        """Set or connect an input."""
        if _is_plain(value):
            single = isinstance(value, (int, float))
            wide = not single and len(socket.default_value) == 4
            socket.default_value = (*value, 1.0) if wide else value
        else:
            self.links.new(value, socket)

    def product(self, factor: Any, texture: Any) -> Any:
        """Factor times texture, or the factor alone."""
        if texture is None:
            return factor
        if factor == 1 or factor == [1.0, 1.0, 1.0]:
            return texture
        single = isinstance(factor, (int, float))
        node = self.node("ShaderNodeVectorMath", operation="MULTIPLY")
        self.links.new(texture, node.inputs[0])
        node.inputs[1].default_value = (factor,) * 3 if single else factor
        return node.outputs[0]

    def tinted(self, color: Any, matrix: list[float]) -> Any:
        """A 3 x 3 matrix, row by row, times a colour, clipped to [0, 1]."""
        rows = np.reshape(matrix, (3, 3))
        if _is_plain(color):
            return [float(v) for v in np.clip(rows @ np.asarray(color), 0, 1)]
        joined = self.node("ShaderNodeCombineXYZ")
        for i in range(3):
            dot = self.node("ShaderNodeVectorMath", operation="DOT_PRODUCT")
            self.links.new(color, dot.inputs[0])
            dot.inputs[1].default_value = [float(v) for v in rows[i]]
            self.links.new(dot.outputs["Value"], joined.inputs[i])
        low = self.node("ShaderNodeVectorMath", operation="MAXIMUM")
        self.links.new(joined.outputs[0], low.inputs[0])
        low.inputs[1].default_value = (0.0, 0.0, 0.0)
        high = self.node("ShaderNodeVectorMath", operation="MINIMUM")
        self.links.new(low.outputs[0], high.inputs[0])
        high.inputs[1].default_value = (1.0, 1.0, 1.0)
        return high.outputs[0]

    def worn(self, looks: dict[str, Any], layer: dict[str, Any]) -> dict[str, Any]:
        """What a layer changes: its cover's red over colour and against transmission, green
        over roughness, blue against metallic."""
        parts = self.node("ShaderNodeSeparateColor")
        self.links.new(layer["cover"], parts.inputs[0])
        red, green, blue = parts.outputs
        color = self.node("ShaderNodeMix", data_type="RGBA", clamp_factor=True)
        self.links.new(red, color.inputs[0])
        self.put(looks["base_color"], color.inputs[6])
        self.links.new(layer["color"], color.inputs[7])
        rough = self.node("ShaderNodeMix", data_type="FLOAT", clamp_factor=True)
        self.links.new(green, rough.inputs[0])
        self.put(looks["roughness"], rough.inputs[2])
        self.links.new(layer["roughness"], rough.inputs[3])
        return {
            "base_color": color.outputs[2],
            "roughness": rough.outputs[0],
            "metallic": self._without(looks["metallic"], blue),
            "transmission": self._without(looks["transmission"], red),
        }

    def _without(self, value: Any, share: Any) -> Any:
        """The value times one minus a share."""
        if value == 0:
            return value
        rest = self.node("ShaderNodeMath", operation="SUBTRACT")
        rest.inputs[0].default_value = 1.0
        self.links.new(share, rest.inputs[1])
        product = self.node("ShaderNodeMath", operation="MULTIPLY")
        self.put(value, product.inputs[0])
        self.links.new(rest.outputs[0], product.inputs[1])
        return product.outputs[0]


def _is_plain(value: Any) -> bool:
    return isinstance(value, (int, float, list, tuple))
