"""The albedo pass: base colours as they are, without light.

Cycles' own passes hold something else: its diffuse colour is what the coat of a dielectric
lets through, less at grazing angles, and nothing of a metal.
"""

from __future__ import annotations

from typing import Any

import bpy

_NAME = "albedo"


def add_albedo_pass() -> None:
    """Make the view layer collect it."""
    layer = bpy.context.view_layer.aovs.add()
    layer.name, layer.type = _NAME, "COLOR"


def write_albedo(material: Any) -> None:
    """Send what feeds a material's base colour to the pass too; other shaders stay black."""
    tree = material.node_tree if material is not None else None
    if tree is None:
        return
    kinds = {node.type: node for node in tree.nodes}
    if "OUTPUT_AOV" in kinds or "BSDF_PRINCIPLED" not in kinds:
        return
    color = kinds["BSDF_PRINCIPLED"].inputs["Base Color"]
    out = tree.nodes.new("ShaderNodeOutputAOV")
    out.aov_name = _NAME
    out.inputs["Color"].default_value = color.default_value
    for link in color.links:
        tree.links.new(link.from_socket, out.inputs["Color"])
