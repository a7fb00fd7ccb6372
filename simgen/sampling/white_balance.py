"""White balance: what a camera does to colours that is set for another light."""

from __future__ import annotations

from simgen.records.pose import Vec3
from simgen.sampling.randomizers.blackbody import blackbody

NEUTRAL_K = 6504.0  # of D65, the white of sRGB


def balance(temperature_k: float) -> Vec3:
    """Factors on linear red, green and blue; green is 1.

    A camera set to 3000 K shows lamplight of 3000 K neutral and daylight blue. Diagonal in
    linear sRGB (von Kries' rule without a cone space), as raw converters scale channels.

    Args:
        temperature_k: that is to look neutral, kelvin; `NEUTRAL_K` changes nothing.
    """
    if temperature_k == NEUTRAL_K:
        return (1.0, 1.0, 1.0)
    there, here = blackbody(temperature_k), blackbody(NEUTRAL_K)
    red, green, blue = (h / max(t, 1e-3) for h, t in zip(here, there, strict=True))
    return (red / green, 1.0, blue / green)
