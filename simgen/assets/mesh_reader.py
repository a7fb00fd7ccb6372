"""Mesh files to parts: OBJ, PLY, STL, glTF and GLB, through trimesh, with our own materials."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.folder import AssetFolder
from simgen.assets.gltf import read_gltf_materials
from simgen.assets.images import picture_of
from simgen.assets.mesh_checks import check_arrays
from simgen.assets.mesh_claims import check_claims
from simgen.assets.mesh_parts import MeshPart, Model, join_parts
from simgen.assets.mtl import read_mtl
from simgen.assets.vertex_colors import bake_colors, corner_colors
from simgen.errors import AssetError, Fault, SimgenError
from simgen.records.asset import Surface

_PLAIN = "default"


def read_mesh(path: Path, max_faces: int, folder: AssetFolder | None = None) -> Model:
    """Everything in a mesh file, in its own unit and axes (OBJ, PLY, STL, glTF, GLB).

    Args:
        max_faces: of a mesh; more are refused, where possible before they are parsed.
        folder: where it is read from; default: its own folder.

    Raises:
        AssetError: it cannot be read, names files that are missing or outside its folder, or
            holds numbers that are none.
    """
    folder = folder or AssetFolder(path.parent)
    kind = path.suffix.lower().lstrip(".")
    data = folder.read(path.name)
    looks: dict[str, tuple[str, Surface]] = {}
    if kind not in ("gltf", "glb"):
        check_claims(data, kind, str(path), max_faces)
    if kind == "obj":
        looks = _obj_looks(data, folder, path.name)
    elif kind in ("gltf", "glb"):
        data, materials = read_gltf_materials(data, folder, path.name, max_faces)
        looks = {str(i): named for i, named in enumerate(_unique(materials))}
    scene = _load(data, kind, folder, path, tuple(looks))
    parts = []
    nodes = scene.graph.nodes_geometry
    alone = len(nodes) == 1
    for number, node in enumerate(nodes):
        matrix, name = scene.graph[node]
        geometry = scene.geometry[name]
        if hasattr(geometry, "faces"):
            check_arrays(np.asarray(geometry.vertices), np.asarray(geometry.faces), str(path))
            part = _part(geometry, np.asarray(matrix, np.float64), looks, kind, number, alone)
            parts.append(part)
    if not any(len(part.faces) for part in parts):
        raise AssetError(Fault(str(path), "the mesh has no faces", "export it as triangles"))
    return join_parts([p for p in parts if len(p.faces)], folder.files)


def _load(
    data: bytes, kind: str, folder: AssetFolder, path: Path, materials: tuple[str, ...]
) -> Any:
    import trimesh
    from trimesh.resolvers import Resolver

    trouble: list[SimgenError] = []

    class Guarded(Resolver):  # type: ignore[misc]
        """Lets trimesh see files of the asset's folder only; it swallows errors, we do not."""

        def __init__(self) -> None:
            pass

        def get(self, key: str) -> bytes:
            if kind == "obj":  # it asks for the MTL file; names are all it needs to know
                return "\n".join(f"newmtl {name}" for name in materials).encode()
            try:
                found = folder.read(key, path.name)
                if kind == "ply":  # a texture: trimesh would go on without one that is broken
                    folder.picture(found, str(path.parent / key))
                return found
            except SimgenError as error:
                trouble.append(error)
                raise

        def keys(self) -> list[str]:
            return []

        def write(self, name: str, data: Any) -> None:
            raise NotImplementedError("assets are read only")

        def namespaced(self, namespace: str) -> Any:
            return self

    try:
        with warnings.catch_warnings():
            # numpy says so when a number cannot be read; trimesh would go on with what it has.
            warnings.filterwarnings("error", "string or file could not be read", append=False)
            loaded = trimesh.load_scene(
                io.BytesIO(data), file_type=kind, resolver=Guarded(), process=False
            )
    except Exception as error:  # a parser may fail in any way on a damaged file
        if trouble:
            raise trouble[0] from None
        what = f"cannot be read as {kind.upper()}: {type(error).__name__}: {error}"
        raise AssetError(Fault(str(path), what, "export it again")) from None
    if trouble:
        raise trouble[0]
    return loaded


def _obj_looks(data: bytes, folder: AssetFolder, name: str) -> dict[str, tuple[str, Surface]]:
    looks: dict[str, tuple[str, Surface]] = {}
    for line in dict.fromkeys(re.findall(rb"^[ \t]*mtllib[ \t]+(.+)$", data, re.M)):
        found = read_mtl(folder, line.decode("utf-8", "replace").strip(), name)
        looks |= {title: (title, surface) for title, surface in found.items()}
    return looks


def _unique(materials: list[tuple[str, Surface]]) -> list[tuple[str, Surface]]:
    seen: dict[str, int] = {}
    out = []
    for name, surface in materials:
        seen[name] = seen.get(name, 0) + 1
        out.append((name if seen[name] == 1 else f"{name}_{seen[name]}", surface))
    return out


def _part(
    geometry: Any,
    matrix: NDArray[np.float64],
    looks: dict[str, tuple[str, Surface]],
    kind: str,
    number: int,
    alone: bool,
) -> MeshPart:
    faces = np.asarray(geometry.faces, np.int64)
    vertices = np.asarray(geometry.vertices, np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    normals = None
    flattened = abs(float(np.linalg.det(matrix[:3, :3]))) < 1e-200  # such faces go anyway
    # Only if the file brought normals are they in the cache.
    if "vertex_normals" in geometry._cache.cache and not flattened:
        normals = np.asarray(geometry.vertex_normals, np.float64)[faces]
        normals = normals @ np.linalg.inv(matrix[:3, :3])
    slot, surface, uv = _look(geometry, faces, looks, kind)
    if surface.base_color_image is None:
        colors = corner_colors(geometry, faces, linear=kind in ("gltf", "glb"))
        if colors is not None:
            uv, surface = bake_colors(colors, surface)
            slot = slot if alone else f"{slot}_colors_{number}"  # an atlas is never shared
    if np.linalg.det(matrix[:3, :3]) < 0:  # a mirroring node turns faces inside out
        faces = faces[:, ::-1]
        normals = None if normals is None else normals[:, ::-1]
        uv = None if uv is None else uv[:, ::-1]
    return MeshPart(vertices, faces, normals, uv, slot, surface)


def _look(
    geometry: Any, faces: NDArray[np.int64], looks: dict[str, tuple[str, Surface]], kind: str
) -> tuple[str, Surface, NDArray[np.float64] | None]:
    visual = geometry.visual
    material = getattr(visual, "material", None)
    slot, surface = looks.get(str(getattr(material, "name", None)), (_PLAIN, Surface()))
    image = getattr(material, "image", None)
    if kind == "ply" and image is not None:
        picture = picture_of(image)
        surface = Surface(base_color=(1.0, 1.0, 1.0), base_color_image=picture.rgb)
    uv = getattr(visual, "uv", None)
    if uv is None or len(uv) != len(geometry.vertices):
        return slot, surface, None
    return slot, surface, np.asarray(uv, np.float64)[faces]
