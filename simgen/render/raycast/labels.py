"""The geometry of a frame: the one source of labels for every engine.

Instance ids, depth and normals come from one ray through each pixel's centre; amodal
masks from the same rays against each object alone; truncation from a finer grid over the
object's whole outline, image or not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Library
from simgen.records.camera import Camera, Intrinsics, pixel_rays
from simgen.records.frame import AmodalMask, Geometry
from simgen.records.world import World
from simgen.render.raycast.framing import framed
from simgen.render.raycast.geometry import WorldGeometry, interpolate
from simgen.render.raycast.lamps import dot
from simgen.render.raycast.marks import WorldMarks
from simgen.render.raycast.solos import Solo, SoloCache, seen
from simgen.render.raycast.tracing import MISS, Hits

Floats = NDArray[np.float32]


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
        rays = pixel_rays(lens)
        directions = world_directions(camera, rays.reshape(-1, 3))
        origin = np.asarray(camera.T_world_cam.position_m, np.float32)
        hits = without_blind(self.geometry.first_hits(origin, directions), lens)
        shape = (lens.height, lens.width)
        instances = self.geometry.instance_of(hits).reshape(shape)
        depth = np.where(hits.face == MISS, 0, hits.t).astype(np.float32).reshape(shape)
        normals = self._normals(camera, hits, directions).reshape(*shape, 3)
        amodal = {solo.thing.id: _amodal(solo, camera, rays, instances) for solo in self.solos}
        keypoints, parts = self.marks.keypoints(camera), self.marks.parts(hits, shape)
        return Geometry(instances, depth, normals, amodal, keypoints, parts), hits

    def _normals(self, camera: Camera, hits: Hits, directions: Floats) -> Floats:
        out = np.zeros((len(hits.face), 3), np.float32)
        on = np.flatnonzero(hits.face != MISS)
        face = hits.face[on]
        shading, _ = facing_normals(self.geometry, face, hits.bary[on], directions[on])
        out[on] = shading @ camera.T_world_cam.rotation().astype(np.float32)
        return out


def _amodal(solo: Solo, camera: Camera, rays: Floats, instances: NDArray[np.int32]) -> AmodalMask:
    window, truncation = framed(solo, camera, rays)
    if window is None:
        return AmodalMask(0, 0, np.zeros((0, 0), bool), truncation)
    rows, columns = window
    crop = rays[rows, columns]
    mask = seen(solo, camera, crop.reshape(-1, 3)).reshape(crop.shape[:2])
    mask &= crop.any(axis=-1)  # a fisheye has no ray there
    # The two trees round differently on silhouettes; what is seen is never less than modal.
    mask |= instances[rows, columns] == solo.thing.id
    return AmodalMask(int(columns.start), int(rows.start), mask, truncation)


def without_blind(hits: Hits, lens: Intrinsics) -> Hits:
    """Hits of all pixel centres; pixels outside a fisheye's image circle see nothing."""
    if lens.fisheye is None:
        return hits
    blind = ~pixel_rays(lens).reshape(-1, 3).any(axis=1)
    return Hits(
        np.where(blind, np.inf, hits.t).astype(np.float32),
        np.where(blind, MISS, hits.face),
        hits.bary,
    )


def world_directions(camera: Camera, rays: Floats) -> Floats:
    """World directions float32[N, 3] of the lens's rays [N, 3]; their unit is its depth."""
    rotation = camera.T_world_cam.rotation().astype(np.float32)
    # Written out instead of a matrix product: BLAS may sum in another order on other threads.
    x, y, z = rays[:, :1], rays[:, 1:2], rays[:, 2:]
    out = np.asarray(x * rotation[:, 0] + y * rotation[:, 1] + z * rotation[:, 2], np.float32)
    if camera.intrinsics.fisheye is not None:
        out[~rays.any(axis=1)] = rotation[:, 2]  # any direction: nobody asks what these hit
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
