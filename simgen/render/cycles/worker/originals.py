"""A source's own materials, appended from the .blend that an import kept beside its GLB."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

_FRAME = "simgen frame"  # the node that `imports_original` leaves to be set


def append_original(original: dict[str, Any]) -> Any:
    """The material of `original` (`path`, `material`, `matrix` source to asset).

    Raises:
        ValueError: the .blend has no such material.
    """
    with bpy.data.libraries.load(original["path"], link=False) as (source, target):
        if original["material"] not in source.materials:
            raise ValueError(f"{original['path']} has no material {original['material']!r}")
        target.materials = [original["material"]]
    material = target.materials[0]
    place, turn, scale = Matrix(original["matrix"]).decompose()
    for tree in _trees(material.node_tree):
        for node in tree.nodes:
            if node.type == "MAPPING" and node.name.startswith(_FRAME):
                node.inputs["Location"].default_value = place
                node.inputs["Rotation"].default_value = turn.to_euler("XYZ")
                node.inputs["Scale"].default_value = scale
    return material


def remove_original(material: Any) -> None:
    """Take such a material out of Blender, with the groups and images that came with it."""
    trees = _trees(material.node_tree)
    images = {n.image for t in trees for n in t.nodes if n.type == "TEX_IMAGE" and n.image}
    bpy.data.materials.remove(material)
    bpy.data.batch_remove([block for block in [*trees[1:], *images] if block.users == 0])


def _trees(tree: Any) -> list[Any]:
    out = [tree]
    for node in tree.nodes:
        if node.type == "GROUP" and node.node_tree is not None:
            out += _trees(node.node_tree)
    return out
