"""Outgoing radiance of points: GGX under lamps and sky.

Metallic-roughness BRDF of glTF 2.0 (appendix B): Lambert plus GGX with Smith's term (Karis
2013's approximations for the environment's part).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.render.raycast.geometry import WorldGeometry, interpolate
from simgen.render.raycast.lamps import Lamp, dot
from simgen.render.raycast.sky import Sky
from simgen.render.raycast.surface_table import SurfaceTable

Floats = NDArray[np.float32]
# What stands in the sky's way reflects some of it; an average albedo and sky share.
BOUNCE = 0.22


@dataclass(frozen=True)
class Looks:
    """Surface properties of N points.

    Args:
        base_color: float32[N, 3], what the material says, texture included.
        albedo, specular, emission: float32[N, 3]; diffuse colour, reflectance at normal
            incidence, emitted radiance.
        through: float32[N, 3], share of the light from behind that clear surfaces let pass.
        roughness: float32[N], perceptual.
    """

    base_color: Floats
    albedo: Floats
    specular: Floats
    emission: Floats
    through: Floats
    roughness: Floats


def looks_at(
    geometry: WorldGeometry, face: NDArray[np.int64], bary: Floats, pixel_m: Floats
) -> Looks:
    """Properties of hit points; `pixel_m` float32[N] is a pixel's size there, for mip levels."""
    table = geometry.table
    row = geometry.surface[face]
    uv = interpolate(geometry.uv[face], bary)
    per_texel = geometry.texel_area[face] * pixel_m**2

    def image(index: NDArray[np.int64], values: Floats, color: bool) -> None:
        at = index[row]
        has = np.flatnonzero(at >= 0)
        if has.size == 0:
            return
        atlas = table.colors if color else table.greys
        base = atlas.first[at[has]]
        texels = per_texel[has] * (atlas.width[base] * atlas.height[base])
        lod = 0.5 * np.log2(np.maximum(texels, 1e-12)).astype(np.float32)
        found = atlas.sample(at[has], uv[has], lod, srgb=color)
        values[has] *= found if color else found[:, 0]

    base_color, emission = table.base_color[row].copy(), table.emission[row].copy()
    roughness, metallic = table.roughness[row].copy(), table.metallic[row].copy()
    image(table.color_image, base_color, True)
    image(table.emission_image, emission, True)
    image(table.roughness_image, roughness, False)
    image(table.metallic_image, metallic, False)
    transmission = table.transmission[row].copy()
    _tint(table, row, base_color)
    _wear(geometry, face, bary, pixel_m, (base_color, roughness, metallic, transmission))
    metal = metallic[:, None]
    clear = transmission[:, None] * (1 - metal)
    return Looks(
        base_color,
        base_color * (1 - metal) * (1 - clear),
        0.04 * (1 - metal) + base_color * metal,
        emission,
        base_color * clear * 0.96,  # what is not reflected at normal incidence
        np.maximum(roughness, 0.045),
    )


def _tint(table: SurfaceTable, row: NDArray[np.int64], base_color: Floats) -> None:
    """Multiply base colours [N, 3] by the matrices of their surfaces, in place."""
    rows = np.flatnonzero(table.tinted[row])
    if rows.size == 0:
        return
    matrix, color = table.tint[row[rows]], base_color[rows]
    for i in range(3):
        m = matrix[:, 3 * i : 3 * i + 3]
        base_color[rows, i] = np.clip(dot(m, color), 0, 1)


