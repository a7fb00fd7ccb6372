"""Painting a frame: shade every pixel's centre, then supersample where surfaces meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image
from simgen.records.camera import Camera, pixel_grid
from simgen.records.frame import Exposure
from simgen.render.raycast.backdrop import backdrop_pixels
from simgen.render.raycast.exposure import encode_srgb, metered_ev
from simgen.render.raycast.geometry import WorldGeometry
from simgen.render.raycast.labels import facing_normals, world_directions
from simgen.render.raycast.lamps import Lamp, dot
from simgen.render.raycast.shading import Looks, looks_at, shade
from simgen.render.raycast.sky import Sky
from simgen.render.raycast.texels import SRGB_TO_LINEAR
from simgen.render.raycast.tracing import MISS, Hits
from simgen.render.raycast.visibility import Places, pixel_phase, smooth, visibility

if TYPE_CHECKING:
    from simgen.render.raycast import Raycast

Floats = NDArray[np.float32]
_METER_PIXELS = 4800  # points metered for automatic exposure
_METER_RAYS = (1, 4)  # fixed, so that exposure does not depend on the quality preset
_MIRROR_BELOW = 0.35  # rougher surfaces reflect the blurred sky only
_EDGE_ANGLE = 0.9  # cosine; neighbours that differ more are an edge
_EDGE_DEPTH_PX = 3.0  # neighbours further apart than this many pixels' size are an edge
_SUBPIXEL = (0.7548776662466927, 0.5698402909980532)


@dataclass(frozen=True)
class LitWorld:
    """What shading needs of a world."""

    geometry: WorldGeometry
    lamps: Sequence[Lamp]
    sky: Sky


@dataclass(frozen=True)
class Shots:
    """Hits of rays with everything that lighting them needs; rows are hits only."""

    places: Places
    looks: Looks
    to_viewer: Floats
    pixel_m: Floats


class FramePainter:
    """Paints one view of a lit world."""

    def __init__(self, lit: LitWorld, camera: Camera, params: Raycast.Params) -> None:
        self.lit, self.camera, self.params = lit, camera, params
        self.lens = camera.intrinsics
        self.shape = (self.lens.height, self.lens.width)
        self.origin = np.asarray(camera.T_world_cam.position_m, np.float32)

    def paint(
        self, hits: Hits, exposure: Exposure, backdrop: Image | None
    ) -> tuple[NDArray[np.uint8], float]:
        """The picture uint8[H, W, 3] and the exposure that was applied, in stops."""
        directions = world_directions(self.camera, pixel_grid(self.lens).reshape(-1, 2))
        on = np.flatnonzero(hits.face != MISS)
        shots = self._shots(hits, on, directions, pixel_phase(self.lens.width, self.lens.height))
        ev = exposure.ev
        if exposure.mode == "auto":
            ev += self.meter(shots, on, directions)
        light = self._centre_light(shots, on, directions)
        picture = encode_srgb(light, ev)
        cover = None
        if backdrop is not None:
            cover = backdrop_pixels(backdrop, self.lens.width, self.lens.height).reshape(-1, 3)
            missed = hits.face == MISS
            picture[missed] = cover[missed]
        if self.params.edge_samples:
            edges = np.flatnonzero(self._edges(hits, shots, on))
            self._soften(picture, edges, ev, cover)
        return picture.reshape(*self.shape, 3), ev

    def meter(self, shots: Shots, on: NDArray[np.int64], directions: Floats) -> float:
        """Automatic exposure from points spread over the image, sky included where it shows."""
        total = self.shape[0] * self.shape[1]
        stride = max(1, round((total / _METER_PIXELS) ** 0.5))
        chosen = np.zeros(self.shape, bool)
        chosen[stride // 2 :: stride, stride // 2 :: stride] = True
        chosen = chosen.reshape(-1)
        rows = np.flatnonzero(chosen[on])
        few = _rows(shots, rows)
        shares = visibility(
            few.places, self.lit.lamps, self.lit.sky, self.lit.geometry.bvh, *_METER_RAYS
        )
        light = self._light(few, shares, mirror=False)
        missed = chosen.copy()
        missed[on] = False
        open_sky = self.lit.sky.radiance.at(directions[missed])
        return metered_ev(np.concatenate([light, open_sky]))

    def _shots(
        self, hits: Hits, on: NDArray[np.int64], directions: Floats, phase: NDArray[np.int64]
    ) -> Shots:
        geometry = self.lit.geometry
        face, bary, t = hits.face[on], hits.bary[on], hits.t[on]
        rays = directions[on]
        normal, flat = facing_normals(geometry, face, bary, rays)
        length = np.linalg.norm(rays, axis=1)
        to_viewer = -rays / length[:, None]
        slant = np.clip(dot(flat, to_viewer), 0.15, 1)
        pixel_m = (t / self.lens.fx / slant).astype(np.float32)
        position = self.origin + rays * t[:, None]
        places = Places(position, normal, flat, phase[on], t)
        return Shots(places, looks_at(geometry, face, bary, pixel_m), to_viewer, pixel_m)

    def _light(self, shots: Shots, shares: Floats, mirror: bool = True) -> Floats:
        lit = self.lit
        traced = self._mirror(shots, shares) if mirror and self.params.reflections else None
        places = shots.places
        return shade(
            shots.looks,
            places.normal,
            shots.to_viewer,
            places.position,
            shares,
            lit.lamps,
            lit.sky,
            traced,
        )

    def _shares(self, shots: Shots) -> Floats:
        return visibility(
            shots.places,
            self.lit.lamps,
            self.lit.sky,
            self.lit.geometry.bvh,
            self.params.shadow_rays,
            self.params.sky_rays,
        )

    def _centre_light(self, shots: Shots, on: NDArray[np.int64], directions: Floats) -> Floats:
        shares = self._shares(shots)
        if self.params.smoothing:
            shares = self._smoothed(shots, on, shares)
        out = self.lit.sky.radiance.at(directions)
        out[on] = self._light(shots, shares)
        return out

    def _smoothed(self, shots: Shots, on: NDArray[np.int64], shares: Floats) -> Floats:
        def spread(values: Floats) -> Floats:
            grid = np.zeros((self.shape[0] * self.shape[1], *values.shape[1:]), np.float32)
            grid[on] = values
            return grid.reshape(*self.shape, *values.shape[1:])

        places = shots.places
        pixel_m = np.maximum(spread(shots.pixel_m), 1e-9)
        grid = smooth(
            spread(shares),
            spread(places.position),
            spread(places.normal),
            pixel_m,
            self.params.smoothing,
        )
        return grid.reshape(-1, shares.shape[1])[on]

    def _mirror(self, shots: Shots, shares: Floats) -> Floats:
        """Radiance in the mirror direction: the sky, or for smooth surfaces what stands there."""
        lit, places = self.lit, shots.places
        facing = dot(places.normal, shots.to_viewer)[:, None]
        reflected = 2 * facing * places.normal - shots.to_viewer
        seen = shares[:, -1:]
        sky = lit.sky.glossy(reflected, shots.looks.roughness)
        out = sky * (seen + (1 - seen) * 0.22)
        smooth_rows = np.flatnonzero(shots.looks.roughness < _MIRROR_BELOW)
        if smooth_rows.size == 0:
            return out
        start = places.position[smooth_rows] + places.flat[smooth_rows] * 1e-4
        aim = reflected[smooth_rows]
        hits = lit.geometry.first_hits(start, aim)
        there = np.flatnonzero(hits.face != MISS)
        seen_there = sky[smooth_rows]
        if there.size:
            seen_there[there] = self._second_hand(hits, there, aim)
        # Fade from the traced mirror image to the blurred sky as the surface gets rougher.
        mix = (shots.looks.roughness[smooth_rows] / _MIRROR_BELOW)[:, None] ** 2
        out[smooth_rows] = seen_there * (1 - mix) + out[smooth_rows] * mix
        return out

    def _second_hand(self, hits: Hits, there: NDArray[np.int64], aim: Floats) -> Floats:
        """Radiance of surfaces seen in a mirror: diffuse only, shadows of lamps left out."""
        lit = self.lit
        face, bary = hits.face[there], hits.bary[there]
        normal, _ = facing_normals(lit.geometry, face, bary, aim[there])
        coarse = np.full(there.size, 1e-3, np.float32)
        looks = looks_at(lit.geometry, face, bary, coarse)
        corners = lit.geometry.corners[face]
        u, v = bary[:, :1], bary[:, 1:]
        position = corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v
        light = lit.sky.irradiance.at(normal) * 0.7
        for lamp in lit.lamps:
            sample = lamp.sample(position)
            cosine = np.maximum(dot(normal, sample.direction), 0)
            light = light + (cosine * sample.strength)[:, None] * lamp.color
        # Metals show what they reflect; their mean specular colour stands in for it.
        out: Floats = looks.emission + (looks.albedo + looks.specular * 0.5) / np.pi * light
        return out

    def _edges(self, hits: Hits, shots: Shots, on: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Pixels whose right or lower neighbour lies on another surface, and those neighbours."""
        count = self.shape[0] * self.shape[1]
        row = np.full(count, -1, np.int64)
        row[on] = self.lit.geometry.surface[hits.face[on]]
        depth = np.zeros(count, np.float32)
        depth[on] = hits.t[on]
        normal = np.zeros((count, 3), np.float32)
        normal[on] = shots.places.normal
        pixel = np.ones(count, np.float32)
        pixel[on] = shots.pixel_m
        row = row.reshape(self.shape)
        depth, pixel = depth.reshape(self.shape), pixel.reshape(self.shape)
        normal = normal.reshape(*self.shape, 3)
        edge = np.zeros(self.shape, bool)
        for a, b in (
            ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
            ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
        ):
            apart = row[a] != row[b]
            bent = np.einsum("ijk,ijk->ij", normal[a], normal[b]) < _EDGE_ANGLE
            far = np.abs(depth[a] - depth[b]) > _EDGE_DEPTH_PX * np.maximum(pixel[a], pixel[b])
            differs = apart | ((bent | far) & (row[a] >= 0))
            edge[a] |= differs
            edge[b] |= differs
        return edge.reshape(-1)

    def _soften(
        self,
        picture: NDArray[np.uint8],
        pixels: NDArray[np.int64],
        ev: float,
        backdrop: NDArray[np.uint8] | None,
    ) -> None:
        """Replace edge pixels by the mean of several rays each, in linear light.

        Each ray is exposed and clipped first, as a sensor's well is: a single very bright ray
        then cannot turn a whole edge white.
        """
        samples = self.params.edge_samples
        total = np.zeros((pixels.size, 3), np.float32)
        for sample in range(samples):
            total += self._subpixel(pixels, sample, ev, backdrop)
        mean = total / samples
        picture[pixels] = encode_srgb(mean, 0.0)

    def _subpixel(
        self,
        pixels: NDArray[np.int64],
        sample: int,
        ev: float,
        backdrop: NDArray[np.uint8] | None,
    ) -> Floats:
        width = self.lens.width
        shift = [((sample + 1) * step) % 1.0 for step in _SUBPIXEL]
        uv = np.stack([pixels % width + shift[0], pixels // width + shift[1]], axis=1)
        xy = self.lens.normalise(uv).astype(np.float32)
        directions = world_directions(self.camera, xy)
        hits = self.lit.geometry.first_hits(self.origin, directions)
        on = np.flatnonzero(hits.face != MISS)
        phase = (pixels + 5 * sample) % 16
        shots = self._shots(hits, on, directions, phase)
        out = self.lit.sky.radiance.at(directions)
        out[on] = self._light(shots, self._shares(shots))
        out = np.clip(out * np.float32(2.0**ev), 0, 1)
        if backdrop is not None:
            missed = hits.face == MISS
            out[missed] = SRGB_TO_LINEAR[backdrop[pixels[missed]]]
        return out


def _rows(shots: Shots, rows: NDArray[np.int64]) -> Shots:
    p, k = shots.places, shots.looks
    return Shots(
        Places(p.position[rows], p.normal[rows], p.flat[rows], p.phase[rows], p.depth_m[rows]),
        Looks(k.albedo[rows], k.specular[rows], k.emission[rows], k.roughness[rows]),
        shots.to_viewer[rows],
        shots.pixel_m[rows],
    )
