"""Turning: an outline in (r, z) becomes a surface of revolution about z."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.assets.shaping.patch import Array, Patch

_POLE_M = 1e-9


@dataclass(frozen=True)
class Band:
    """A stretch of the outline with its own slot and its own UVs in [0, 1].

    Args:
        line: [N, 2], (radius, height); walked so that the solid lies to the left: outwards at
            the bottom, up on the outside, inwards on top.
        slot: number of the material slot.
        mapping: `around`: u once around, to the right as seen from outside, v along the line;
            `disc`: as seen from above, the widest circle touches the borders.
    """

    line: ArrayLike
    slot: int = 0
    mapping: Literal["around", "disc"] = "around"


def lathe(
    bands: Sequence[Band], segments: int = 64, crease_deg: float = 35.0, *, ring: bool = False
) -> Patch:
    """The closed surface that the bands sweep.

    Args:
        bands: each starts where the one before ends; they run from axis to axis.
        segments: facets around.
        crease_deg: sharper corners of the outline stay sharp.
        ring: they form a loop beside the axis instead (a washer).

    Raises:
        ValueError: bands do not meet, or leave the surface open.
    """
    outline, segment = _outline(bands, ring)
    pole = outline[:, 0] < _POLE_M
    if not ring and not (pole[0] and pole[-1]):
        raise ValueError("the outline neither runs from axis to axis nor is a ring")
    angles = np.arange(segments + 1) * (2 * np.pi / segments)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = [
        np.array([[0.0, 0.0, z]]) if p else np.insert(circle[:-1] * r, 2, z, axis=1)
        for (r, z), p in zip(outline, pole, strict=True)
    ]
    first = np.cumsum([0, *map(len, points)])[:-1]
    turn = np.arange(segments)[:, None] + [0, 1]  # both sides of each facet
    ends = segment.ends
    at = first[ends][:, None, :, None] + np.where(
        pole[ends][:, None, :, None], 0, (turn % segments)[None, :, None, :]
    )  # [S, n, end, side]
    normals = _normals(segment, outline, pole, crease_deg, circle[turn])
    uv = _uv(segment, outline, pole, turn / segments, circle[turn])
    slot = np.broadcast_to(segment.slot[:, None], at.shape[:2])
    parts = []
    # A facet is two triangles; the one with two corners on the axis has no area.
    for corners, dead in ((((0, 0), (0, 1), (1, 1)), 0), (((0, 0), (1, 1), (1, 0)), 1)):
        keep = np.broadcast_to(~pole[ends[:, dead]][:, None], at.shape[:2])
        pick = [
            np.stack([a[:, :, e, s] for e, s in corners], axis=2)[keep] for a in (at, normals, uv)
        ]
        parts.append((*pick, slot[keep]))
    faces, corner_normals, corner_uv, slots = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Patch(np.concatenate(points), faces, corner_normals, corner_uv, slots.astype(np.int32))


@dataclass(frozen=True)
class _Segments:
    """Straight pieces of the outline.

    Args:
        ends: int64[S, 2], numbers of the outline's points.
        slot, disc, reach: of their band; `reach` is its widest radius.
        v: float64[S, 2], place along the band.
    """

    ends: NDArray[np.int64]
    slot: NDArray[np.int64]
    disc: NDArray[np.bool_]
    reach: Array
    v: Array


def _outline(bands: Sequence[Band], ring: bool) -> tuple[Array, _Segments]:
    lines = [_distinct(np.asarray(band.line, np.float64)) for band in bands]
    follow = list(zip(lines, [*lines[1:], lines[0]], strict=True))
    for before, after in follow if ring else follow[:-1]:
        if np.abs(before[-1] - after[0]).max() > 1e-9:
            raise ValueError(f"a band ends at {before[-1]}, the next starts at {after[0]}")
    points = np.concatenate([lines[0], *(line[1:] for line in lines[1:])])
    points = points[:-1] if ring else points
    per = [len(line) - 1 for line in lines]
    start = np.arange(sum(per))
    along = [_along(line) for line in lines]
    return points, _Segments(
        np.stack([start, (start + 1) % len(points)], axis=1),
        np.repeat([band.slot for band in bands], per),
        np.repeat([band.mapping == "disc" for band in bands], per),
        np.repeat([max(float(line[:, 0].max()), _POLE_M) for line in lines], per),
        np.concatenate([np.stack([v[:-1], v[1:]], axis=1) for v in along]),
    )


def _distinct(line: Array) -> Array:
    keep = np.concatenate([[True], np.linalg.norm(np.diff(line, axis=0), axis=1) > _POLE_M])
    return np.asarray(line[keep], np.float64)


def _along(line: Array) -> Array:
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return np.asarray(run / run[-1], np.float64)


def _normals(
    segment: _Segments, outline: Array, pole: NDArray[np.bool_], crease_deg: float, circle: Array
) -> Array:
    """Unit normals [S, n, end, side, 3], shared across the outline's gentle corners."""
    step = outline[segment.ends[:, 1]] - outline[segment.ends[:, 0]]
    slope = np.stack([step[:, 1], -step[:, 0]], axis=1)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    flat = np.stack([slope, slope], axis=1)  # [S, end, 2]
    cosine = np.cos(np.radians(crease_deg))
    before = {int(end): j for j, end in enumerate(segment.ends[:, 1])}
    for j, start in enumerate(segment.ends[:, 0]):
        i = before.get(int(start))
        if i is not None and float(slope[i] @ slope[j]) >= cosine:
            flat[i, 1] = flat[j, 0] = (slope[i] + slope[j]) / np.linalg.norm(slope[i] + slope[j])
    # On the axis the other side of the same cone is the neighbour.
    blunt = pole[segment.ends] & (np.abs(flat[:, :, 1]) >= np.cos(np.radians(crease_deg) / 2))
    flat[blunt] = np.sign(flat[blunt] * [0, 1])
    out = np.empty((len(flat), len(circle), 2, 2, 3))
    middle = circle.sum(axis=1, keepdims=True)
    middle = np.broadcast_to(middle / np.linalg.norm(middle, axis=2, keepdims=True), circle.shape)
    onto = np.where(pole[segment.ends][:, None, :, None, None], middle[:, None], circle[:, None])
    out[..., :2] = flat[:, None, :, None, :1] * onto
    out[..., 2] = flat[:, None, :, None, 1]
    return out


def _uv(
    segment: _Segments, outline: Array, pole: NDArray[np.bool_], share: Array, circle: Array
) -> Array:
    """UVs [S, n, end, side, 2]."""
    count, facets = len(segment.ends), len(share)
    on_axis = pole[segment.ends][:, None, :, None]
    u = np.where(on_axis, share.mean(axis=1)[:, None, None], share[:, None, :])
    v = np.broadcast_to(segment.v[:, None, :, None], (count, facets, 2, 2))
    around = np.stack([np.broadcast_to(u, v.shape), v], axis=-1)
    radius = (outline[segment.ends][:, :, 0] / segment.reach[:, None])[:, None, :, None, None]
    disc = 0.5 + 0.5 * radius * circle[None, :, None, :, :]
    return np.where(segment.disc[:, None, None, None, None], disc, around)
