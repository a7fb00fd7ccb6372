"""Repairs that `repair:` of an asset's notes asks for, done when the mesh is read.

The file itself is never rewritten: nothing is lost, and taking the line out takes the repair
back. `simgen assets lint --fix` writes these lines where they are safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simgen.assets.mesh_checks import cleaned, face_vectors
from simgen.assets.mesh_parts import Model, weld
from simgen.assets.topology import copies, is_inside_out, merged, turned_to_agree

Repair = Literal["merge_vertices", "duplicate_faces", "winding", "inside_out"]
# In this order: winding can only be told once cracks are closed, the inside once winding is.
ORDER: tuple[Repair, ...] = ("merge_vertices", "duplicate_faces", "winding", "inside_out")
MERGE_SHARE = 1e-5  # of the longest extent: points closer than this are meant to be one


def repaired(model: Model, repairs: Sequence[Repair], where: str, max_faces: int) -> Model:
    """The model with these repairs, in their fixed order; nothing is noted of what was asked for.

    Raises:
        AssetError: nothing is left of it.
    """
    model = cleaned(model, where, max_faces)
    for name in ORDER:
        if name in repairs:
            model = _DO[name](model)
    return cleaned(model, where, max_faces)


def merge_reach(vertices: NDArray[np.float64]) -> float:
    """How near two vertices must be to be one."""
    return MERGE_SHARE * float(np.ptp(vertices, axis=0).max())


def _merge_vertices(model: Model) -> Model:
    faces = merged(model.vertices, merge_reach(model.vertices))[model.faces]
    # `cleaned` notes what it drops; faces that merging closed are no fault of the file.
    flat = np.linalg.norm(face_vectors(model.vertices, faces), axis=1) == 0
    return _kept(replace(model, faces=faces), ~flat)


def _duplicate_faces(model: Model) -> Model:
    return _kept(model, ~copies(model.faces))


def _winding(model: Model) -> Model:
    return _turned(model, turned_to_agree(model.faces))


def _inside_out(model: Model) -> Model:
    if not is_inside_out(model.vertices, model.faces):
        return model
    return _turned(model, np.ones(len(model.faces), bool))


def _turned(model: Model, turn: NDArray[np.bool_]) -> Model:
    """Faces run the other way round; their normals are worked out anew."""
    faces, uv, normals = model.faces.copy(), model.uv.copy(), model.normals.copy()
    faces[turn], uv[turn] = faces[turn][:, ::-1], uv[turn][:, ::-1]
    normals[turn] = np.nan
    return replace(model, faces=faces, uv=uv, normals=normals)


def _kept(model: Model, keep: NDArray[np.bool_]) -> Model:
    vertices, faces = weld(model.vertices, model.faces[keep])
    return replace(
        model,
        vertices=vertices,
        faces=faces,
        normals=model.normals[keep],
        uv=model.uv[keep],
        slot=model.slot[keep],
    )


_DO = {
    "merge_vertices": _merge_vertices,
    "duplicate_faces": _duplicate_faces,
    "winding": _winding,
    "inside_out": _inside_out,
}
