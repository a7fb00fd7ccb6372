"""Meshes from arrays, cached by content between worlds."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from .recent import Recent


class Meshes:
    """Blender meshes by key."""

    def __init__(self) -> None:
        self.held: Recent[Any] = Recent(bpy.data.meshes.remove)

    def mesh(self, key: str, path: str, slots: int) -> Any:
        """The mesh of a file: `vertices`, `faces`, `normals`, `uv`, `slot`, `wear_uv` (see the
        engine)."""
        return self.held.get(key, lambda: _build(key, path, slots))


def _build(key: str, path: str, slots: int) -> Any:
    with np.load(path) as arrays:
        vertices, faces = arrays["vertices"], arrays["faces"]
        normals, uv, slot = arrays["normals"], arrays["uv"], arrays["slot"]
        wear_uv = arrays.get("wear_uv")
    mesh = bpy.data.meshes.new(key[:32])
    count = len(faces)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.ravel())
    mesh.loops.add(count * 3)
    mesh.loops.foreach_set("vertex_index", faces.ravel())
    mesh.polygons.add(count)
    mesh.polygons.foreach_set("loop_start", np.arange(0, count * 3, 3, dtype=np.int32))
    mesh.polygons.foreach_set("material_index", slot)
    for _ in range(slots):
        mesh.materials.append(None)  # objects fill their own slots
    mesh.uv_layers.new(name="uv").uv.foreach_set("vector", uv.ravel())
    if wear_uv is not None:
        mesh.uv_layers.new(name="wear").uv.foreach_set("vector", wear_uv.ravel())
        mesh.uv_layers["uv"].active_render = True
    mesh.update(calc_edges=True)
    # Free corner normals (Blender 4.5): kept as they are, unlike the encoded custom normals.
    attribute = mesh.attributes.new("custom_normal", "FLOAT_VECTOR", "CORNER")
    attribute.data.foreach_set("vector", normals.ravel())
    mesh.update()  # or the normals of before stay cached
    return mesh
