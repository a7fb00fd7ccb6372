"""Bakes expressions of materials into textures with Cycles, on the CPU."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from .imports_values import Expression, Material, Mix, Product, Wire

ATLAS = "simgen atlas"
_NORMAL = "normal"


@dataclass
class Slot:
    """A material slot whose channels are to be baked.

    Args:
        material: a working copy.
        channels: to bake; `normal` has no expression.
    """

    material: Material
    channels: dict[str, Expression | None]


def bake(thing: Any, slots: dict[int, Slot], size: int) -> dict[str, Any]:
    """Linear float32[H, W, 3] a channel, row 0 at the bottom, on the active UV layer.

    Args:
        thing: an object of the current scene; its mesh's materials are replaced.
        slots: by number; channels that a slot does not bake are black in its part, and so is
            all that no slot covers.
    """
    mesh = thing.data
    black = _black()
    for number in range(len(mesh.materials)):
        mesh.materials[number] = slots[number].material.material if number in slots else black
    names = list(dict.fromkeys(name for slot in slots.values() for name in slot.channels))
    image = bpy.data.images.new("bake", size, size, alpha=False, float_buffer=True)
    image.colorspace_settings.name = "Non-Color"  # numbers as they are
    for material in set(mesh.materials):
        _aim(material.node_tree, image)
    _choose(thing)
    own_uv = _uv(mesh)
    away = np.where(_loops(mesh, set(slots))[:, None], own_uv, np.float32(-10))
    mesh.uv_layers.active.uv.foreach_set("vector", away.ravel())  # other faces write nothing
    out = {}
    # Normals first: the others take the shaders away.
    for name in sorted(names, key=lambda n: (n != _NORMAL, n)):
        for slot in slots.values():
            if name != _NORMAL:
                _emit(slot.material, slot.channels.get(name))
        kind = "NORMAL" if name == _NORMAL else "EMIT"
        margin = max(2, size // 64)
        bpy.ops.object.bake(
            type=kind, margin=margin, use_clear=True, normal_space="TANGENT",
            target="IMAGE_TEXTURES", save_mode="INTERNAL", use_selected_to_active=False,
        )  # fmt: skip
        pixels = np.empty(size * size * 4, np.float32)
        image.pixels.foreach_get(pixels)
        out[name] = pixels.reshape(size, size, 4)[..., :3].copy()
    mesh.uv_layers.active.uv.foreach_set("vector", own_uv.ravel())
    thing.hide_render = True
    bpy.data.images.remove(image)
    return out


def fits_for_baking(thing: Any, slots: set[int]) -> bool:
    """Whether the active UV layer gives each point of these slots' faces its own texel."""
    mesh = thing.data
    if mesh.uv_layers.active is None:
        return False
    used = _uv(mesh)[_loops(mesh, slots)]
    if not len(used) or used.min() < -1e-4 or used.max() > 1 + 1e-4 or np.ptp(used) < 1e-3:
        return False
    with _Editing(thing, slots):
        bpy.ops.uv.select_all(action="DESELECT")
        bpy.ops.uv.select_overlap()
    # Asked for again: edit mode moves layers in memory.
    return not any(data.value for data in mesh.uv_layers.active.vertex_selection)


def unwrap(thing: Any, slots: set[int]) -> None:
    """Give the faces of these slots room of their own in a new UV layer, made active."""
    mesh = thing.data
    own = mesh.uv_layers.active
    layer = mesh.uv_layers.new(name=ATLAS, do_init=own is not None)
    mesh.uv_layers.active = layer
    with _Editing(thing, slots):
        bpy.ops.uv.smart_project(angle_limit=math.radians(66), island_margin=0.005)


class _Editing:
    """Edit mode with the faces of some slots selected."""

    def __init__(self, thing: Any, slots: set[int]) -> None:
        self.thing, self.slots = thing, slots

    def __enter__(self) -> None:
        _choose(self.thing)
        mesh = self.thing.data
        chosen = np.isin(_face_slots(mesh), list(self.slots))
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_mode(type="FACE")
        bpy.ops.mesh.reveal(select=False)
        bpy.ops.mesh.select_all(action="DESELECT")
        bpy.ops.object.mode_set(mode="OBJECT")
        mesh.polygons.foreach_set("select", chosen)
        bpy.ops.object.mode_set(mode="EDIT")

    def __exit__(self, *error: object) -> None:
        bpy.ops.object.mode_set(mode="OBJECT")
        self.thing.hide_render = True


def _uv(mesh: Any) -> Any:
    """The active layer, float32[loops, 2]."""
    uv = np.empty(len(mesh.loops) * 2, np.float32)
    mesh.uv_layers.active.uv.foreach_get("vector", uv)
    return uv.reshape(-1, 2)


def _face_slots(mesh: Any) -> Any:
    slots = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    return np.clip(slots, 0, max(0, len(mesh.materials) - 1))


def _loops(mesh: Any, slots: set[int]) -> Any:
    counts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", counts)
    return np.repeat(np.isin(_face_slots(mesh), list(slots)), counts)


def _choose(thing: Any) -> None:
    for other in bpy.context.scene.objects:
        other.select_set(False)
    thing.hide_render = False
    thing.select_set(True)
    bpy.context.view_layer.objects.active = thing


def _black() -> Any:
    material = bpy.data.materials.new("black")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0, 0, 0, 1)
    return material


def _aim(tree: Any, image: Any) -> None:
    """Name the image to bake into."""
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.nodes.active = node


def _emit(work: Material, expression: Expression | None) -> None:
    """Let a material glow with a channel's value."""
    tree = work.material.node_tree
    node = tree.nodes.new("ShaderNodeEmission")
    if isinstance(expression, tuple):
        node.inputs["Color"].default_value = (*expression, 1)
    elif expression is None:
        node.inputs["Strength"].default_value = 0
    else:
        tree.links.new(_socket(work, expression), node.inputs["Color"])
    tree.links.new(node.outputs[0], work.output.inputs["Surface"])


def _socket(work: Material, expression: Expression) -> Any:
    """A socket of the material's own tree with an expression's value."""
    tree = work.material.node_tree
    if isinstance(expression, Wire):
        return work.lifted(expression)
    if isinstance(expression, tuple):
        node = tree.nodes.new("ShaderNodeCombineXYZ")
        for socket, number in zip(node.inputs, expression, strict=True):
            socket.default_value = number
        return node.outputs[0]
    if isinstance(expression, Mix):
        node = tree.nodes.new("ShaderNodeMix")
        node.data_type, node.factor_mode, node.clamp_factor = "VECTOR", "NON_UNIFORM", True
        ends = {"A": expression.a, "B": expression.b, "Factor": expression.factor}
        sockets = {s.name: s for s in node.inputs if s.type == "VECTOR"}
        for name, value in ends.items():
            tree.links.new(_socket(work, value), sockets[name])
        return next(s for s in node.outputs if s.type == "VECTOR")
    node = tree.nodes.new("ShaderNodeVectorMath")
    node.operation = "MULTIPLY" if isinstance(expression, Product) else "ADD"
    tree.links.new(_socket(work, expression.a), node.inputs[0])
    tree.links.new(_socket(work, expression.b), node.inputs[1])
    return node.outputs[0]
