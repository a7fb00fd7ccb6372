"""Patches: triangles with normals, UVs and slots, in float64, before they become a Mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simgen.assets.box_uv import project_box
from simgen.assets.normals import crease_normals
from simgen.records.asset import Mesh

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Patch:
    """A piece of surface.

    Args:
        points: float64[V, 3], metres, shared by the faces that meet there.
        faces: int64[F, 3], counter-clockwise seen from outside.
        normals: float64[F, 3, 3], unit, per corner.
        uv: float64[F, 3, 2] per corner.
        slot: int32[F].
    """

    points: Array
    faces: NDArray[np.int64]
    normals: Array
    uv: Array
    slot: NDArray[np.int32]

    def mesh(self) -> Mesh:
        """In float32, as assets are."""
        return Mesh(
            self.points.astype(np.float32),
            self.faces.astype(np.int32),
            self.normals.astype(np.float32),
            self.uv.astype(np.float32),
            self.slot,
        )

    def moved(self, rotation: Array | None = None, offset: tuple[float, ...] = (0, 0, 0)) -> Patch:
        """Turned by a proper rotation float64[3, 3], then moved."""
        turn = np.eye(3) if rotation is None else rotation
        points = self.points @ turn.T + np.asarray(offset, np.float64)
        return replace(self, points=points, normals=self.normals @ turn.T)

    def recoloured(self, slot: int) -> Patch:
        """The same with one slot."""
        return replace(self, slot=np.full(len(self.faces), slot, np.int32))

    def creased(self, crease_deg: float) -> Patch:
        """With normals computed from the faces."""
        return replace(self, normals=crease_normals(self.points, self.faces, crease_deg))

    def boxed(self) -> Patch:
        """With box-projected UVs in metres, as patterns of a world's materials have them."""
        uv = project_box(self.points[self.faces]).astype(np.float64)
        return replace(self, uv=uv)


def joined(*patches: Patch) -> Patch:
    """Several patches as one; their points stay apart."""
    starts = np.cumsum([0, *(len(patch.points) for patch in patches)])[:-1]
    return Patch(
        np.concatenate([patch.points for patch in patches]),
        np.concatenate([p.faces + start for p, start in zip(patches, starts, strict=True)]),
        np.concatenate([patch.normals for patch in patches]),
        np.concatenate([patch.uv for patch in patches]),
        np.concatenate([patch.slot for patch in patches]),
    )


def turn_about(axis: str, degrees: float) -> Array:
    """Rotation matrix about x, y or z, counter-clockwise seen from its tip."""
    angle = np.radians(degrees)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    out = np.eye(3)
    out[i, i] = out[j, j] = c
    out[i, j], out[j, i] = -s, s
    return out
