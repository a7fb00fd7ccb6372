"""Units of settings, read off their names: `power_w`, `tilt_deg`, `speed_m_s`."""

from __future__ import annotations

# The longest ending that fits wins: `speed_m_s` is m/s, not s.
_UNITS = {
    "m": "m",
    "mm": "mm",
    "m2": "m²",
    "m3": "m³",
    "m_s": "m/s",
    "m_s2": "m/s²",
    "deg": "deg",
    "rad": "rad",
    "deg_s": "deg/s",
    "rad_s": "rad/s",
    "s": "s",
    "ms": "ms",
    "hz": "Hz",
    "w": "W",
    "w_m2": "W/m²",
    "k": "K",
    "ev": "EV",
    "px": "px",
    "kg": "kg",
    "kg_m3": "kg/m³",
    "mib": "MiB",
    "db": "dB",
    "percent": "%",
}
# Units of what turns or lies anywhere: bounds would say nothing.
BOUNDLESS = ("deg", "rad")


def unit_of(name: str) -> str:
    """Unit of a setting by its name; "" for what has none."""
    parts = name.split("_")
    for start in range(len(parts)):
        ending = "_".join(parts[start:])
        if ending in _UNITS:
            return _UNITS[ending]
    return ""
