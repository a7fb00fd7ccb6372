"""Solids that are united, cut and extruded (manifold3d), keeping slots, normals and UVs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.assets.normals import unit_or
from simgen.assets.shaping.patch import Array, Patch

_SLOTS = 16  # that one solid may have
_SLIVER = 2e-5  # of the size of a body


@dataclass(frozen=True)
class Solid:
    """A closed body; `+` unites, `-` cuts, `&` keeps what both have.

    Args:
        body: manifold3d.Manifold with the properties normal and uv per corner.
        slots: slot by the id that manifold3d gives to the faces that had it.
    """

    body: Any
    slots: dict[int, int]

    def __add__(self, other: Solid) -> Solid:
        return Solid(self.body + other.body, self.slots | other.slots)

    def __sub__(self, other: Solid) -> Solid:
        return Solid(self.body - other.body, self.slots | other.slots)

    def __and__(self, other: Solid) -> Solid:
        return Solid(self.body ^ other.body, self.slots | other.slots)

    def moved(self, offset: ArrayLike, rotation: Array | None = None) -> Solid:
        """Turned by a proper rotation float64[3, 3], then moved; own normals do not follow.

        For bodies whose normals are computed at the end (`patch(crease_deg)`).
        """
        matrix = np.eye(3) if rotation is None else rotation
        affine = np.column_stack([matrix, np.asarray(offset, np.float64)])
        return Solid(self.body.transform(affine), self.slots)

    def patch(self, crease_deg: float | None = None) -> Patch:
        """Its surface.

        Args:
            crease_deg: compute normals, and project UVs in metres; None keeps those of the
                bodies it was made from (`solid(..., keep=True)`).
        """
        body = self.body
        if crease_deg is not None:  # slivers along cuts have no normal worth computing
            low, high = np.array(body.bounding_box()).reshape(2, 3)
            body = body.simplify(_SLIVER * float(np.linalg.norm(high - low)))
        mesh = body.to_mesh64()
        values = np.array(mesh.vert_properties, np.float64)
        values = np.pad(values, ((0, 0), (0, 8 - values.shape[1])))  # plain bodies have no more
        corners = np.array(mesh.tri_verts, np.int64)
        place = np.arange(len(values))
        place[np.array(mesh.merge_from_vert, np.int64)] = np.array(mesh.merge_to_vert, np.int64)
        used, faces = np.unique(place[corners], return_inverse=True)
        faces, points = faces.reshape(-1, 3), values[used, :3]
        slot = self._slot_of(mesh, len(faces))
        blank = np.zeros((len(faces), 3, 2))
        if crease_deg is not None:
            return Patch(points, faces, blank, blank, slot).boxed().creased(crease_deg)
        flat = np.cross(points[faces[:, 1]] - points[faces[:, 0]],
                        points[faces[:, 2]] - points[faces[:, 0]])  # fmt: skip
        flat = np.repeat(unit_or(flat, np.array([0.0, 0, 1]))[:, None], 3, axis=1)
        normals = unit_or(values[corners, 3:6], flat)
        normals *= np.where((normals * flat).sum(axis=2, keepdims=True) < 0, -1, 1)  # cut surfaces
        return Patch(points, faces, normals, values[corners, 6:8], slot)

    def _slot_of(self, mesh: Any, count: int) -> NDArray[np.int32]:
        out = np.zeros(count, np.int32)
        bounds = np.array(mesh.run_index, np.int64) // 3
        for start, end, number in zip(bounds[:-1], bounds[1:], mesh.run_original_id, strict=True):
            out[start:end] = self.slots[int(number)]
        return out


def solid(patch: Patch, *, keep: bool = False) -> Solid:
    """A closed patch as a body.

    Args:
        keep: its normals and UVs go through the cuts; otherwise they are computed at the end.

    Raises:
        ValueError: it is not closed.
    """
    import manifold3d

    order = np.argsort(patch.slot, kind="stable")
    present, starts = np.unique(patch.slot[order], return_index=True)
    first = manifold3d.Manifold.reserve_ids(_SLOTS)
    merge: dict[str, NDArray[np.uint64]] = {}
    values, faces = patch.points, patch.faces[order]
    if keep:
        values, faces, merge = _with_properties(patch, order)
    mesh = manifold3d.Mesh64(
        np.ascontiguousarray(values),
        np.ascontiguousarray(faces.astype(np.uint64)),
        run_index=np.append(starts, len(order)).astype(np.uint64) * 3,
        run_original_id=(first + present).astype(np.uint32),
        **merge,
    )
    body = manifold3d.Manifold(mesh)
    if body.status() != manifold3d.Error.NoError:
        raise ValueError(f"not a closed body: {body.status()}")
    return Solid(body, {int(first + s): int(s) for s in present})


def _with_properties(
    patch: Patch, order: NDArray[np.int64]
) -> tuple[Array, NDArray[np.int64], dict[str, NDArray[np.uint64]]]:
    """A vertex for each different corner, and which of them are one point."""
    place = patch.faces[order].reshape(-1)
    rows = np.column_stack(
        [patch.normals[order].reshape(-1, 3), patch.uv[order].reshape(-1, 2), place]
    )
    _, keep, corner = np.unique(
        np.round(rows, 9) + 0.0, axis=0, return_index=True, return_inverse=True
    )
    own = place[keep]
    lead = np.full(len(patch.points), -1)
    lead[own[::-1]] = np.arange(len(own))[::-1]
    extra = np.flatnonzero(lead[own] != np.arange(len(own)))
    merge = {
        "merge_from_vert": extra.astype(np.uint64),
        "merge_to_vert": lead[own[extra]].astype(np.uint64),
    }
    values = np.column_stack([patch.points[own], rows[keep, :5]])
    return values, corner.reshape(-1, 3), merge


def extruded(outline: Any, height: float, slot: int = 0) -> Solid:
    """A prism over z = 0 .. height; its normals are computed at the end (`patch(crease_deg)`).

    Args:
        outline: shapely Polygon, with holes if it has any.
    """
    import manifold3d

    rings = [outline.exterior, *outline.interiors]
    contours = [np.asarray(ring.coords, np.float64)[:-1, :2] for ring in rings]
    section = manifold3d.CrossSection(contours, manifold3d.FillRule.EvenOdd)
    return _plain(section.extrude(height), slot)


def cylinder(radius: float, height: float, segments: int = 48, slot: int = 0) -> Solid:
    """A cylinder over z = 0 .. height."""
    import manifold3d

    return _plain(manifold3d.Manifold.cylinder(height, radius, radius, segments), slot)


def _plain(body: Any, slot: int) -> Solid:
    made = body.as_original()
    return Solid(made, {made.original_id(): slot})


def hull_points(points: ArrayLike, slot: int = 0) -> Solid:
    """The convex body about points."""
    import manifold3d

    return _plain(manifold3d.Manifold.hull_points(np.asarray(points, np.float64)), slot)
