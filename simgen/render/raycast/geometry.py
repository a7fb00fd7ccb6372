"""A world's triangles in one array, with everything that shading asks of a hit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.box_uv import box_uv
from simgen.plugin.protocols import Library
from simgen.records.asset import Asset, Surface
from simgen.records.world import World, WorldObject
from simgen.render.raycast.surface_table import SurfaceTable, surface_table
from simgen.render.raycast.tracing import MISS, Bvh, Hits

Floats = NDArray[np.float32]
HOLE = 0.5  # alpha below this is a hole, in every engine and label
_MAX_LAYERS = 32
_STEP_PAST_HOLE = 1e-5


@dataclass(frozen=True)
class WorldGeometry:
    """Triangles of a world in world metres.

    Args:
        bvh: over all faces.
        corners: float32[F, 3, 3] positions per face and corner.
        normals: float32[F, 3, 3] shading normals per corner.
        uv: float32[F, 3, 2] in repeats of the face's images.
        texel_area: float32[F], uv area / world area, for mip levels.
        surface: int64[F], row of the surface table.
        instance: int32[F], instance id of the face's object.
        table: the surfaces.
        holes: bool[F], whether the face's alpha image must be asked.
        part: int32[F], 1 + number of the face's part in its asset, 0 for none; None: no asset
            of the world has parts.
        wear_uv, wear_area: as `uv` and `texel_area`, of layers; None: nothing in the world is
            worn.
    """

    bvh: Bvh
    corners: Floats
    normals: Floats
    uv: Floats
    texel_area: Floats
    surface: NDArray[np.int64]
    instance: NDArray[np.int32]
    table: SurfaceTable
    holes: NDArray[np.bool_]
    part: NDArray[np.int32] | None = None
    wear_uv: Floats | None = None
    wear_area: Floats | None = None

    def first_hits(self, origin: Floats, directions: Floats) -> Hits:
        """Closest hits with cut-out holes passed through."""
        hits = self.bvh.closest(origin, directions)
        if not self.holes.any():
            return hits
        return pass_holes(self.bvh, hits, origin, directions, self._is_hole)

    def _is_hole(self, face: NDArray[np.int64], bary: Floats) -> NDArray[np.bool_]:
        row = self.surface[face]
        return alpha_at(self.table, row, interpolate(self.uv[face], bary)) < HOLE

    def instance_of(self, hits: Hits) -> NDArray[np.int32]:
        """Instance id per hit; 0 for misses and supports."""
        if len(self.instance) == 0:
            return np.zeros(len(hits.face), np.int32)
        return np.where(hits.face == MISS, 0, self.instance[hits.face]).astype(np.int32)


def interpolate(corner_values: Floats, bary: Floats) -> Floats:
    """Values [N, 3, C] of the corners blended by barycentric weights [N, 2]."""
    u, v = bary[:, :1], bary[:, 1:]
    out: Floats = corner_values[:, 0] * (1 - u - v) + corner_values[:, 1] * u
    out += corner_values[:, 2] * v
    return out


def alpha_at(table: SurfaceTable, row: NDArray[np.int64], uv: Floats) -> Floats:
    """Alpha of points, float32[N]."""
    alpha = table.alpha[row].copy()
    image = table.alpha_image[row]
    has = image >= 0
    if has.any():
        lod = np.zeros(int(has.sum()), np.float32)
        alpha[has] *= table.greys.sample(image[has], uv[has], lod, srgb=False)[:, 0]
    return alpha


def pass_holes(
    bvh: Bvh,
    hits: Hits,
    origin: Floats,
    directions: Floats,
    is_hole: Callable[[NDArray[np.int64], Floats], NDArray[np.bool_]],
) -> Hits:
    """Continue rays that went through a hole until they hit something solid."""
    t, face, bary = hits.t.copy(), hits.face.copy(), hits.bary.copy()
    active = np.flatnonzero(face != MISS)
    active = active[is_hole(face[active], bary[active])] if active.size else active
    base = np.broadcast_to(np.asarray(origin, np.float32), directions.shape)
    for _ in range(_MAX_LAYERS):
        if active.size == 0:
            break
        travelled = t[active] + _STEP_PAST_HOLE
        start = base[active] + directions[active] * travelled[:, None]
        more = bvh.closest(start, directions[active])
        t[active] = travelled + more.t
        face[active], bary[active] = more.face, more.bary
        solid = active[face[active] != MISS]
        active = solid[is_hole(face[solid], bary[solid])] if solid.size else solid
    face[active] = MISS  # deeper than the limit: treat as empty
    t[face == MISS] = np.inf
    return Hits(t, face, bary)


def build_geometry(
    world: World,
    library: Library,
    threads: int,
    chains: dict[int, list[NDArray[np.uint8]]],
) -> WorldGeometry:
    """All objects of a world, transformed; surfaces that are all hole are left out."""
    parts = _Parts()
    for thing in world.objects:
        parts.add(thing, library.asset(thing.asset), library.surfaces(thing))
    return parts.finish(threads, chains)


class _Parts:
    def __init__(self) -> None:
        self.corners: list[Floats] = []
        self.normals: list[Floats] = []
        self.uv: list[Floats] = []
        self.surface: list[NDArray[np.int64]] = []
        self.instance: list[NDArray[np.int32]] = []
        self.part: list[NDArray[np.int32]] = []
        self.rows: list[Surface] = []
        self.wear_uv: list[Floats] = []
        self.worn = False

    def add(self, thing: WorldObject, asset: Asset, surfaces: tuple[Surface, ...]) -> None:
        mesh = asset.mesh
        rotation = thing.pose.rotation()
        scaled = mesh.vertices_m.astype(np.float64) * thing.scale
        world = (scaled @ rotation.T + np.asarray(thing.pose.position_m)).astype(np.float32)
        keep = solid_faces(asset, surfaces)
        row = len(self.rows) + mesh.slot.astype(np.int64)
        self.rows += surfaces
        self.corners.append(world[mesh.faces[keep]])
        turned = mesh.normals[keep].reshape(-1, 3) @ rotation.T.astype(np.float32)
        self.normals.append(turned.reshape(-1, 3, 3))
        self.uv.append(face_uv(asset, surfaces, thing.scale)[keep])
        self.surface.append(row[keep])
        self.instance.append(np.full(int(keep.sum()), thing.id, np.int32))
        part = np.zeros(len(keep), np.int32) if asset.part is None else asset.part + 1
        self.part.append(part[keep])
        wear = surfaces[0].wear if surfaces else None
        self.worn |= wear is not None
        layer = np.zeros((len(keep), 3, 2), np.float32) if wear is None else wear.uv
        self.wear_uv.append(layer[keep])

    def finish(self, threads: int, chains: dict[int, list[NDArray[np.uint8]]]) -> WorldGeometry:
        corners = _joined(self.corners, (0, 3, 3), np.float32)
        uv = _joined(self.uv, (0, 3, 2), np.float32)
        surface = _joined(self.surface, (0,), np.int64)
        table = surface_table(self.rows, chains)
        faces = np.arange(len(corners) * 3, dtype=np.int32).reshape(-1, 3)
        part = _joined(self.part, (0,), np.int32)
        wear_uv = _joined(self.wear_uv, (0, 3, 2), np.float32) if self.worn else None
        return WorldGeometry(
            Bvh(corners.reshape(-1, 3), faces, threads),
            corners,
            _joined(self.normals, (0, 3, 3), np.float32),
            uv,
            _texel_area(corners, uv),
            surface,
            _joined(self.instance, (0,), np.int32),
            table,
            table.alpha_image[surface] >= 0 if len(surface) else np.zeros(0, bool),
            part if part.any() else None,
            wear_uv,
            None if wear_uv is None else _texel_area(corners, wear_uv),
        )


def solid_faces(asset: Asset, surfaces: tuple[Surface, ...]) -> NDArray[np.bool_]:
    """Faces whose surface is not one whole hole, bool[F]."""
    solid = np.array([surface.alpha >= HOLE for surface in surfaces], bool)
    keep: NDArray[np.bool_] = solid[asset.mesh.slot]
    return keep


def face_uv(asset: Asset, surfaces: tuple[Surface, ...], scale: float) -> Floats:
    """Texture coordinates float32[F, 3, 2] in repeats of each face's own surface."""
    mesh = asset.mesh
    metres = np.array([s.uv_in_metres for s in surfaces], bool)[mesh.slot]
    own = mesh.uv if mesh.uv is not None else np.zeros((len(mesh.faces), 3, 2), np.float32)
    if not metres.any():
        return own
    sizes = [(s.tile_m, s.tile_m * s.tile_aspect) for s in surfaces]
    tile = np.array(sizes, np.float32)[mesh.slot]
    boxed = box_uv(mesh, scale) / tile[:, None, :]
    return np.where(metres[:, None, None], boxed, own).astype(np.float32)


def _joined(parts: list[NDArray[Any]], empty_shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(empty_shape, dtype)


def _texel_area(corners: Floats, uv: Floats) -> Floats:
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.linalg.norm(np.cross(a, b), axis=1)
    p, q = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    in_uv = np.abs(p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0])
    return np.asarray(in_uv / np.maximum(area, 1e-12), np.float32)
