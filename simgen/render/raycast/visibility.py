"""How much of each lamp and of the sky a point sees; noise is smoothed along surfaces.

Each pixel takes a few shadow rays from a low-discrepancy sequence, shifted by a fixed 4x4
pattern (Keller & Heidrich, "Interleaved sampling", 2001); an edge-aware a-trous filter
(Dammertz et al. 2010) then shares them among neighbours on the same surface. Only these
ratios are filtered: textures and highlights stay sharp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.render.raycast.lamps import Lamp, dot, tangent_frame
from simgen.render.raycast.sky import Sky
from simgen.render.raycast.tracing import Bvh

Floats = NDArray[np.float32]
# Shadow rays start this far off the surface; cards may lie 0.05 mm apart.
_LIFT_M = 2e-5
_R2 = (0.7548776662466927, 0.5698402909980532)  # Roberts 2018, plastic-number sequence


@dataclass(frozen=True)
class Places:
    """Points to light.

    Args:
        position, normal, flat: float32[N, 3]; shading and geometric normals face the viewer.
        phase: int64[N], which of 16 sample patterns a point uses.
        depth_m: float32[N].
    """

    position: Floats
    normal: Floats
    flat: Floats
    phase: NDArray[np.int64]
    depth_m: Floats


def pixel_phase(width: int, height: int) -> NDArray[np.int64]:
    """Pattern number 0..15 of every pixel, row-major: a 4x4 Bayer matrix."""
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
    tiled = np.tile(bayer, (-(-height // 4), -(-width // 4)))[:height, :width]
    return tiled.reshape(-1).astype(np.int64)


def _sequence(sample: int, salt: int) -> tuple[Floats, Floats]:
    """The sixteen points float32[16] that the phases use for one sample."""
    index = np.arange(16) + 16 * sample + 1
    u = (index * _R2[0] + salt * 0.381966) % 1.0
    v = (index * _R2[1] + salt * 0.618034) % 1.0
    return u.astype(np.float32), v.astype(np.float32)


def visibility(
    places: Places,
    lamps: Sequence[Lamp],
    sky: Sky,
    bvh: Bvh,
    shadow_rays: int,
    sky_rays: int,
) -> Floats:
    """Seen shares float32[N, L + 1]: one column a lamp, the sky last."""
    lift = _LIFT_M + places.depth_m * 2e-6  # float32 positions get coarser with distance
    start = places.position + places.flat * lift[:, None]
    columns = [
        _lamp_share(places, start, lamp, bvh, shadow_rays, salt) for salt, lamp in enumerate(lamps)
    ]
    columns.append(_sky_share(places, start, sky, bvh, sky_rays))
    return np.stack(columns, axis=1)


def _lamp_share(
    places: Places, start: Floats, lamp: Lamp, bvh: Bvh, rays: int, salt: int
) -> Floats:
    reaches = lamp.sample(places.position)
    lit = dot(reaches.direction, places.flat) > -0.05
    rows = np.flatnonzero(lit & (reaches.strength > 0))
    out = np.zeros(len(start), np.float32)
    if rows.size == 0:
        return out
    origin, phase = start[rows], places.phase[rows]
    seen = np.zeros(rows.size, np.float32)
    for sample in range(rays):
        u, v = _sequence(sample, salt)
        aim = lamp.towards(origin, u[phase], v[phase])
        seen += ~bvh.blocked(origin, aim, far=0.9999)
    out[rows] = seen / rays
    return out


def _sky_share(places: Places, start: Floats, sky: Sky, bvh: Bvh, rays: int) -> Floats:
    """Share of the sky's irradiance that arrives: a ratio, exact where nothing blocks.

    Half of the rays follow the cosine, half the sky's luminance, weighted by the balance
    heuristic (Veach 1997).
    """
    count = len(start)
    if sky.black:
        return np.ones(count, np.float32)
    frame = tangent_frame(places.normal)
    seen = np.zeros(count, np.float32)
    total = np.full(count, 1e-12, np.float32)
    for sample in range(rays):
        u, v = _sequence(sample // 2, 7 + sample % 2)
        if sample % 2:
            aims = sky.toward_light(u, v)
            direction, light = aims[places.phase], sky.density(aims)[places.phase]
            cosine = np.maximum(dot(direction, places.normal), 0)
        else:
            direction, cosine = _cosine_lobe(places, frame, u, v)
            light = sky.density(direction)
        weight = light * cosine / np.maximum(0.5 * (cosine / np.pi + light), 1e-6)
        useful = np.flatnonzero(weight > 0)
        free = ~bvh.blocked(start[useful], direction[useful])
        total[useful] += weight[useful]
        seen[useful] += weight[useful] * free
    share: Floats = seen / total
    return share


def _cosine_lobe(
    places: Places, frame: tuple[Floats, Floats], u: Floats, v: Floats
) -> tuple[Floats, Floats]:
    """Directions float32[N, 3] about the normals and their cosines, for sixteen u, v."""
    radius, angle = np.sqrt(u), 2 * np.pi * v
    x = (radius * np.cos(angle)).astype(np.float32)[places.phase]
    y = (radius * np.sin(angle)).astype(np.float32)[places.phase]
    cosine = np.sqrt(1 - u)[places.phase]
    direction = frame[0] * x[:, None] + frame[1] * y[:, None] + places.normal * cosine[:, None]
    return direction, cosine


def smooth(
    shares: Floats, position: Floats, normal: Floats, pixel_m: Floats, passes: int
) -> Floats:
    """Average shares over neighbours on the same plane.

    Args:
        shares: float32[H, W, C].
        position, normal: float32[H, W, 3]; normal 0 marks pixels without a surface.
        pixel_m: float32[H, W], size of a pixel on the surface, the yardstick for "same plane".
        passes: 3x3 passes with steps 1, 2, 4, ...
    """
    # Planes instead of pixels of vectors: numpy is several times faster on long rows.
    planes = np.ascontiguousarray(np.moveaxis(shares, -1, 0))
    surface = np.ascontiguousarray(np.moveaxis(np.concatenate([position, normal], -1), -1, 0))
    for step in (1 << i for i in range(passes)):
        # Weights 1 2 1 by 1 2 1: with steps 1 and 2, each of the 16 phases counts alike.
        total, weight = 4 * planes, np.full(planes.shape[1:], 4, np.float32)
        yardstick = 1 / (0.5 * pixel_m * step)
        for dy in (-step, 0, step):
            for dx in (-step, 0, step):
                if dx or dy:
                    _add_tap(total, weight, planes, surface, yardstick, dy, dx)
        planes = total / weight
    return np.ascontiguousarray(np.moveaxis(planes, 0, -1))


def _add_tap(
    total: Floats,
    weight: Floats,
    planes: Floats,
    surface: Floats,
    yardstick: Floats,
    dy: int,
    dx: int,
) -> None:
    height, width = weight.shape
    here = (slice(max(0, -dy), height - max(0, dy)), slice(max(0, -dx), width - max(0, dx)))
    there = (slice(max(0, dy), height - max(0, -dy)), slice(max(0, dx), width - max(0, -dx)))
    x, y, z, nx, ny, nz = (plane[here] for plane in surface)
    x2, y2, z2, nx2, ny2, nz2 = (plane[there] for plane in surface)
    apart = ((x2 - x) * nx + (y2 - y) * ny + (z2 - z) * nz) * yardstick[here]
    apart *= apart
    alike = np.maximum(nx * nx2 + ny * ny2 + nz * nz2, 0)
    alike *= alike
    alike *= alike
    share = (1 if dx else 2) * (1 if dy else 2)
    w = share * alike * alike / (1 + apart * apart)
    for plane, source in zip(total, planes, strict=True):
        plane[here] += source[there] * w
    weight[here] += w
