"""Clear sky as radiance (Preetham, Shirley, Smits 1999, A practical analytic model for daylight).

The paper's chromaticities and luminance distribution; absolute luminance is replaced by one
scale, so that the sky without the sun gives a white horizontal plane a radiance of 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simgen.errors import AssetError, Fault

HEIGHT, WIDTH = 256, 512
DEFAULTS = {
    "sun_elevation_deg": 45.0,
    "sun_azimuth_deg": 0.0,
    "turbidity": 3.0,
    "sun": 1.0,
    "ground_albedo": 0.2,
}
# Distribution coefficients a .. e of Y, x, y as slope and offset in turbidity (appendix A.2).
_PEREZ = {
    "Y": ((0.1787, -1.4630), (-0.3554, 0.4275), (-0.0227, 5.3251), (0.1206, -2.5771)),
    "x": ((-0.0193, -0.2592), (-0.0665, 0.0008), (-0.0004, 0.2125), (-0.0641, -0.8989)),
    "y": ((-0.0167, -0.2608), (-0.0950, 0.0092), (-0.0079, 0.2102), (-0.0441, -1.6537)),
}
_PEREZ_E = {"Y": (-0.0670, 0.3703), "x": (-0.0033, 0.0452), "y": (-0.0109, 0.0529)}
# Zenith chromaticity, rows for T^2, T, 1 and columns for theta^3 .. 1 (appendix A.2).
_ZENITH = {
    "x": (
        (0.00166, -0.00375, 0.00209, 0.0),
        (-0.02903, 0.06377, -0.03202, 0.00394),
        (0.11693, -0.21196, 0.06052, 0.25886),
    ),
    "y": (
        (0.00275, -0.00610, 0.00317, 0.0),
        (-0.04214, 0.08970, -0.04153, 0.00516),
        (0.15346, -0.26756, 0.06670, 0.26688),
    ),
}
_XYZ_TO_RGB = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)
# The disc is wider than the real 0.27 deg so that a few texels hold it; its flux is kept.
_DISC_DEG = 1.2


def sky_radiance(params: dict[str, float]) -> NDArray[np.float32]:
    """float32[256, 512, 3], linear sRGB, in world axes (centre +x, counter-clockwise).

    Args:
        params: sun_elevation_deg, sun_azimuth_deg (about z from +x), turbidity (2 clear .. 10
            hazy), sun (factor on the disc), ground_albedo.

    Raises:
        AssetError: an unknown setting.
    """
    unknown = sorted(set(params) - set(DEFAULTS))
    if unknown:
        what = f"unknown sky setting {unknown[0]!r}"
        raise AssetError(Fault("environment", what, f"known: {', '.join(DEFAULTS)}"))
    p = DEFAULTS | params
    directions, solid_angle = _directions()
    # The model holds for a sun above the horizon; lower suns dim the whole below.
    elevation = math.radians(min(max(p["sun_elevation_deg"], 1.0), 90.0))
    azimuth = math.radians(p["sun_azimuth_deg"])
    sun = np.array(
        [
            math.cos(elevation) * math.cos(azimuth),
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
        ]
    )
    turbidity = min(max(p["turbidity"], 1.7), 10.0)
    up = directions[:, :, 2]
    color = _preetham(np.maximum(up, 0.01), np.clip(directions @ sun, -1, 1), sun[2], turbidity)
    above = up > 0
    weight = np.where(above, up * solid_angle, 0)[:, :, None]
    luminance = color @ np.array([0.2126, 0.7152, 0.0722])
    color *= math.pi / float((luminance * weight[:, :, 0]).sum())
    color += p["sun"] * _disc(directions, sun, solid_angle, turbidity)
    irradiance = (color * weight).sum(axis=(0, 1))
    # Blend over a texel row at the horizon, which would otherwise shimmer in reflections.
    share = np.clip(up * HEIGHT / math.pi + 0.5, 0, 1)[:, :, None]
    ground = p["ground_albedo"] * irradiance / math.pi
    return np.asarray(color * share + ground * (1 - share), np.float32)


def _directions() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    polar = (np.arange(HEIGHT) + 0.5) / HEIGHT * math.pi
    azimuth = ((np.arange(WIDTH) + 0.5) / WIDTH * 2 - 1) * math.pi
    s = np.sin(polar)[:, None]
    z = np.broadcast_to(np.cos(polar)[:, None], (HEIGHT, WIDTH))
    directions = np.stack([s * np.cos(azimuth), s * np.sin(azimuth), z], axis=2)
    solid = s * (math.pi / HEIGHT) * (2 * math.pi / WIDTH)
    return directions, np.broadcast_to(solid, (HEIGHT, WIDTH))


def _preetham(
    cos_theta: NDArray[np.float64], cos_gamma: NDArray[np.float64], sun_up: float, turbidity: float
) -> NDArray[np.float64]:
    """Linear sRGB, relative, of directions at these angles to the zenith and to the sun."""
    theta_sun = math.acos(sun_up)
    powers = np.array([theta_sun**3, theta_sun**2, theta_sun, 1.0])
    values = {}
    for name in ("Y", "x", "y"):
        rows = (*_PEREZ[name], _PEREZ_E[name])
        a, b, c, d, e = (slope * turbidity + offset for slope, offset in rows)

        def shape(
            ct: NDArray[np.float64] | float,
            cg: NDArray[np.float64] | float,
            k: tuple[float, ...] = (a, b, c, d, e),
        ) -> NDArray[np.float64]:
            gamma = np.arccos(cg)
            glow = 1 + k[2] * np.exp(k[3] * gamma) + k[4] * np.asarray(cg) ** 2
            return np.asarray((1 + k[0] * np.exp(k[1] / ct)) * glow, np.float64)

        zenith = 1.0
        if name != "Y":
            zenith = float(np.array([turbidity**2, turbidity, 1.0]) @ _ZENITH[name] @ powers)
        values[name] = zenith * shape(cos_theta, cos_gamma) / shape(1.0, sun_up)
    luminance = np.maximum(values["Y"], 0)
    x, y = values["x"], np.maximum(values["y"], 1e-3)
    xyz = np.stack([x / y * luminance, luminance, (1 - x - y) / y * luminance], axis=2)
    out: NDArray[np.float64] = np.maximum(xyz @ _XYZ_TO_RGB.T, 0)
    return out


def _disc(
    directions: NDArray[np.float64],
    sun: NDArray[np.float64],
    solid_angle: NDArray[np.float64],
    turbidity: float,
) -> NDArray[np.float64]:
    """The sun: about five times the clear sky's irradiance when high, redder when low."""
    away = np.degrees(np.arccos(np.clip(directions @ sun, -1, 1)))
    profile = np.clip((_DISC_DEG - away) / 0.35 + 0.5, 0, 1) * solid_angle
    profile = np.where(directions[:, :, 2] > 0, profile, 0)
    if profile.sum() == 0:
        return np.zeros((*profile.shape, 3))
    # Air mass (Kasten and Young 1989); optical depths of haze and air at 610, 550, 465 nm.
    elevation = math.degrees(math.asin(float(sun[2])))
    mass = 1 / (float(sun[2]) + 0.50572 * (elevation + 6.07995) ** -1.6364)
    wavelength_um = np.array([0.61, 0.55, 0.465])
    haze = 0.04608 * turbidity - 0.04586
    depth = 0.008735 * wavelength_um**-4.08 + haze * wavelength_um**-1.3
    normal_irradiance = 6.5 * math.pi * np.exp(-depth * mass)
    radiance: NDArray[np.float64] = (
        profile[:, :, None] / solid_angle[:, :, None] / profile.sum() * normal_irradiance
    )
    return radiance
