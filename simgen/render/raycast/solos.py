"""Single objects: what a ray would meet if nothing else were there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Asset, Surface
from simgen.records.camera import Camera
from simgen.records.world import WorldObject
from simgen.render.raycast.geometry import HOLE, face_uv, interpolate, pass_holes, solid_faces
from simgen.render.raycast.texels import AtlasBuilder
from simgen.render.raycast.tracing import MISS, Bvh

Floats = NDArray[np.float32]
HoleTest = Callable[[NDArray[np.int64], Floats], NDArray[np.bool_]]


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


def box_corners(solo: Solo, camera: Camera) -> NDArray[np.float64]:
    """Corners of the object's bounding box in the camera frame, float64[8, 3]."""
    thing, bounds_m = solo.thing, solo.bounds_m
    corners = np.array([[bounds_m[i, 0], bounds_m[j, 1], bounds_m[k, 2]]
                        for i in (0, 1) for j in (0, 1) for k in (0, 1)])  # fmt: skip
    return camera.to_camera(thing.pose.apply(corners * thing.scale))


def seen(solo: Solo, camera: Camera, rays: Floats) -> NDArray[np.bool_]:
    """Whether rays [N, 3] of the camera frame meet the object alone, bool[N]."""
    thing = solo.thing
    to_object = thing.pose.rotation().T / thing.scale
    offset = np.asarray(camera.T_world_cam.position_m) - np.asarray(thing.pose.position_m)
    origin = (to_object @ offset).astype(np.float32)
    turn = (to_object @ camera.T_world_cam.rotation()).astype(np.float32)
    x, y, z = rays[:, :1], rays[:, 1:2], rays[:, 2:]
    directions = np.asarray(x * turn[:, 0] + y * turn[:, 1] + z * turn[:, 2], np.float32)
    if solo.is_hole is None:
        return solo.bvh.blocked(origin, directions)
    hits = solo.bvh.closest(origin, directions)
    solid: NDArray[np.bool_] = (
        pass_holes(solo.bvh, hits, origin, directions, solo.is_hole).face != MISS
    )
    return solid


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
