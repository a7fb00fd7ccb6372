"""What a Blender material says about base colour, metallic, roughness ...: expressions.

A shader tree is reduced to one expression a channel, as if it were a Principled BSDF: mixes of
shaders become mixes of their values. Leaves are constants, or sockets of the node tree
(`Wire`), which may lie inside node groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Rgb = tuple[float, float, float]
BLACK: Rgb = (0.0, 0.0, 0.0)
WHITE: Rgb = (1.0, 1.0, 1.0)

# Of a shader that is no surface here; IOR is no channel, it is read from the first glass.
DEFAULTS: dict[str, Rgb] = {
    "base_color": (0.8, 0.8, 0.8),
    "metallic": BLACK,
    "roughness": WHITE,
    "alpha": WHITE,
    "emission": BLACK,
    "transmission": BLACK,
}
_PRINCIPLED = {
    "base_color": "Base Color",
    "metallic": "Metallic",
    "roughness": "Roughness",
    "alpha": "Alpha",
    "transmission": "Transmission Weight",
}
# Colour, and channels that the kind of shader fixes.
_SIMPLE: dict[str, dict[str, Rgb]] = {
    "BSDF_DIFFUSE": {},
    "BSDF_TRANSLUCENT": {},
    "SUBSURFACE_SCATTERING": {},
    "BSDF_SHEEN": {},
    "BSDF_TOON": {},
    "BSDF_GLOSSY": {"metallic": WHITE},
    "BSDF_METALLIC": {"metallic": WHITE},
    "BSDF_GLASS": {"transmission": WHITE},
    "BSDF_REFRACTION": {"transmission": WHITE},
    "BSDF_TRANSPARENT": {"alpha": BLACK},
    "EMISSION": {"base_color": BLACK},
}
_HAS_ROUGHNESS = {"BSDF_GLOSSY", "BSDF_METALLIC", "BSDF_GLASS", "BSDF_REFRACTION"}


@dataclass(frozen=True)
class Spot:
    """A node tree, and the group nodes through which it was entered (outermost first)."""

    tree: Any
    groups: tuple[Any, ...] = ()
    outer: Spot | None = None


@dataclass(frozen=True)
class Wire:
    """An output socket."""

    spot: Spot
    socket: Any


@dataclass(frozen=True)
class Mix:
    """a + factor * (b - a)."""

    factor: Expression
    a: Expression
    b: Expression


@dataclass(frozen=True)
class Product:
    """a * b."""

    a: Expression
    b: Expression


@dataclass(frozen=True)
class Sum:
    """a + b."""

    a: Expression
    b: Expression


Expression = Rgb | Wire | Mix | Product | Sum


def mix(factor: Expression, a: Expression, b: Expression) -> Expression:
    """`Mix`, computed where that needs no node."""
    if a == b or factor == BLACK:
        return a
    if factor == WHITE:
        return b
    if isinstance(factor, tuple) and isinstance(a, tuple) and isinstance(b, tuple):
        r, g, c = (x + f * (y - x) for f, x, y in zip(factor, a, b, strict=True))
        return (r, g, c)
    return Mix(factor, a, b)


def product(a: Expression, b: Expression) -> Expression:
    """`Product`, computed where that needs no node."""
    if BLACK in (a, b):
        return BLACK
    if a == WHITE:
        return b
    if b == WHITE:
        return a
    if isinstance(a, tuple) and isinstance(b, tuple):
        r, g, c = (x * y for x, y in zip(a, b, strict=True))
        return (r, g, c)
    return Product(a, b)


def add(a: Expression, b: Expression) -> Expression:
    """`Sum`, computed where that needs no node."""
    if a == BLACK:
        return b
    if b == BLACK:
        return a
    if isinstance(a, tuple) and isinstance(b, tuple):
        r, g, c = (x + y for x, y in zip(a, b, strict=True))
        return (r, g, c)
    return Sum(a, b)


def constant(value: Any) -> Rgb:
    """A socket's default value as three numbers."""
    try:
        return (float(value[0]), float(value[1]), float(value[2]))
    except TypeError:
        return (float(value),) * 3


def value_of(spot: Spot, socket: Any) -> Expression:
    """What feeds an input socket: a constant, or a wire, group borders crossed."""
    if not socket.is_linked:
        return constant(socket.default_value) if hasattr(socket, "default_value") else BLACK
    spot, output = _behind(spot, socket)
    if output is None or not output.is_output:  # an open input of a group node, or nothing
        return BLACK if output is None else value_of(spot, output)
    if output.node.type in ("RGB", "VALUE"):
        return constant(output.default_value)
    return Wire(spot, output)


def _behind(spot: Spot, socket: Any) -> tuple[Spot, Any]:
    """The output that feeds an input; or the outer group node's open input; or None."""
    while socket is not None and socket.is_linked:
        output = socket.links[0].from_socket
        node = output.node
        if node.mute and node.internal_links:
            inner = [link for link in node.internal_links if link.to_socket == output]
            socket = inner[0].from_socket if inner else None
        elif node.type == "REROUTE":
            socket = node.inputs[0]
        elif node.type == "GROUP_INPUT" and spot.outer is not None:
            number = list(node.outputs).index(output)
            spot, socket = spot.outer, spot.groups[-1].inputs[number]
        elif node.type == "GROUP" and node.node_tree is not None:
            number = list(node.outputs).index(output)
            spot = Spot(node.node_tree, (*spot.groups, node), spot)
            ends = [n for n in node.node_tree.nodes if n.type == "GROUP_OUTPUT"]
            end = next((n for n in ends if n.is_active_output), None)
            socket = end.inputs[number] if end is not None else None
            if socket is not None and not socket.is_linked:
                return spot, socket
        else:
            return spot, output
    return spot, socket


