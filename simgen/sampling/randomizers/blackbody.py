"""Colour of a black body: temperature in kelvin to linear sRGB."""

from __future__ import annotations

# CIE XYZ to linear sRGB, IEC 61966-2-1 (white point D65).
_XYZ_TO_RGB = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
LOW_K, HIGH_K = 1667.0, 25000.0


def blackbody(temperature_k: float) -> tuple[float, float, float]:
    """Linear sRGB of a Planckian radiator, largest component 1, none negative.

    Args:
        temperature_k: kelvin in [1667, 25000].

    Source: Kang et al. 2002, "Design of advanced color temperature control system for HDTV
    applications", cubic fit of the Planckian locus in CIE 1931 x, y.
    """
    t = min(max(temperature_k, LOW_K), HIGH_K)
    a, b, c = 1e9 / t**3, 1e6 / t**2, 1e3 / t
    if t <= 4000:
        x = -0.2661239 * a - 0.2343589 * b + 0.8776956 * c + 0.179910
    else:
        x = -3.0258469 * a + 2.1070379 * b + 0.2226347 * c + 0.240390
    if t <= 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif t <= 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    xyz = (x / y, 1.0, (1 - x - y) / y)
    r, g, b_ = (max(0.0, sum(m * v for m, v in zip(row, xyz, strict=True))) for row in _XYZ_TO_RGB)
    top = max(r, g, b_)
    return (r / top, g / top, b_ / top)