def _wear(
    geometry: WorldGeometry,
    face: NDArray[np.int64],
    bary: Floats,
    pixel_m: Floats,
    looks: tuple[Floats, Floats, Floats, Floats],
) -> None:
    """Lay wear over base colour, roughness, metallic and transmission, in place."""
    if geometry.wear_uv is None or geometry.wear_area is None:
        return
    table, row = geometry.table, geometry.surface[face]
    rows = np.flatnonzero(table.wear_color[row] >= 0)
    if rows.size == 0:
        return
    face, row = face[rows], row[rows]
    uv = interpolate(geometry.wear_uv[face], bary[rows])
    per_texel = geometry.wear_area[face] * pixel_m[rows] ** 2
    base = table.colors.first[table.wear_color[row]]
    texels = per_texel * (table.colors.width[base] * table.colors.height[base])
    lod = 0.5 * np.log2(np.maximum(texels, 1e-12)).astype(np.float32)
    color = table.colors.sample(table.wear_color[row], uv, lod, srgb=True)
    cover = table.covers.sample(table.wear_cover[row], uv, lod, srgb=False)
    rough = table.greys.sample(table.wear_roughness[row], uv, lod, srgb=False)[:, 0]
    base_color, roughness, metallic, transmission = looks
    base_color[rows] += (color - base_color[rows]) * cover[:, :1]
    roughness[rows] += (rough - roughness[rows]) * cover[:, 1]
    metallic[rows] *= 1 - cover[:, 2]
    transmission[rows] *= 1 - cover[:, 0]


def shade(
    looks: Looks,
    normal: Floats,
    to_viewer: Floats,
    position: Floats,
    shares: Floats,
    lamps: Sequence[Lamp],
    sky: Sky,
    mirror: Floats | None,
) -> Floats:
    """Radiance float32[N, 3] towards the viewer.

    Args:
        normal, to_viewer: unit float32[N, 3].
        shares: float32[N, L + 1], what is seen of each lamp and of the sky.
        mirror: float32[N, 3], traced radiance in the mirror direction, or None to use the sky.
    """
    facing = np.clip(dot(normal, to_viewer), 1e-3, 1)
    out = looks.emission.copy()
    for column, lamp in enumerate(lamps):
        out += _lamp_light(looks, normal, to_viewer, facing, position, lamp, shares[:, column])
    seen = shares[:, -1:]
    out += looks.albedo / np.pi * sky.irradiance.at(normal) * (seen + (1 - seen) * BOUNCE)
    reflected = 2 * facing[:, None] * normal - to_viewer
    if mirror is None:
        mirror = sky.glossy(reflected, looks.roughness)
        mirror = mirror * (seen + (1 - seen) * BOUNCE)
    out += mirror * _environment_brdf(looks, facing)
    return out


def _lamp_light(
    looks: Looks,
    normal: Floats,
    to_viewer: Floats,
    facing: Floats,
    position: Floats,
    lamp: Lamp,
    share: Floats,
) -> Floats:
    sample = lamp.sample(position)
    cosine = dot(normal, sample.direction)
    power = np.maximum(cosine, 0) * sample.strength * share
    half = sample.direction + to_viewer
    half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-8)
    nh = np.clip(dot(normal, half), 0, 1)
    vh = np.clip(dot(to_viewer, half), 0, 1)
    alpha = looks.roughness**2
    wide = np.minimum(alpha + sample.spread / 2, 1)  # the lamp's size widens the highlight
    a2 = wide**2
    ggx = a2 / (np.pi * (nh * nh * (a2 - 1) + 1) ** 2) * (alpha / wide) ** 2
    k = alpha / 2
    nl = np.maximum(cosine, 1e-3)
    smith = 1 / ((nl * (1 - k) + k) * (facing * (1 - k) + k)) / 4
    schlick = (1 - vh) ** 5
    fresnel = looks.specular + (1 - looks.specular) * schlick[:, None]
    brdf = looks.albedo / np.pi + fresnel * (ggx * smith)[:, None]
    out: Floats = brdf * power[:, None] * lamp.color
    return out


def _environment_brdf(looks: Looks, facing: Floats) -> Floats:
    """Karis's fit of the GGX integral ("Physically based shading on mobile", 2014)."""
    r = looks.roughness[:, None]
    c0 = np.array([-1, -0.0275, -0.572, 0.022], np.float32)
    c1 = np.array([1, 0.0425, 1.04, -0.04], np.float32)
    p = r * c0 + c1
    a004 = np.minimum(p[:, 0] ** 2, 2 ** (-9.28 * facing)) * p[:, 0] + p[:, 1]
    scale, bias = -1.04 * a004 + p[:, 2], 1.04 * a004 + p[:, 3]
    out: Floats = looks.specular * scale[:, None] + bias[:, None]
    return out
