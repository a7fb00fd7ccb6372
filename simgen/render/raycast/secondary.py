"""What is seen by way of another surface: mirror images, and what stands behind glass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from simgen.render.raycast.geometry import WorldGeometry, interpolate
from simgen.render.raycast.labels import facing_normals
from simgen.render.raycast.lamps import Lamp, dot
from simgen.render.raycast.shading import BOUNCE, Looks, looks_at, shade
from simgen.render.raycast.sky import Sky
from simgen.render.raycast.tracing import MISS, Hits
from simgen.render.raycast.visibility import Places

Floats = NDArray[np.float32]
_MIRROR_BELOW = 0.35  # rougher surfaces reflect the blurred sky only
_GLASS_LAYERS = 8
_PAST_M = 1e-4


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
    owner: NDArray[np.int64]

    def rows(self, which: slice) -> Shots:
        """Some of the shots."""
        p, k = self.places, self.looks
        return Shots(
            Places(*(getattr(p, f.name)[which] for f in fields(p))),
            Looks(*(getattr(k, f.name)[which] for f in fields(k))),
            self.to_viewer[which],
            self.pixel_m[which],
            self.owner[which],
        )


def seen_light(lit: LitWorld, shots: Shots, shares: Floats, mirror: bool) -> Floats:
    """Radiance float32[N, 3] of shots towards the viewer.

    Args:
        shares: float32[N, L + 1], what is seen of each lamp and of the sky.
        mirror: trace mirror rays from smooth surfaces; otherwise they reflect the sky.
    """
    places = shots.places
    traced = _mirror(lit, shots, shares) if mirror else None
    out = shade(
        shots.looks,
        places.normal,
        shots.to_viewer,
        places.position,
        shares,
        lit.lamps,
        lit.sky,
        traced,
    )
    clear = np.flatnonzero(shots.looks.through.any(axis=1))
    if clear.size:
        out[clear] += shots.looks.through[clear] * _behind(lit, shots, clear)
    return out


def _mirror(lit: LitWorld, shots: Shots, shares: Floats) -> Floats:
    """Radiance in the mirror direction: the sky, or for smooth surfaces what stands there."""
    places = shots.places
    facing = dot(places.normal, shots.to_viewer)[:, None]
    reflected = 2 * facing * places.normal - shots.to_viewer
    seen = shares[:, -1:]
    sky = lit.sky.glossy(reflected, shots.looks.roughness)
    out = sky * (seen + (1 - seen) * BOUNCE)
    smooth_rows = np.flatnonzero(shots.looks.roughness < _MIRROR_BELOW)
    if smooth_rows.size == 0:
        return out
    start = places.position[smooth_rows] + places.flat[smooth_rows] * _PAST_M
    aim = reflected[smooth_rows]
    image = _second_hand(lit, lit.geometry.first_hits(start, aim), aim, sky[smooth_rows])
    # Fade from the traced mirror image to the blurred sky as the surface gets rougher.
    mix = (shots.looks.roughness[smooth_rows] / _MIRROR_BELOW)[:, None] ** 2
    out[smooth_rows] = image * (1 - mix) + out[smooth_rows] * mix
    return out


def _behind(lit: LitWorld, shots: Shots, rows: NDArray[np.int64]) -> Floats:
    """Radiance behind clear surfaces, straight on: thin-walled glass, nothing is bent."""
    aim = -shots.to_viewer[rows]
    start = shots.places.position[rows] + aim * _PAST_M
    hits = lit.geometry.first_hits(start, aim)
    for _ in range(_GLASS_LAYERS):  # its own further walls count as one pane
        same = np.flatnonzero(hits.face != MISS)
        same = same[lit.geometry.surface[hits.face[same]] == shots.owner[rows[same]]]
        if same.size == 0:
            break
        start[same] += aim[same] * (hits.t[same] + _PAST_M)[:, None]
        more = lit.geometry.first_hits(start[same], aim[same])
        hits.t[same], hits.face[same], hits.bary[same] = more.t, more.face, more.bary
    return _second_hand(lit, hits, aim, lit.sky.radiance.at(aim))


def _second_hand(lit: LitWorld, hits: Hits, aim: Floats, open_sky: Floats) -> Floats:
    """Radiance along secondary rays: diffuse only, shadows of lamps left out."""
    out = open_sky.copy()
    there = np.flatnonzero(hits.face != MISS)
    if there.size == 0:
        return out
    face, bary = hits.face[there], hits.bary[there]
    normal, _ = facing_normals(lit.geometry, face, bary, aim[there])
    looks = looks_at(lit.geometry, face, bary, np.full(there.size, 1e-3, np.float32))
    position = interpolate(lit.geometry.corners[face], bary)
    light = lit.sky.irradiance.at(normal) * 0.7
    for lamp in lit.lamps:
        sample = lamp.sample(position)
        cosine = np.maximum(dot(normal, sample.direction), 0)
        light = light + (cosine * sample.strength)[:, None] * lamp.color
    # Metals show what they reflect; their mean specular colour stands in for it.
    out[there] = looks.emission + (looks.albedo + looks.specular * 0.5) / np.pi * light
    return out
