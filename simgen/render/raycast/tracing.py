"""Open3D's RaycastingScene behind two questions: what is hit first, and is the way free."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
MISS = -1


@dataclass(frozen=True)
class Hits:
    """Closest hits of N rays.

    Args:
        t: float32[N], in units of the ray's direction; inf where nothing is hit.
        face: int64[N], index into the faces that the tree was built from; -1 is a miss.
        bary: float32[N, 2], barycentric weights of the face's second and third corner.
    """

    t: Floats
    face: NDArray[np.int64]
    bary: Floats


def _open3d() -> Any:
    # Its type stubs know fewer constructors than the library has.
    return import_module("open3d")


class Bvh:
    """A bounding volume hierarchy over one triangle soup."""

    def __init__(self, vertices: Floats, faces: NDArray[np.int32], threads: int) -> None:
        self._o3d = _open3d()
        self._scene = self._o3d.t.geometry.RaycastingScene(nthreads=threads)
        self._threads = threads
        if len(faces):
            self._scene.add_triangles(
                self._o3d.core.Tensor(np.ascontiguousarray(vertices, np.float32)),
                self._o3d.core.Tensor(np.ascontiguousarray(faces, np.uint32)),
            )
        self._empty = len(faces) == 0

    def closest(self, origins: Floats, directions: Floats) -> Hits:
        """First hit of each ray; origins [3] or [N, 3], directions [N, 3] of any length."""
        count = len(directions)
        if self._empty or count == 0:
            return Hits(
                np.full(count, np.inf, np.float32),
                np.full(count, MISS, np.int64),
                np.zeros((count, 2), np.float32),
            )
        answer = self._scene.cast_rays(self._rays(origins, directions), nthreads=self._threads)
        t = answer["t_hit"].numpy()
        face = answer["primitive_ids"].numpy().astype(np.int64)
        face[~np.isfinite(t)] = MISS
        return Hits(t, face, answer["primitive_uvs"].numpy())

    def blocked(
        self, origins: Floats, directions: Floats, far: float = np.inf
    ) -> NDArray[np.bool_]:
        """Whether anything lies on each ray before `far` (in units of its direction)."""
        if self._empty or len(directions) == 0:
            return np.zeros(len(directions), bool)
        answer = self._scene.test_occlusions(
            self._rays(origins, directions), tfar=far, nthreads=self._threads
        )
        return np.asarray(answer.numpy(), bool)

    def _rays(self, origins: Floats, directions: Floats) -> Any:
        rays = np.empty((len(directions), 6), np.float32)
        rays[:, :3] = origins
        rays[:, 3:] = directions
        return self._o3d.core.Tensor(rays)
