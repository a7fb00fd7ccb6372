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
from simgen.assets.repair import Repair
from simgen.assets.sidecar_marks import Fitted, MarkNotes
from simgen.errors import AssetError, SceneFileError
from simgen.records.asset import Original, Surface
from simgen.records.marks import Marks
from simgen.spec.document import parse_document
from simgen.spec.faults import faults_of

SUFFIX = ".asset.yaml"
# Blender's z-up axes to those of glTF, as exporters turn them (glTF 2.0, section 3.4).
_TO_GLTF = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


class Sidecar(MarkNotes):
    """What `simgen assets import` notes of an asset; the user may add marks, and sets
    `cycles_original`."""

    repair: tuple[Repair, ...] = Field(
        (),
        description="repairs of the mesh when it is read; `simgen assets lint --fix` writes them",
    )
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


def repairs_of(mesh: Path) -> tuple[Repair, ...]:
    """The repairs that the notes of a mesh file ask for.

    Raises:
        AssetError: the notes are malformed.
    """
    sidecar = read_sidecar(mesh)
    return sidecar.repair if sidecar is not None else ()


def with_originals(
    mesh: Path,
    slots: tuple[str, ...],
    surfaces: tuple[Surface, ...],
    fitted: Fitted,
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


def declared_marks(mesh: Path) -> Marks:
    """Keypoints and bones of a mesh file's notes.

    Raises:
        AssetError: they are malformed.
    """
    path = mesh.with_suffix(SUFFIX)
    # A library has notes beside each of its meshes: only those with keypoints are parsed.
    if not path.is_file() or b"keypoints" not in AssetFolder(path.parent).read(path.name):
        return Marks()
    sidecar = read_sidecar(mesh)
    return sidecar.names() if sidecar is not None else Marks()


def marks_of(
    mesh: Path,
    fitted: Fitted,
    centres: NDArray[np.float64],
    slot: NDArray[np.int32],
    slots: tuple[str, ...],
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """What a mesh file's notes say of keypoints and parts, as fields of an `Asset`.

    Args:
        fitted: as in `with_originals`.
        centres, slot, slots: see `MarkNotes.part_numbers`.

    Returns:
        The fields, and (name, sha256) of the notes if they are used.

    Raises:
        AssetError: the notes are malformed, or do not fit the mesh.
    """
    sidecar = read_sidecar(mesh)
    if sidecar is None or not (sidecar.keypoints or sidecar.parts):
        return {}, ()
    folder = AssetFolder(mesh.parent)
    notes = mesh.with_suffix(SUFFIX)
    folder.read(notes.name)
    out: dict[str, Any] = {"keypoints": sidecar.points(fitted)}
    if sidecar.parts:
        try:
            numbers = sidecar.part_numbers(centres, slot, slots)
        except AssetError as error:
            faults = [replace(f, where=f"{notes} {f.where}") for f in error.faults]
            raise AssetError(faults) from None
        out |= {"parts": tuple(sidecar.parts), "part": numbers}
    return out, folder.files
