"""The geometry of a frame: the one source of labels for every engine.

Instance ids, planar depth and normals come from one ray through each pixel's centre; amodal
masks from the same rays against each object alone; truncation from a finer grid over the
object's whole outline, image or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Library
from simgen.records.asset import Asset, Surface
from simgen.records.camera import Camera, pixel_grid
from simgen.records.frame import AmodalMask, Geometry
from simgen.records.world import World, WorldObject
from simgen.render.raycast.geometry import (
    HOLE,
    WorldGeometry,
    face_uv,
    interpolate,
    pass_holes,
    solid_faces,
)
from simgen.render.raycast.lamps import dot
from simgen.render.raycast.marks import NEAR_M, WorldMarks, inside_image
from simgen.render.raycast.texels import AtlasBuilder
from simgen.render.raycast.tracing import MISS, Bvh, Hits

Floats = NDArray[np.float32]
_WIDEST = math.tan(math.radians(80))  # outlines beyond this angle are cut off
_TRUNCATION_GRID = 96


HoleTest = Callable[[NDArray[np.int64], Floats], NDArray[np.bool_]]
Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class Solo:
    """One object alone, in its own unscaled frame.

    Args:
        bvh: its solid faces.
        bounds_m: float64[2, 3].
        is_hole: tells cut-out points by face and barycentric weights; None if it has none.
    """

    thing: WorldObject
    bvh: Bvh
    bounds_m: NDArray[np.float64]
    is_hole: HoleTest | None


@dataclass
class SoloCache:
    """Trees of single objects by asset content, so that worlds share them."""

    threads: int
    limit: int = 256
    _trees: dict[tuple[str, tuple[bool, ...]], tuple[Bvh, NDArray[np.float64]]] = field(
        default_factory=dict
    )

    def solo(self, thing: WorldObject, asset: Asset, surfaces: tuple[Surface, ...]) -> Solo:
        """The object alone; its tree is shared by all objects of the same asset."""
        keep = solid_faces(asset, surfaces)
        key = (thing.asset.digest, tuple(s.alpha >= HOLE for s in surfaces))
        if key not in self._trees:
            if len(self._trees) >= self.limit:
                del self._trees[next(iter(self._trees))]
            mesh = asset.mesh
            tree = Bvh(mesh.vertices_m, mesh.faces[keep], self.threads)
            self._trees[key] = (tree, mesh.bounds())
        bvh, bounds = self._trees[key]
        return Solo(thing, bvh, bounds, _hole_test(asset, surfaces, thing.scale, keep))


class FrameLabels:
    """Makes `Geometry` for the frames of one world."""

    def __init__(
        self, world: World, library: Library, geometry: WorldGeometry, solos: SoloCache
    ) -> None:
        self.geometry = geometry
        self.marks = WorldMarks(world, library, geometry)
        self.solos = [
            solos.solo(thing, library.asset(thing.asset), library.surfaces(thing))
            for thing in world.instances
        ]

    def trace(self, camera: Camera) -> tuple[Geometry, Hits]:
        """Geometry of a view, and the hits of its pixel centres in row-major order."""
        lens = camera.intrinsics
        grid = pixel_grid(lens)
        directions = world_directions(camera, grid.reshape(-1, 2))
        origin = np.asarray(camera.T_world_cam.position_m, np.float32)
        hits = self.geometry.first_hits(origin, directions)
        shape = (lens.height, lens.width)
        instances = self.geometry.instance_of(hits).reshape(shape)
        depth = np.where(hits.face == MISS, 0, hits.t).astype(np.float32).reshape(shape)
        normals = self._normals(camera, hits, directions).reshape(*shape, 3)
        amodal = {solo.thing.id: _amodal(solo, camera, grid, instances) for solo in self.solos}
        keypoints, parts = self.marks.keypoints(camera), self.marks.parts(hits, shape)
        return Geometry(instances, depth, normals, amodal, keypoints, parts), hits

    def _normals(self, camera: Camera, hits: Hits, directions: Floats) -> Floats:
        out = np.zeros((len(hits.face), 3), np.float32)
        on = np.flatnonzero(hits.face != MISS)
        face = hits.face[on]
        shading, _ = facing_normals(self.geometry, face, hits.bary[on], directions[on])
        out[on] = shading @ camera.T_world_cam.rotation().astype(np.float32)
        return out


def _amodal(solo: Solo, camera: Camera, grid: Floats, instances: NDArray[np.int32]) -> AmodalMask:
    rect = outline(solo, camera)
    if rect is None:
        return AmodalMask(0, 0, np.zeros((0, 0), bool), 1.0)
    truncation = 0.0 if _within_image(rect, camera) else _truncation(solo, camera, rect)
    window = _pixels_in(rect, grid)
    if window is None:
        return AmodalMask(0, 0, np.zeros((0, 0), bool), truncation)
    rows, columns = window
    crop = grid[rows, columns]
    mask = _seen(solo, camera, crop.reshape(-1, 2)).reshape(crop.shape[:2])
    # The two trees round differently on silhouettes; what is seen is never less than modal.
    mask |= instances[rows, columns] == solo.thing.id
    return AmodalMask(int(columns.start), int(rows.start), mask, truncation)


def world_directions(camera: Camera, xy: Floats) -> Floats:
    """World directions float32[N, 3] of normalised coordinates; their unit is planar depth."""
    rotation = camera.T_world_cam.rotation().astype(np.float32)
    # Written out instead of a matrix product: BLAS may sum in another order on other threads.
    out: Floats = xy[:, :1] * rotation[:, 0] + xy[:, 1:] * rotation[:, 1] + rotation[:, 2]
    return out


def facing_normals(
    geometry: WorldGeometry, face: NDArray[np.int64], bary: Floats, directions: Floats
) -> tuple[Floats, Floats]:
    """Shading and geometric unit normals float32[N, 3], turned towards the viewer."""
    corners = geometry.corners[face]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-20)
    shading = interpolate(geometry.normals[face], bary)
    shading /= np.maximum(np.linalg.norm(shading, axis=1, keepdims=True), 1e-20)
    away = dot(flat, directions) > 0
    flat[away] *= -1
    opposed = dot(shading, flat) < 0
    shading[opposed] *= -1
    return shading, flat


def outline(solo: Solo, camera: Camera) -> Rect | None:
    """Rectangle x0, y0, x1, y1 in ideal normalised coordinates around an object, or None."""
    thing, bounds_m = solo.thing, solo.bounds_m
    corners = np.array([[bounds_m[i, 0], bounds_m[j, 1], bounds_m[k, 2]]
                        for i in (0, 1) for j in (0, 1) for k in (0, 1)])  # fmt: skip
    local = camera.to_camera(thing.pose.apply(corners * thing.scale))
    if (local[:, 2] <= NEAR_M).all():
        return None
    if (local[:, 2] <= NEAR_M).any():  # reaches behind the camera
        return (-_WIDEST, -_WIDEST, _WIDEST, _WIDEST)
    xy = np.clip(local[:, :2] / local[:, 2:], -_WIDEST, _WIDEST)
    low, high = xy.min(axis=0) - 1e-6, xy.max(axis=0) + 1e-6
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _pixels_in(rect: Rect, grid: Floats) -> tuple[slice, slice] | None:
    """Rows and columns of the pixels whose rays pass through a rectangle."""
    x, y = grid[..., 0], grid[..., 1]
    inside = (x >= rect[0]) & (x <= rect[2]) & (y >= rect[1]) & (y <= rect[3])
    columns = np.flatnonzero(inside.any(axis=0))
    if columns.size == 0:
        return None
    rows = np.flatnonzero(inside.any(axis=1))
    return (
        slice(int(rows[0]), int(rows[-1]) + 1),
        slice(int(columns[0]), int(columns[-1]) + 1),
    )


def _seen(solo: Solo, camera: Camera, xy: Floats) -> NDArray[np.bool_]:
    """Whether rays of ideal coordinates [N, 2] meet the object alone, bool[N]."""
    thing = solo.thing
    to_object = thing.pose.rotation().T / thing.scale
    offset = np.asarray(camera.T_world_cam.position_m) - np.asarray(thing.pose.position_m)
    origin = (to_object @ offset).astype(np.float32)
    turn = (to_object @ camera.T_world_cam.rotation()).astype(np.float32)
    directions = xy[:, :1] * turn[:, 0] + xy[:, 1:] * turn[:, 1] + turn[:, 2]
    if solo.is_hole is None:
        return solo.bvh.blocked(origin, directions)
    hits = solo.bvh.closest(origin, directions)
    solid: NDArray[np.bool_] = (
        pass_holes(solo.bvh, hits, origin, directions, solo.is_hole).face != MISS
    )
    return solid


def _within_image(rect: Rect, camera: Camera) -> bool:
    """Whether the whole rectangle surely lies inside the image (its border sampled)."""
    side = np.linspace(0, 1, 9)
    x0, y0, x1, y1 = rect
    x, y = x0 + (x1 - x0) * side, y0 + (y1 - y0) * side
    border = [(x, y0 + 0 * x), (x, y1 + 0 * x), (x0 + 0 * y, y), (x1 + 0 * y, y)]
    points = np.concatenate([np.stack(pair, axis=-1) for pair in border])
    return bool(inside_image(points, camera).all())


def _truncation(solo: Solo, camera: Camera, rect: Rect) -> float:
    """Share of the object's silhouette that falls outside the image."""
    steps = (np.arange(_TRUNCATION_GRID) + 0.5) / _TRUNCATION_GRID
    x = rect[0] + (rect[2] - rect[0]) * steps
    y = rect[1] + (rect[3] - rect[1]) * steps
    xy = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    silhouette = _seen(solo, camera, xy.astype(np.float32))
    total = int(silhouette.sum())
    if total == 0:
        return 0.0 if bool(inside_image(xy.mean(axis=0), camera)) else 1.0
    inside = int((inside_image(xy, camera) & silhouette).sum())
    return 1.0 - inside / total


def _hole_test(
    asset: Asset, surfaces: tuple[Surface, ...], scale: float, keep: NDArray[np.bool_]
) -> HoleTest | None:
    """A test for objects with alpha images; None for the others."""
    if all(surface.alpha_image is None for surface in surfaces):
        return None
    greys = AtlasBuilder(1)
    index = np.array([greys.add(s.alpha_image) for s in surfaces], np.int64)
    atlas = greys.build({})
    slot = asset.mesh.slot[keep]
    alpha = np.array([s.alpha for s in surfaces], np.float32)
    uv = face_uv(asset, surfaces, scale)[keep]

    def is_hole(face: NDArray[np.int64], bary: Floats) -> NDArray[np.bool_]:
        value, image = alpha[slot[face]].copy(), index[slot[face]]
        has = image >= 0
        lod = np.zeros(int(has.sum()), np.float32)
        at = interpolate(uv[face[has]], bary[has])
        value[has] *= atlas.sample(image[has], at, lod, srgb=False)[:, 0]
        return np.asarray(value < HOLE)

    return is_hole
