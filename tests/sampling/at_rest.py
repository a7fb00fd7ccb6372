"""Looks at the true meshes of a world with open3d, which the physics knows nothing of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import open3d as o3d
import trimesh
from numpy.typing import NDArray

from simgen.records.world import WorldObject
from simgen.sampling.sampler import Sampler

Points = NDArray[np.float64]


class Body:
    """A thing's mesh in the world: distances from it, and points all over it."""

    def __init__(self, sampler: Sampler, thing: Any, count: int = 3000) -> None:
        mesh = sampler._shapes.asset(thing.asset).mesh
        vertices = thing.pose.apply(mesh.vertices_m.astype(np.float64) * thing.scale)
        self.name, self.mesh = thing.name, trimesh.Trimesh(vertices, mesh.faces, process=False)
        spread, _ = trimesh.sample.sample_surface(self.mesh, count, seed=0)
        self.points = np.concatenate([vertices, spread])
        self.low, self.high = vertices.min(axis=0), vertices.max(axis=0)
        self._scene = o3d.t.geometry.RaycastingScene()
        self._scene.add_triangles(
            o3d.core.Tensor(vertices.astype(np.float32)),
            o3d.core.Tensor(mesh.faces.astype(np.uint32)),
        )

    @property
    def size_m(self) -> float:
        return float(np.linalg.norm(self.high - self.low))

    def signed_m(self, points: Points) -> Points:
        """Distance from the surface, negative inside."""
        tensor = o3d.core.Tensor(points.astype(np.float32))
        return self._scene.compute_signed_distance(tensor, nsamples=3).numpy().astype(np.float64)

    def gap_m(self, other: Body) -> float:
        """Smallest distance between the surfaces; negative: how deep one is in the other."""
        low, high = np.maximum(self.low, other.low) - 0.02, np.minimum(self.high, other.high) + 0.02
        if (low > high).any():
            return np.inf
        out = np.inf
        for a, b in ((self, other), (other, self)):
            near = a.points[((a.points >= low) & (a.points <= high)).all(axis=1)]
            if len(near):
                out = min(out, float(b.signed_m(near).min()))
        return out


def bodies(sampler: Sampler, things: Sequence[WorldObject]) -> list[Body]:
    return [Body(sampler, thing) for thing in things]


def gaps_m(found: Sequence[Body]) -> dict[str, tuple[float, float]]:
    """For each body the gap to its nearest neighbour, and the deepest overlap with any."""
    out = {body.name: (np.inf, 0.0) for body in found}
    for a, b in itertools.combinations(found, 2):
        gap = a.gap_m(b)
        for name in (a.name, b.name):
            nearest, deepest = out[name]
            out[name] = (min(nearest, gap), max(deepest, -gap))
    return out
