"""A mesh file and its settings to an Asset: read, clean, fit, shade."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simgen.assets.box_uv import project_box
from simgen.assets.fitting import UNITS, default_unit, fit_factor, origin_offset, up_rotation
from simgen.assets.folder import AssetFolder
from simgen.assets.ledger import credit_of
from simgen.assets.mesh_parts import Model
from simgen.assets.mesh_reader import read_mesh
from simgen.assets.normals import crease_normals, unit_or
from simgen.assets.repair import repaired
from simgen.assets.sidecar import marks_of, repairs_of, with_originals
from simgen.assets.sizes import check_size
from simgen.assets.surfaces import aspect_of
from simgen.records.asset import Asset, Mesh, Surface

if TYPE_CHECKING:
    from simgen.assets.meshes import MeshesParams

_LOG = logging.getLogger(__name__)
_MAX_UV = 1e6  # float32 has no texels left beyond
_CURE = "set `unit:` (m, cm, mm, inch) to the unit of the file, or `fit:` to a known length"


def build_mesh(path: Path, params: MeshesParams) -> Asset:
    """The asset of one mesh file (see `meshes.Meshes.build`).

    Raises:
        AssetError: the file cannot be used.
    """
    folder = AssetFolder(path.parent, params.path)
    model = read_mesh(path, params.max_faces, folder)
    model = repaired(model, repairs_of(path), str(path), params.max_faces)
    up = params.up or ("y" if path.suffix.lower() in (".gltf", ".glb") else "z")
    turn = up_rotation(up)
    vertices = model.vertices @ turn.T
    factor = _factor(vertices, params, path)
    vertices *= factor
    offset = origin_offset(vertices, params.origin)
    vertices -= offset
    fitted = (turn, factor, offset)
    check_size(vertices, str(path), _CURE)
    notes = (*model.notes, *_size_notes(vertices, params))
    for note in notes:
        _LOG.warning("%s: %s", path, note)
    uv, surfaces = _unwrapped(model, vertices, params)
    files = model.files
    if params.uv == "own":  # a source's own materials need its UVs
        surfaces, more = with_originals(path, model.slots, surfaces, fitted)
        files += more
    centres = model.vertices[model.faces].mean(axis=1)
    marks, more = marks_of(path, fitted, centres, model.slot, model.slots)
    files = tuple(dict.fromkeys((*files, *more)))
    mesh = Mesh(
        vertices.astype(np.float32),
        model.faces.astype(np.int32),
        _normals(model, vertices, turn, params.crease_deg).astype(np.float32),
        uv,
        model.slot,
    )
    top = params.path.location if params.path.location.is_dir() else path.parent
    credit = credit_of(path, top)
    known = credit if credit.sha256 else None
    return Asset(mesh, model.slots, surfaces, files, credit.licence, (), notes, known, **marks)


def _factor(vertices: NDArray[np.float64], params: MeshesParams, path: Path) -> float:
    if params.fit is None:
        return UNITS[params.unit or default_unit(path)]
    measure = next(n for n in type(params.fit).model_fields if getattr(params.fit, n) is not None)
    return fit_factor(vertices, measure, float(getattr(params.fit, measure)), str(path))


def _normals(
    model: Model, vertices: NDArray[np.float64], turn: NDArray[np.float64], crease_deg: float
) -> NDArray[np.float64]:
    """The file's normals where they are usable, computed ones elsewhere."""
    own = model.normals @ turn.T
    length = np.linalg.norm(own, axis=2)
    if np.isfinite(length).all() and (length > 1e-6).all():
        unit: NDArray[np.float64] = own / length[:, :, None]
        return unit
    return unit_or(own, crease_normals(vertices, model.faces, crease_deg))


def _unwrapped(
    model: Model, vertices: NDArray[np.float64], params: MeshesParams
) -> tuple[NDArray[np.float32], tuple[Surface, ...]]:
    """UVs with none missing; surfaces whose faces lack UVs of their own are box-projected."""
    usable = (np.abs(model.uv) < _MAX_UV).all(axis=(1, 2))  # NaN is not
    lacking = ~usable | (params.uv == "box")
    boxed = set(np.unique(model.slot[lacking]).tolist())
    uv = np.where(lacking[:, None, None], 0, model.uv).astype(np.float32)
    whole = np.isin(model.slot, list(boxed))
    uv[whole] = project_box(vertices[model.faces[whole]])
    surfaces = tuple(
        _boxed(s, params.tile_m) if i in boxed else s for i, s in enumerate(model.surfaces)
    )
    return uv, surfaces


def _boxed(surface: Surface, tile_m: float) -> Surface:
    aspect = aspect_of(surface.base_color_image)
    return replace(surface, uv_in_metres=True, tile_m=tile_m, tile_aspect=aspect)


def _size_notes(vertices: NDArray[np.float64], params: MeshesParams) -> tuple[str, ...]:
    longest = float(np.ptp(vertices, axis=0).max())
    if params.fit is not None or 0.001 <= longest <= 20.0:
        return ()
    return (f"it is {longest:.4g} m long; set `unit:` or `fit:` if that is not meant",)
