"""A GLB of an asset's pieces, through Blender's exporter."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import bpy
from mathutils import Matrix

from .imports_collect import Piece
from .imports_plain import Plain
from .imports_values import Rgb


@dataclass
class Look:
    """A material that glTF can say: per channel a number, and a texture that it multiplies."""

    numbers: dict[str, Rgb] = field(default_factory=dict)
    textures: dict[str, Plain] = field(default_factory=dict)
    ior: float = 1.45


_SOCKETS = {
    "base_color": "Base Color",
    "metallic": "Metallic",
    "roughness": "Roughness",
    "alpha": "Alpha",
    "emission": "Emission Color",
    "transmission": "Transmission Weight",
}


def gltf_material(name: str, look: Look) -> Any:
    """A material in the form that Blender's glTF exporter understands."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    shader.inputs["IOR"].default_value = look.ior
    for channel, socket_name in _SOCKETS.items():
        number, texture = look.numbers[channel], look.textures.get(channel)
        socket = shader.inputs[socket_name]
        if texture is not None and channel != "transmission":
            tree.links.new(_texture(tree, texture), socket)
        elif socket.type == "RGBA":
            socket.default_value = (*number, 1)
        else:
            socket.default_value = sum(number) / 3
    glow = look.numbers["emission"]
    if "emission" in look.textures:  # its factor is grey
        shader.inputs["Emission Strength"].default_value = max(glow)
    else:
        shader.inputs["Emission Strength"].default_value = 1.0 if any(glow) else 0.0
    if "normal" in look.textures:
        bump = tree.nodes.new("ShaderNodeNormalMap")
        tree.links.new(_texture(tree, look.textures["normal"]), bump.inputs["Color"])
        tree.links.new(bump.outputs[0], shader.inputs["Normal"])
    return material


def _texture(tree: Any, plain: Plain) -> Any:
    if plain.image is None:
        node = tree.nodes.new("ShaderNodeVertexColor")
        node.layer_name = plain.attribute
        return node.outputs["Color"]
    known = [n for n in tree.nodes if n.type == "TEX_IMAGE" and n.image == plain.image]
    node = known[0] if known else tree.nodes.new("ShaderNodeTexImage")
    node.image = plain.image
    if plain.part in ("", "A"):
        return node.outputs["Alpha" if plain.part else "Color"]
    split = tree.nodes.new("ShaderNodeSeparateColor")
    tree.links.new(node.outputs["Color"], split.inputs[0])
    return split.outputs["RGB".index(plain.part)]


def write_glb(pieces: list[Piece], path: str) -> None:
    """Export the pieces, which leave the scene; `path` is written in one go."""
    for number, piece in enumerate(pieces):
        thing = piece.thing
        thing.name = f"piece {number}"
        thing.hide_render = False
        if sheared(piece.matrix):  # a glTF node would lose it
            mesh = thing.data.copy()
            mesh.transform(piece.matrix)
            if piece.matrix.determinant() < 0:
                mesh.flip_normals()
            thing.data, thing.matrix_world = mesh, Matrix.Identity(4)
    for other in bpy.context.scene.objects:
        other.select_set(False)
    for piece in pieces:
        piece.thing.select_set(True)
    bpy.ops.export_scene.gltf(
        filepath=path, export_format="GLB", use_selection=True, export_yup=True,
        export_animations=False, export_skins=False, export_morph=False, export_extras=False,
        export_cameras=False, export_lights=False, export_image_format="AUTO",
        export_vertex_color="MATERIAL", export_all_vertex_colors=False, export_attributes=False,
        export_draco_mesh_compression_enable=False,
    )  # fmt: skip
    if not os.path.exists(path):
        raise RuntimeError("the glTF exporter wrote nothing")


def sheared(matrix: Any) -> bool:
    """Whether place, turn and scale do not make up a matrix."""
    rebuilt = Matrix.LocRotScale(*matrix.decompose())
    size = max(abs(v) for row in matrix for v in row)
    return any(
        abs(a - b) > 1e-6 * size
        for left, right in zip(matrix, rebuilt, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def files_in_use() -> set[str]:
    """Files beside the opened one that Blender's data come from."""
    blocks = [*bpy.data.images, *bpy.data.libraries]
    paths = {
        bpy.path.abspath(block.filepath, library=block.library)
        for block in blocks
        if block.filepath and getattr(block, "packed_file", None) is None
    }
    return {os.path.realpath(path) for path in paths if os.path.isfile(path)}
