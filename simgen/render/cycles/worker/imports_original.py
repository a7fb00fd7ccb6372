"""Keeps a source's own materials in a .blend beside the GLB, so that Cycles can use them.

They will be shown on the exported mesh, which has one UV layer and other local coordinates. So
a kept material takes its UVs from that layer, and coordinates of the object or of its bounds are
computed from the asset's frame; where that cannot be, the baked look stays in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy

from .imports_collect import Piece
from .imports_looks import Dressed
from .imports_plain import textures_of
from .imports_values import own_groups
from .imports_write import sheared

FRAME = "simgen frame"
_PROCEDURAL = {"TEX_NOISE", "TEX_VORONOI", "TEX_WAVE", "TEX_MAGIC", "TEX_GRADIENT"}
_PROCEDURAL |= {"TEX_CHECKER", "TEX_BRICK", "TEX_GABOR"}


class _Unfit(Exception):
    """A material that the exported mesh cannot carry; the text says why."""


@dataclass
class Kept:
    """Materials to keep.

    Args:
        materials: by name of the slot in the GLB.
        notes: which ones could not be kept, and why.
    """

    materials: dict[str, Any]
    notes: list[str]

    def write(self, path: str) -> dict[str, Any]:
        """Write the .blend with all its images packed; what the engine must know of it."""
        if not self.materials:
            return {}
        for material in self.materials.values():
            for image in textures_of(material.node_tree):
                if image.packed_file is None and image.source == "FILE":
                    image.pack()
        bpy.data.libraries.write(path, set(self.materials.values()), fake_user=True, compress=True)
        names = {slot: material.name for slot, material in self.materials.items()}
        bpy.data.batch_remove(list(self.materials.values()))
        return {"blend": path, "materials": names}


def keep_originals(dressed: list[Dressed], pieces: list[Piece]) -> Kept:
    """Copies of the materials that were replaced, rewritten for the exported mesh."""
    kept = Kept({}, [])
    for dress in dressed:
        users = [piece for piece in pieces if piece.thing.data == dress.mesh]
        if dress.original is None or not dress.original.use_nodes:
            continue
        try:
            copy = _rewritten(dress, users)
        except _Unfit as unfit:
            note = f"material {dress.slot}: Cycles shows the baked look, since {unfit}"
            kept.notes.append(note)
        else:
            copy.name = f"original {dress.slot}"
            kept.materials[dress.slot] = copy
    return kept


def _rewritten(dress: Dressed, users: list[Piece]) -> Any:
    copy = dress.original.copy()
    if copy.animation_data is not None:
        copy.animation_data_clear()
    try:
        own_groups(copy.node_tree)
        _rewrite(copy.node_tree, dress, users)
    except _Unfit:
        bpy.data.materials.remove(copy)
        raise
    return copy


def _rewrite(tree: Any, dress: Dressed, users: list[Piece]) -> None:
    for node in list(tree.nodes):
        if node.type == "GROUP" and node.node_tree is not None:
            _rewrite(node.node_tree, dress, users)
        elif node.type in ("ATTRIBUTE", "VERTEX_COLOR"):
            raise _Unfit("it reads attributes of the mesh")
        elif node.type == "SCRIPT":
            raise _Unfit("it has a shader script")
        elif node.type in ("UVMAP", "NORMAL_MAP") or (
            node.type == "TANGENT" and node.direction_type == "UV_MAP"
        ):
            _check_uv(dress, node.uv_map)
            node.uv_map = ""
        elif node.type == "TEX_IMAGE" and not node.inputs["Vector"].is_linked:
            _check_uv(dress, "")
        elif node.type in _PROCEDURAL and not node.inputs["Vector"].is_linked:
            tree.links.new(_generated(tree, dress, users), node.inputs["Vector"])
        elif node.type == "TEX_COORD":
            _rewire(tree, node, dress, users)


def _rewire(tree: Any, node: Any, dress: Dressed, users: list[Piece]) -> None:
    if node.outputs["UV"].is_linked:
        _check_uv(dress, "")
    for name, make in (("Object", _local), ("Generated", _generated)):
        targets = [link.to_socket for link in node.outputs[name].links]
        if not targets:
            continue
        if name == "Object" and node.object is not None:
            raise _Unfit("it takes coordinates from another object")
        source = make(tree, dress, users)
        for target in targets:
            tree.links.new(source, target)


def _check_uv(dress: Dressed, name: str) -> None:
    if dress.atlas:
        raise _Unfit("its UVs overlap or tile and were replaced for the bake")
    if name not in ("", dress.uv_name):
        raise _Unfit(f"it uses a second UV layer, {name!r}")


def _local(tree: Any, dress: Dressed, users: list[Piece]) -> Any:
    """Local coordinates of the source's object, from those of the asset."""
    if len(users) != 1:
        raise _Unfit("it depends on the object, and several instances share it")
    if sheared(users[0].matrix):
        raise _Unfit("it depends on the object, which is sheared")
    node = tree.nodes.new("ShaderNodeTexCoord")
    # Set where the material is used: asset to source, as `meshes` was told to fit it.
    frame = tree.nodes.new("ShaderNodeMapping")
    frame.name, frame.vector_type = FRAME, "TEXTURE"
    piece = tree.nodes.new("ShaderNodeMapping")
    piece.vector_type = "TEXTURE"  # the inverse of moving, turning and scaling
    place, turn, scale = users[0].matrix.decompose()
    piece.inputs["Location"].default_value = place
    piece.inputs["Rotation"].default_value = turn.to_euler("XYZ")
    piece.inputs["Scale"].default_value = scale
    tree.links.new(node.outputs["Object"], frame.inputs["Vector"])
    tree.links.new(frame.outputs[0], piece.inputs["Vector"])
    return piece.outputs[0]


def _generated(tree: Any, dress: Dressed, users: list[Piece]) -> Any:
    """Coordinates from 0 to 1 over the mesh's texture space."""
    node = tree.nodes.new("ShaderNodeVectorMath")
    node.operation = "MULTIPLY_ADD"
    size = [abs(v) or 1.0 for v in dress.mesh.texspace_size]
    place = dress.mesh.texspace_location
    tree.links.new(_local(tree, dress, users), node.inputs[0])
    node.inputs[1].default_value = [0.5 / s for s in size]
    node.inputs[2].default_value = [0.5 - 0.5 * p / s for p, s in zip(place, size, strict=True)]
    return node.outputs[0]
