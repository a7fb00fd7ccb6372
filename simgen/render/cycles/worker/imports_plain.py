"""Values that glTF can say without baking: image textures and vertex colours, used as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .imports_values import Expression, Material, Product, Wire, value_of

_COMPONENTS = {"Red": "R", "Green": "G", "Blue": "B"}


@dataclass(frozen=True)
class Plain:
    """A texture.

    Args:
        image: Blender's; None for the mesh's vertex colours.
        part: "" for the colour, or R, G, B, A.
        attribute: name of the vertex colours.
    """

    image: Any
    part: str = ""
    attribute: str = ""


def plain_of(value: Expression, channel: str, uv_name: str) -> Plain | None:
    """The texture behind a channel's value, or None if it must be baked.

    Args:
        uv_name: the UV layer that is exported.
    """
    if channel == "emission" and isinstance(value, Product):
        if isinstance(value.a, tuple) and len(set(value.a)) == 1:
            value = value.b
        elif isinstance(value.b, tuple) and len(set(value.b)) == 1:
            value = value.a
    if not isinstance(value, Wire):
        return None
    node, socket = value.socket.node, value.socket
    if channel == "base_color" and node.type in ("VERTEX_COLOR", "ATTRIBUTE"):
        name = node.layer_name if node.type == "VERTEX_COLOR" else node.attribute_name
        usable = socket.name == "Color" and getattr(node, "attribute_type", "") in ("", "GEOMETRY")
        return Plain(None, attribute=name) if usable else None
    part = ""
    if node.type == "SEPARATE_COLOR" and node.mode == "RGB":
        part = _COMPONENTS[socket.name]
        inner = value_of(value.spot, node.inputs[0])
        if not isinstance(inner, Wire) or inner.socket.name != "Color":
            return None
        value, node = inner, inner.socket.node
    elif socket.name == "Alpha":
        part = "A"
    if node.type != "TEX_IMAGE" or not _as_it_is(value, uv_name):
        return None
    return Plain(node.image, part) if _fits(node.image, channel, part) else None


def _fits(image: Any, channel: str, part: str) -> bool:
    encoded = image.colorspace_settings.name
    if channel in ("base_color", "emission"):
        return part == "" and encoded == "sRGB" and not image.is_float
    if channel == "alpha" and part == "A":  # Blender never applies a colour space to it
        return True
    if channel == "alpha":  # glTF's lies in the base colour's image
        return False
    return part != "A" and encoded == "Non-Color" and not image.is_float


def _as_it_is(wire: Wire, uv_name: str) -> bool:
    node = wire.socket.node
    image = node.image
    if image is None or image.source not in ("FILE", "GENERATED"):
        return False
    if node.extension != "REPEAT" or node.projection != "FLAT":
        return False
    if not uv_name:
        return False
    vector = node.inputs["Vector"]
    if not vector.is_linked:
        return True
    source = value_of(wire.spot, vector)
    if not isinstance(source, Wire):
        return False
    behind = source.socket.node
    if behind.type == "UVMAP":
        return bool(not behind.from_instancer and behind.uv_map in ("", uv_name))
    return bool(behind.type == "TEX_COORD" and source.socket.name == "UV")


def bumpy(work: Material) -> bool:
    """Whether a material changes the normals of its surface."""
    bumps = any(n.inputs["Normal"].is_linked for _, n in work.shaders if "Normal" in n.inputs)
    if work.output is None:
        return False
    return bool(bumps or work.output.inputs["Displacement"].is_linked)


def plain_normal(work: Material, uv_name: str) -> Plain | None:
    """The normal map of a material with one shader, if it is used as it is."""
    if len(work.shaders) != 1 or work.output.inputs["Displacement"].is_linked:
        return None
    spot, node = work.shaders[0]
    wire = value_of(spot, node.inputs["Normal"])
    if not isinstance(wire, Wire) or wire.socket.node.type != "NORMAL_MAP":
        return None
    bump = wire.socket.node
    if bump.space != "TANGENT" or bump.uv_map not in ("", uv_name):
        return None
    if value_of(wire.spot, bump.inputs["Strength"]) != (1.0, 1.0, 1.0):
        return None
    color = value_of(wire.spot, bump.inputs["Color"])
    return plain_of(color, "normal", uv_name) if not isinstance(color, tuple) else None


def textures_of(tree: Any) -> Iterator[Any]:
    """Images of all texture nodes that are linked to something, groups included."""
    for node in tree.nodes:
        if node.type == "GROUP" and node.node_tree is not None:
            yield from textures_of(node.node_tree)
        elif node.type in ("TEX_IMAGE", "TEX_ENVIRONMENT") and node.image is not None:
            linked = any(output.is_linked for output in node.outputs)
            if linked and node.image.source in ("FILE", "TILED", "SEQUENCE"):
                yield node.image
