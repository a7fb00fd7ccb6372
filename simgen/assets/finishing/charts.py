"""The outside of an object unfolded into one picture, and where each of its texels is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.box_uv import PLANES, sides_of
from simgen.records.asset import Mesh

Floats = NDArray[np.float32]
_PAD = 4  # texels around each side, filled with what is next to them: mip levels blend
_COARSE = 96  # rays along a side's longer edge; places between them are interpolated
_OCCLUSION_RAYS = 12
_LEAST_TEXEL_M = 0.0002
_UNDERSIDE = 4  # number of the side that looks down


@dataclass(frozen=True)
class Chart:
    """One side of the box about an object.

    Args:
        number: of the side, as in `box_uv`.
        x, y: its left upper texel in the picture, padding included.
        width, height: texels, padding included.
        low, high: float64[2], coordinates of its edges along u and v, metres.
        texel_m: edge of its texels.
    """

    number: int
    x: int
    y: int
    width: int
    height: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    texel_m: float

    @property
    def window(self) -> tuple[slice, slice]:
        """Its rows and columns in the picture."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    def around(
        self, at: tuple[float, float], reach_m: float
    ) -> tuple[tuple[slice, slice], Floats, Floats]:
        """A window of the picture about a point of this side, and the offsets of its texels.

        Args:
            at: column and row inside the chart.
            reach_m: half the window's edge.

        Returns:
            rows and columns, and float32[h, w] metres to the right and down; empty where the
            point is further outside than the window reaches.
        """
        reach = reach_m / self.texel_m + 2
        x0, x1 = _within(at[0] - reach, at[0] + reach, self.width)
        y0, y1 = _within(at[1] - reach, at[1] + reach, self.height)
        columns, rows = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
        window = (slice(self.y + y0, self.y + y1), slice(self.x + x0, self.x + x1))
        right, down = ((columns + 0.5 - at[0]), (rows + 0.5 - at[1]))
        scale = np.float32(self.texel_m)
        return window, right.astype(np.float32) * scale, down.astype(np.float32) * scale


def _within(low: float, high: float, size: int) -> tuple[int, int]:
    """Texels from `low` to `high` that there are; first = end if there are none."""
    first = min(max(0, int(low)), size)
    return first, max(first, min(size, int(high) + 1))


@dataclass(frozen=True)
class Charts:
    """All sides in one picture.

    Args:
        place_m: float32[H, W, 3], in the object's own frame before any deformation, scaled.
        normal: float32[H, W, 3], unit, in the object's frame as it is.
        open: float32[H, W], 1 where nothing stands around, 0 deep in a corner.
        solid: bool[H, W], whether the texel shows a surface.
        side: int8[H, W], number of the side; -1 between them.
        charts: by number.
        uv: float32[F, 3, 2] of the object's faces.
    """

    place_m: Floats
    normal: Floats
    open: Floats
    solid: NDArray[np.bool_]
    side: NDArray[np.int8]
    charts: tuple[Chart, ...]
    uv: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the picture."""
        return (self.solid.shape[0], self.solid.shape[1])


def unfolded(mesh: Mesh, scale: float, texels: int, below: bool = True) -> Charts:
    """Charts of a mesh.

    Args:
        scale: the object's uniform scale.
        texels: about how many the picture may have.
        below: whether its underside is seen; else it gets a few texels only.
    """
    rest = (mesh.vertices_m if mesh.rest_m is None else mesh.rest_m).astype(np.float64) * scale
    low, high = rest.min(axis=0), rest.max(axis=0)
    size = np.maximum(high - low, 1e-6)
    sides = 2 * float(size[1] * size[2] + size[2] * size[0])
    area = sides + (2 if below else 1) * float(size[0] * size[1])
    texel = max((area / texels) ** 0.5, _LEAST_TEXEL_M)
    scales = [texel] * len(PLANES)
    scales[_UNDERSIDE] *= 1 if below else 8
    charts, height, width = _packed(low, high, scales)
    shape = (height, width)
    place, normal = np.zeros((*shape, 3), np.float32), np.zeros((*shape, 3), np.float32)
    opened, side = np.ones(shape, np.float32), np.full(shape, -1, np.int8)
    solid = np.zeros(shape, bool)
    caster = _Caster(rest, mesh)
    for chart in charts:
        at = chart.window
        place[at], normal[at], opened[at], solid[at] = caster.side(chart, (low, high))
        side[at] = chart.number
    uv = _face_uv(rest[mesh.faces], charts, shape)
    return Charts(place, normal, opened, solid, side, charts, uv)


def _packed(
    low: NDArray[np.float64], high: NDArray[np.float64], texels_m: Sequence[float]
) -> tuple[tuple[Chart, ...], int, int]:
    """Sides in rows, the tallest first; and the picture's height and width."""
    sizes = []
    for number, (u, sign, v) in enumerate(PLANES):
        ends = sorted((sign * low[u], sign * high[u]))
        first, last = np.array([ends[0], low[v]]), np.array([ends[1], high[v]])
        w, h = (int(n) + 1 + 2 * _PAD for n in (last - first) / texels_m[number])
        sizes.append((number, w, h, first, last))
    total = sum(w * h for _, w, h, _, _ in sizes)
    row = max(max(w for _, w, *_ in sizes), int((1.2 * total) ** 0.5))
    charts: list[Chart | None] = [None] * len(PLANES)
    x = y = tallest = width = 0
    for number, w, h, first, last in sorted(sizes, key=lambda size: (-size[2], size[0])):
        if x and x + w > row:
            x, y, tallest = 0, y + tallest, 0
        charts[number] = Chart(number, x, y, w, h, first, last, texels_m[number])
        x, tallest, width = x + w, max(tallest, h), max(width, x + w)
    return tuple(c for c in charts if c is not None), y + tallest, width


