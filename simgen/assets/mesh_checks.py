"""What makes a mesh unusable, and what is only cleaned away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgen.assets.mesh_parts import Model, weld
from simgen.errors import AssetError, Fault

# A face thinner than this share of the mesh's size squared has no normal in float32.
_FLAT_SHARE = 1e-14
_MAX_COORDINATE = 1e60


def check_arrays(vertices: NDArray[np.float64], faces: NDArray[np.int64], where: str) -> None:
    """Refuse arrays that do not fit together or are not numbers.

    Raises:
        AssetError: NaN or infinite vertices, or faces that name vertices that do not exist.
    """
    if len(faces) == 0:
        return
    if faces.min() < 0 or faces.max() >= len(vertices):
        what = f"a face names vertex {int(faces.max())}, there are {len(vertices)}"
        raise AssetError(Fault(where, what, "export the mesh again"))
    bad = int((~np.isfinite(vertices).all(axis=1)).sum())
    if bad:
        what = f"{bad} of {len(vertices)} vertices are NaN or infinite"
        raise AssetError(Fault(where, what, "repair the mesh"))


def cleaned(model: Model, where: str, max_faces: int) -> Model:
    """The model without zero-area faces.

    Raises:
        AssetError: no faces, only zero-area faces, too many faces, or absurd coordinates.
    """
    if len(model.faces) == 0:
        raise AssetError(Fault(where, "the mesh has no faces", "export it as triangles"))
    if len(model.faces) > max_faces:
        what = f"the mesh has {len(model.faces)} faces, more than max_faces = {max_faces}"
        raise AssetError(Fault(where, what, "simplify it, or raise max_faces"))
    _check_reach(model.vertices, where)
    doubled = np.linalg.norm(face_vectors(model.vertices, model.faces), axis=1)
    reach = float(np.ptp(model.vertices, axis=0).max())
    keep = doubled > _FLAT_SHARE * reach * reach
    if not keep.any():
        size = " x ".join(f"{v:.4g}" for v in np.ptp(model.vertices, axis=0))
        what = f"all {len(keep)} faces have zero area for a mesh of {size} in the file's unit"
        raise AssetError(Fault(where, what, "repair the mesh"))
    if keep.all():
        return model
    note = f"removed {int((~keep).sum())} zero-area faces of {len(keep)}"
    vertices, faces = weld(model.vertices, model.faces[keep])
    return replace(
        model,
        vertices=vertices,
        faces=faces,
        normals=model.normals[keep],
        uv=model.uv[keep],
        slot=model.slot[keep],
        notes=(*model.notes, note),
    )


def _check_reach(vertices: NDArray[np.float64], where: str) -> None:
    # Beyond this the squares in areas and lengths overflow float64; no unit makes sense of it.
    reach = float(np.abs(vertices).max())
    if not reach <= _MAX_COORDINATE:  # also what a node's matrix made NaN
        what = f"a coordinate is {reach:.3g} in the file's unit"
        raise AssetError(Fault(where, what, "repair the mesh"))


def face_vectors(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cross products float64[F, 3]: along the outward normal, length twice the area."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    out: NDArray[np.float64] = np.cross(b - a, c - a)
    return out
