"""Painting a frame: shade every pixel's centre, then supersample where surfaces meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image
from simgen.records.camera import Camera, pixel_rays
from simgen.records.colour import SRGB_TO_LINEAR
from simgen.records.exposure import Exposure
from simgen.render.raycast.backdrop import backdrop_pixels
from simgen.render.raycast.exposure import encode_srgb, metered_ev
from simgen.render.raycast.labels import facing_normals, world_directions
from simgen.render.raycast.lamps import dot
from simgen.render.raycast.secondary import LitWorld, Shots, seen_light
from simgen.render.raycast.shading import looks_at
from simgen.render.raycast.tracing import MISS, Hits
from simgen.render.raycast.visibility import Places, pixel_phase, smooth, visibility

if TYPE_CHECKING:
    from simgen.render.raycast import Raycast

Floats = NDArray[np.float32]
_METER_PIXELS = 4800  # points metered for automatic exposure
_METER_RAYS = (1, 4)  # fixed, so that exposure does not depend on the quality preset
_BLOCK = 1 << 19  # points shaded at once
_EDGE_ANGLE = 0.9  # cosine; neighbours that differ more are an edge
_EDGE_DEPTH_PX = 3.0  # neighbours further apart than this many pixels' size are an edge
_SUBPIXEL = (0.7548776662466927, 0.5698402909980532)


class FramePainter:
    """Paints one view of a lit world."""

    def __init__(self, lit: LitWorld, camera: Camera, params: Raycast.Params) -> None:
        self.lit, self.camera, self.params = lit, camera, params
        self.lens = camera.intrinsics
        self.shape = (self.lens.height, self.lens.width)
        self.origin = np.asarray(camera.T_world_cam.position_m, np.float32)
        rays = pixel_rays(self.lens).reshape(-1, 3)
        self.directions = world_directions(camera, rays)
        # Outside a fisheye's image circle no light arrives.
        self.blind = None if self.lens.fisheye is None else ~rays.any(axis=1)
        self.phase = pixel_phase(self.lens.width, self.lens.height)

    def paint(
        self, hits: Hits, exposure: Exposure, backdrop: Image | None
    ) -> tuple[NDArray[np.uint8], float]:
        """The picture uint8[H, W, 3] and the exposure that was applied, in stops."""
        on = np.flatnonzero(hits.face != MISS)
        shots = self._shots(hits, on, self.directions, self.phase)
        ev = self.exposure_ev(hits, exposure)
        light = self._centre_light(shots, on)
        if self.blind is not None:
            light[self.blind] = 0
        gain = exposure.gain(ev)
        picture = encode_srgb(light, gain)
        cover = None
        if backdrop is not None:
            cover = backdrop_pixels(backdrop, self.lens.width, self.lens.height).reshape(-1, 3)
            if self.blind is not None:
                cover[self.blind] = 0
            missed = hits.face == MISS
            picture[missed] = cover[missed]
        if self.params.edge_samples:
            edges = np.flatnonzero(self._edges(hits, shots, on))
            self._soften(picture, edges, gain, cover)
        return picture.reshape(*self.shape, 3), ev

    def albedo(self, hits: Hits) -> NDArray[np.uint8]:
        """Base colours without light, uint8[H, W, 3] sRGB, black where there is no surface."""
        on = np.flatnonzero(hits.face != MISS)
        shots = self._shots(hits, on, self.directions, self.phase)
        color = np.zeros((len(hits.face), 3), np.float32)
        color[on] = shots.looks.base_color
        edges = np.flatnonzero(self._edges(hits, shots, on))
        if self.params.edge_samples and edges.size:
            color[edges] = 0
            for sample in range(self.params.edge_samples):
                directions, _ = self._subpixel_rays(edges, sample)
                near = self.lit.geometry.first_hits(self.origin, directions)
                on = np.flatnonzero(near.face != MISS)
                seen = self._shots(near, on, directions, self.phase[edges]).looks.base_color
                color[edges[on]] += seen / self.params.edge_samples
        return encode_srgb(color).reshape(*self.shape, 3)

    def exposure_ev(self, hits: Hits, exposure: Exposure) -> float:
        """Stops that a frame asks for; metered here for every engine."""
        return exposure.ev + (self.meter(hits) if exposure.mode == "auto" else 0.0)

    def meter(self, hits: Hits) -> float:
        """Automatic exposure from points spread over the image, sky included where it shows."""
        total = self.shape[0] * self.shape[1]
        stride = max(1, round((total / _METER_PIXELS) ** 0.5))
        chosen = np.zeros(self.shape, bool)
        chosen[stride // 2 :: stride, stride // 2 :: stride] = True
        chosen = chosen.reshape(-1)
        if self.blind is not None:
            chosen &= ~self.blind
        surface = np.flatnonzero(chosen & (hits.face != MISS))
        few = self._shots(hits, surface, self.directions, self.phase)
        shares = visibility(
            few.places, self.lit.lamps, self.lit.sky, self.lit.geometry.bvh, *_METER_RAYS
        )
        light = self._light(few, shares, mirror=False)
        missed = chosen & (hits.face == MISS)
        open_sky = self.lit.sky.radiance.at(self.directions[missed])
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
        # Mip levels follow the footprint's area: its long side alone would blur grazing views.
        footprint_m = pixel_m * np.sqrt(slant)
        position = self.origin + rays * t[:, None]
        places = Places(position, normal, flat, phase[on], t)
        looks = looks_at(geometry, face, bary, footprint_m)
        return Shots(places, looks, to_viewer, pixel_m, geometry.surface[face])

    def _light(self, shots: Shots, shares: Floats, mirror: bool = True) -> Floats:
        return seen_light(self.lit, shots, shares, mirror and self.params.reflections)

    def _shares(self, shots: Shots) -> Floats:
        return visibility(
            shots.places,
            self.lit.lamps,
            self.lit.sky,
            self.lit.geometry.bvh,
            self.params.shadow_rays,
            self.params.sky_rays,
        )

    def _centre_light(self, shots: Shots, on: NDArray[np.int64]) -> Floats:
        # Rows are independent; blocks bound the memory of a large image's temporaries.
        blocks = [slice(i, i + _BLOCK) for i in range(0, max(on.size, 1), _BLOCK)]
        shares = np.concatenate([self._shares(shots.rows(block)) for block in blocks])
        if self.params.smoothing:
            shares = self._smoothed(shots, on, shares)
        out = self.lit.sky.radiance.at(self.directions)
        for block in blocks:
            out[on[block]] = self._light(shots.rows(block), shares[block])
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

    def _edges(self, hits: Hits, shots: Shots, on: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Pixels whose right or lower neighbour lies on another surface, and those neighbours."""
        count = self.shape[0] * self.shape[1]
        row = np.full(count, -1, np.int64)
        row[on] = self.lit.geometry.surface[hits.face[on]]
        if self.blind is not None:  # the rim of a fisheye's image circle
            row[self.blind] = -2
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
        gain: Floats,
        backdrop: NDArray[np.uint8] | None,
    ) -> None:
        """Replace edge pixels by the mean of several rays each, in linear light.

        Each ray is exposed and clipped first, as a sensor's well is: a single very bright ray
        then cannot turn a whole edge white.
        """
        samples = self.params.edge_samples
        total = np.zeros((pixels.size, 3), np.float32)
        for sample in range(samples):
            total += self._subpixel(pixels, sample, gain, backdrop)
        mean = total / samples
        picture[pixels] = encode_srgb(mean)

    def _subpixel(
        self,
        pixels: NDArray[np.int64],
        sample: int,
        gain: Floats,
        backdrop: NDArray[np.uint8] | None,
    ) -> Floats:
        directions, blind = self._subpixel_rays(pixels, sample)
        hits = self.lit.geometry.first_hits(self.origin, directions)
        on = np.flatnonzero(hits.face != MISS)
        phase = (pixels + 5 * sample) % 16
        shots = self._shots(hits, on, directions, phase)
        out = self.lit.sky.radiance.at(directions)
        out[on] = self._light(shots, self._shares(shots))
        out = np.clip(out * gain, 0, 1)
        if backdrop is not None:
            missed = hits.face == MISS
            out[missed] = SRGB_TO_LINEAR[backdrop[pixels[missed]]]
        if blind is not None:
            out[blind] = 0
        return out

    def _subpixel_rays(
        self, pixels: NDArray[np.int64], sample: int
    ) -> tuple[Floats, NDArray[np.bool_] | None]:
        """Directions of one ray per pixel, and which of them the lens does not have."""
        width = self.lens.width
        shift = [((sample + 1) * step) % 1.0 for step in _SUBPIXEL]
        uv = np.stack([pixels % width + shift[0], pixels // width + shift[1]], axis=1)
        rays = self.lens.rays(uv).astype(np.float32)
        if self.lens.fisheye is None:
            return world_directions(self.camera, rays), None
        blind = np.isnan(rays[:, 2])
        rays[blind] = 0
        return world_directions(self.camera, rays), blind