def _face_uv(
    corners: NDArray[np.float64], charts: tuple[Chart, ...], shape: tuple[int, int]
) -> Floats:
    sides = sides_of(corners)
    out = np.zeros((len(corners), 3, 2), np.float32)
    for chart in charts:
        u, sign, v = PLANES[chart.number]
        own = corners[sides == chart.number]
        x = chart.x + _PAD + (sign * own[:, :, u] - chart.low[0]) / chart.texel_m
        y = chart.y + _PAD + (chart.high[1] - own[:, :, v]) / chart.texel_m
        out[sides == chart.number] = np.stack([x / shape[1], 1 - y / shape[0]], axis=-1)
    return out


class _Caster:
    """Looks at an object's sides from outside; rays meet what is outermost."""

    def __init__(self, rest: NDArray[np.float64], mesh: Mesh) -> None:
        self._o3d: Any = import_module("open3d")
        self._scene = self._o3d.t.geometry.RaycastingScene(nthreads=1)
        tensor = self._o3d.core.Tensor
        self._scene.add_triangles(
            tensor(np.ascontiguousarray(rest, np.float32)),
            tensor(np.ascontiguousarray(mesh.faces, np.uint32)),
        )
        self.corners, self.normals = rest[mesh.faces].astype(np.float32), mesh.normals
        self.size = float(np.ptp(rest, axis=0).max())

    def side(
        self, chart: Chart, bounds: tuple[NDArray[np.float64], NDArray[np.float64]]
    ) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
        """Place, normal, openness and solidity of a side's texels."""
        import cv2

        u, sign, v = PLANES[chart.number]
        axis, outward = 3 - u - v, 1.0 if chart.number % 2 else -1.0
        share = min(1.0, _COARSE / max(chart.width, chart.height))
        columns, rows = (max(2, round(n * share)) for n in (chart.width, chart.height))
        x = (np.arange(columns) + 0.5) / columns * chart.width - _PAD
        y = (np.arange(rows) + 0.5) / rows * chart.height - _PAD
        rays = np.zeros((rows, columns, 6), np.float32)
        rays[..., u] = sign * (chart.low[0] + x * chart.texel_m)
        rays[..., v] = (chart.high[1] - y * chart.texel_m)[:, None]
        start = bounds[1][axis] if outward > 0 else bounds[0][axis]
        rays[..., axis] = start + outward * 0.1 * self.size
        rays[..., 3 + axis] = -outward
        hit, place, normal = self._met(rays)
        # Beside the silhouette: what is nearest on it, for texels that faces share with it.
        filled = _nearest(hit)
        place[~hit, axis] = place[filled][~hit, axis]
        place[..., u], place[..., v] = rays[..., u], rays[..., v]
        normal = normal[filled]
        opened = self._open(place, normal)[filled]
        size = (chart.width, chart.height)
        fine = [
            np.asarray(cv2.resize(a, size, interpolation=cv2.INTER_LINEAR), np.float32)
            for a in (place, normal, opened)
        ]
        fine[1] /= np.maximum(np.linalg.norm(fine[1], axis=-1, keepdims=True), 1e-6)
        sure = cv2.resize(hit.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
        return fine[0], fine[1], fine[2], sure

    def _met(self, rays: Floats) -> tuple[NDArray[np.bool_], Floats, Floats]:
        answer = self._scene.cast_rays(self._o3d.core.Tensor(rays), nthreads=1)
        t = answer["t_hit"].numpy()
        hit = np.isfinite(t)
        face = np.where(hit, answer["primitive_ids"].numpy().astype(np.int64), 0)
        bary = answer["primitive_uvs"].numpy()
        weights = np.concatenate([1 - bary.sum(axis=-1, keepdims=True), bary], axis=-1)
        normal = np.einsum("rck,rckd->rcd", weights, self.normals[face])
        place = rays[..., :3] + rays[..., 3:] * np.where(hit, t, 0)[..., None]
        return hit, place.astype(np.float32), np.asarray(normal, np.float32)

    def _open(self, place: Floats, normal: Floats) -> Floats:
        """Share of short rays about the normal that meet nothing."""
        count = np.arange(_OCCLUSION_RAYS) + 0.5
        up = 1 - count / _OCCLUSION_RAYS  # a spiral over the sphere's half
        turn = count * np.pi * (3 - 5**0.5)
        ring = np.sqrt(1 - up * up)
        aims = np.stack([ring * np.cos(turn), ring * np.sin(turn), up], axis=1)
        free = np.zeros(place.shape[:2], np.float32)
        origin = place + normal * (2e-3 * self.size)
        for aim in aims.astype(np.float32):
            # Any direction will do that lies on the outer side: mirrored there if it does not.
            away = np.broadcast_to(aim, place.shape)
            inside = (away * normal).sum(axis=-1, keepdims=True)
            away = np.where(inside < 0, away - 2 * inside * normal, away)
            rays = np.concatenate([origin, away], axis=-1).astype(np.float32)
            tensor = self._o3d.core.Tensor(rays)
            blocked = self._scene.test_occlusions(tensor, tfar=0.2 * self.size, nthreads=1)
            free += ~blocked.numpy()
        return np.asarray(free / _OCCLUSION_RAYS, np.float32)


def _nearest(hit: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every cell the nearest one that is True (itself if nowhere is)."""
    from scipy.ndimage import distance_transform_edt

    if not hit.any():
        rows, columns = np.indices(hit.shape)
        return rows, columns
    rows, columns = distance_transform_edt(~hit, return_distances=False, return_indices=True)
    return rows, columns