class Material:
    """Channels of a material.

    Args:
        material: a copy that may be changed; its groups are copied here, too.
    """

    def __init__(self, material: Any) -> None:
        self.material = material
        own_groups(material.node_tree)
        self.spot = Spot(material.node_tree)
        self.output = material.node_tree.get_output_node("CYCLES")
        self.unknown: set[str] = set()
        self.ior = 1.45
        self.shaders: list[tuple[Spot, Any]] = []
        self._channel = ""

    def channel(self, name: str) -> Expression:
        """The expression of one of `DEFAULTS`."""
        self._channel = name
        if self.output is None:
            return DEFAULTS[name]
        return self._shader(self.spot, self.output.inputs["Surface"])[0]

    def _shader(self, spot: Spot, socket: Any) -> tuple[Expression, str]:
        """(value, kind) of what feeds a shader socket; kind "" is nothing."""
        spot, output = _behind(spot, socket)
        if output is None or not output.is_output:
            return BLACK if self._channel == "base_color" else DEFAULTS[self._channel], ""
        node = output.node
        if node.type == "MIX_SHADER":
            return self._mixed(spot, node)
        if node.type == "ADD_SHADER":
            return self._added(spot, node)
        return self._leaf(spot, node), node.type

    def _mixed(self, spot: Spot, node: Any) -> tuple[Expression, str]:
        factor = value_of(spot, node.inputs[0])
        (a, kind_a), (b, kind_b) = (self._shader(spot, s) for s in node.inputs[1:3])
        if self._channel != "alpha":
            # What cannot be seen has no colour to mix in.
            if kind_a == "BSDF_TRANSPARENT":
                return b, kind_b
            if kind_b == "BSDF_TRANSPARENT":
                return a, kind_a
        return mix(factor, a, b), "MIX_SHADER"

    def _added(self, spot: Spot, node: Any) -> tuple[Expression, str]:
        (a, kind_a), (b, kind_b) = (self._shader(spot, s) for s in node.inputs[:2])
        if self._channel == "emission":
            return add(a, b), "ADD_SHADER"
        if kind_a in ("EMISSION", ""):
            return b, kind_b
        if kind_b in ("EMISSION", ""):
            return a, kind_a
        return mix((0.5, 0.5, 0.5), a, b), "ADD_SHADER"

    def _leaf(self, spot: Spot, node: Any) -> Expression:
        name = self._channel
        if (spot, node) not in self.shaders:
            self.shaders.append((spot, node))
        if "IOR" in node.inputs and not node.inputs["IOR"].is_linked:
            self.ior = float(constant(node.inputs["IOR"].default_value)[0])
        if node.type == "BSDF_PRINCIPLED":
            if name == "emission":
                color = value_of(spot, node.inputs["Emission Color"])
                return product(color, value_of(spot, node.inputs["Emission Strength"]))
            return value_of(spot, node.inputs[_PRINCIPLED[name]])
        if node.type not in _SIMPLE:
            self.unknown.add(node.bl_label)
            return DEFAULTS[name]
        fixed = _SIMPLE[node.type]
        if name in fixed:
            return fixed[name]
        if name == "emission" and node.type == "EMISSION":
            color = value_of(spot, node.inputs["Color"])
            return product(color, value_of(spot, node.inputs["Strength"]))
        if name == "base_color":
            socket = node.inputs.get("Color") or node.inputs.get("Base Color")
            return value_of(spot, socket)
        if name == "roughness" and node.type in _HAS_ROUGHNESS:
            return value_of(spot, node.inputs["Roughness"])
        return DEFAULTS[name]

    def lifted(self, wire: Wire) -> Any:
        """A socket of the material's own tree with the value of a wire inside groups."""
        socket, spot = wire.socket, wire.spot
        while spot.outer is not None:
            tree, group = spot.tree, spot.groups[-1]
            kind = "NodeSocketColor" if socket.type == "RGBA" else "NodeSocketVector"
            kind = "NodeSocketFloat" if socket.type in ("VALUE", "INT") else kind
            tree.interface.new_socket("simgen", in_out="OUTPUT", socket_type=kind)
            ends = [n for n in tree.nodes if n.type == "GROUP_OUTPUT" and n.is_active_output]
            end = ends[0] if ends else tree.nodes.new("NodeGroupOutput")
            tree.links.new(socket, end.inputs[-2])  # the last one is the virtual socket
            socket, spot = group.outputs[-1], spot.outer
        return socket


def own_groups(tree: Any) -> None:
    """Give a tree copies of its groups, which other materials may share."""
    for node in tree.nodes:
        if node.type == "GROUP" and node.node_tree is not None:
            node.node_tree = node.node_tree.copy()
            own_groups(node.node_tree)
