"""Notes beside a mesh file (`mug.asset.yaml` of `mug.glb`): where it is from, what it keeps."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from simgen.assets.folder import AssetFolder
from simgen.errors import AssetError, SceneFileError
from simgen.records.asset import Original, Surface
from simgen.spec.document import parse_document
from simgen.spec.faults import faults_of
from simgen.spec.fields import Params

SUFFIX = ".asset.yaml"
# Blender's z-up axes to those of glTF, as exporters turn them (glTF 2.0, section 3.4).
_TO_GLTF = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


class Sidecar(Params):
    """What `simgen assets import` notes of an asset; `cycles_original` is for the user to set."""

    cycles_original: bool = Field(
        False, description="Cycles shows the source's own materials instead of the baked look"
    )
    blend: str = Field("", description=".blend file beside the mesh that keeps these materials")
    materials: dict[str, str] = Field(
        default_factory=dict, description="slot -> name of its material in that file"
    )
    source: str = Field("", description="file that it was imported from")
    imported: str = Field("", description="record of the import, in the library's `.imports`")
    baked: tuple[str, ...] = Field((), description="`slot channel` of what was baked")
    notes: tuple[str, ...] = Field((), description="what was changed or left out")
    facts: dict[str, Any] = Field(
        default_factory=dict, description="what the source says: name, diameter, symmetries"
    )


def read_sidecar(mesh: Path) -> Sidecar | None:
    """The notes of a mesh file, if there are any.

    Raises:
        AssetError: they are malformed.
    """
    path = mesh.with_suffix(SUFFIX)
    if not path.is_file():
        return None
    data = AssetFolder(path.parent).read(path.name)
    try:
        document = parse_document(data, str(path), path.parent)
    except SceneFileError as error:
        raise AssetError(error.faults) from None
    try:
        return Sidecar.model_validate(document.data)
    except ValidationError as error:
        raise AssetError(faults_of(error, document, Sidecar)) from None


def with_originals(
    mesh: Path,
    slots: tuple[str, ...],
    surfaces: tuple[Surface, ...],
    fitted: tuple[NDArray[np.float64], float, NDArray[np.float64]],
) -> tuple[tuple[Surface, ...], tuple[tuple[str, str], ...]]:
    """Surfaces that name the source's own materials, where notes say so.

    Args:
        mesh: a GLB file.
        slots, surfaces: of the mesh.
        fitted: rotation float64[3, 3], factor and offset float64[3] of
            `vertex = rotation @ (vertex in the file) * factor - offset`.

    Returns:
        The surfaces, and (name, sha256) of the files that they depend on.

    Raises:
        AssetError: the notes are malformed, or the .blend that they name is missing.
    """
    sidecar = read_sidecar(mesh)
    if sidecar is None or not sidecar.cycles_original or not sidecar.materials:
        return surfaces, ()
    folder = AssetFolder(mesh.parent)
    notes = mesh.with_suffix(SUFFIX).name
    folder.read(notes)
    digest = hashlib.sha256(folder.read(sidecar.blend, notes)).hexdigest()
    rotation, factor, offset = fitted
    matrix = np.eye(4)
    matrix[:3, :3] = rotation @ _TO_GLTF * factor
    matrix[:3, 3] = -offset
    rows = tuple(tuple(float(v) for v in row) for row in matrix)
    out = []
    for slot, surface in zip(slots, surfaces, strict=True):
        name = sidecar.materials.get(slot)
        if name is not None:
            path = str((mesh.parent / sidecar.blend).resolve())
            surface = replace(surface, original=Original(path, digest, name, rows))
        out.append(surface)
    return tuple(out), folder.files
