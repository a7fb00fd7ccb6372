"""From measurements of photographs to distributions of camera parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.imaging.sensor import Sensor
from simgen.refine.fitting.measures import PhotoMeasures
from simgen.refine.fitting.noise import fit_noise

Floats = NDArray[np.float64]
_CONTRAST, _SATURATION = (0.85, 1.2), (0.7, 1.3)
_SHARPEN = 0.3  # phones sharpen a little; more is found by the slope of edges


def own_settings(
    photos: Sequence[PhotoMeasures], noise: Floats, qualities: Sequence[int]
) -> dict[str, Any]:
    """Settings that photographs alone tell: noise, vignetting, colour fringes, JPEG."""
    settings: dict[str, Any] = {"bayer": True, "sharpen": _SHARPEN, "sharpen_px": 1.0}
    settings["jpeg_quality"] = _qualities(qualities)
    fall = np.clip([p.vignetting for p in photos], 0, 0.6)
    low, high = (round(float(v), 3) for v in np.quantile(fall, [0.25, 0.75]))
    settings["vignetting"] = _range(low, high)
    fringe = np.array([p.colour_px for p in photos if np.isfinite(p.colour_px)])
    settings["lateral_colour_px"] = 0.0
    if len(fringe) >= 4:
        # The lens is one: its middle, with the spread of the middle half.
        middle, spread = _robust(np.clip(fringe, -3, 3))
        settings["lateral_colour_px"] = _normal(middle, spread, -3, 3)
    camera = Sensor(bayer=True, sharpen=_SHARPEN, jpeg_quality=int(np.median(qualities or [0])))
    fitted = fit_noise(noise, camera)
    settings["photons"] = _spread(fitted.photons, 1.3)
    settings["read_noise"] = _spread(fitted.read_noise, 1.3)
    return settings


def relative_settings(
    photos: Sequence[PhotoMeasures], renders: Sequence[PhotoMeasures]
) -> dict[str, Any]:
    """Settings that take the renders' light, tint and sharpness to those of the photographs."""
    return _exposure(photos, renders) | _tint(photos, renders) | _sharpness(photos, renders)


def tone_settings(
    photos: Sequence[PhotoMeasures], exposed: Sequence[PhotoMeasures]
) -> dict[str, float]:
    """Contrast and saturation out of renders that went through the camera so far."""
    out = {}
    for name, (low, high) in (("contrast", _CONTRAST), ("saturation", _SATURATION)):
        wanted, found = (_robust([getattr(p, name) for p in some])[0] for some in (photos, exposed))
        out[name] = round(float(np.clip(wanted / max(found, 1e-3), low, high)), 3)
    return out


def _exposure(photos: Sequence[PhotoMeasures], renders: Sequence[PhotoMeasures]) -> dict[str, Any]:
    """Automatic exposure where photographs vary less than renders, jitter where more."""
    (middle, wide), (ours, own) = (
        _robust([p.light_ev for p in some]) for some in (photos, renders)
    )
    share = float(np.clip(1 - wide / max(own, 1e-3), 0, 1))
    left = (1 - share) * own
    shift = middle - ((1 - share) * ours + share * middle)
    jitter = float(np.sqrt(max(wide**2 - left**2, 0)))
    return {
        "metering": round(share, 3),
        "grey": round(float(np.clip(2**middle, 0.01, 0.9)), 4),
        "exposure_ev": _normal(float(np.clip(shift, -3, 3)), jitter, -4, 4),
    }


def _tint(photos: Sequence[PhotoMeasures], renders: Sequence[PhotoMeasures]) -> dict[str, Any]:
    shares, gains = [], {}
    for name in ("red", "blue"):
        field = f"{name}_ev"
        (middle, wide), (ours, own) = (
            _robust([getattr(p, field) for p in some]) for some in (photos, renders)
        )
        share = float(np.clip(1 - wide / max(own, 1e-3), 0, 1))
        shares.append(share)
        gains[name] = (middle, wide, ours, own)
    share = float(np.mean(shares))
    out: dict[str, Any] = {"auto_white": round(share, 3)}
    for name, (middle, wide, ours, own) in gains.items():
        jitter = float(np.sqrt(max(wide**2 - ((1 - share) * own) ** 2, 0)))
        gain = float(np.clip(2 ** (middle - (1 - share) * ours), 0.6, 1.6))
        out[f"{name}_gain"] = _normal(gain, gain * np.log(2) * jitter, 0.5, 2.0)
    return out


def _sharpness(photos: Sequence[PhotoMeasures], renders: Sequence[PhotoMeasures]) -> dict[str, Any]:
    """Blur where the photographs have softer edges; a Gaussian one has slope 1/(s sqrt(2 pi))."""
    slopes = [
        np.array([p.slope for p in some if np.isfinite(p.slope)]) for some in (photos, renders)
    ]
    if min(map(len, slopes)) < 4:
        return {"defocus_px": 0.5}
    real, ours = (1 / (np.sqrt(2 * np.pi) * np.maximum(s, 0.02)) for s in slopes)
    own = float(np.median(ours))
    low, high = (float(np.sqrt(max(q**2 - own**2, 0))) for q in np.quantile(real, [0.25, 0.75]))
    # The unsharp mask takes back about what a blur of this width took.
    return {"defocus_px": _range(round(min(low + 0.3, 4), 3), round(min(high + 0.3, 4), 3))}


def _qualities(qualities: Sequence[int]) -> Any:
    known = [q for q in qualities if q]
    if not known:
        return 0
    low, high = (int(v) for v in np.quantile(known, [0.1, 0.9]))
    return low if low == high else {"randint": [low, high]}


def _robust(values: Sequence[float] | Floats) -> tuple[float, float]:
    """Median, and standard deviation out of the middle half (1.349 deviations wide)."""
    low, middle, high = np.quantile(np.asarray(values, np.float64), [0.25, 0.5, 0.75])
    return float(middle), float((high - low) / 1.349)


def _normal(mean: float, std: float, low: float, high: float) -> Any:
    mean, std = round(float(np.clip(mean, low, high)), 4), round(float(std), 4)
    if std < 1e-3:
        return mean
    bounds = max(low, round(mean - 2 * std, 4)), min(high, round(mean + 2 * std, 4))
    return {"truncated_normal": [mean, std, *bounds]}


def _range(low: float, high: float) -> Any:
    return low if high - low < 1e-3 else {"uniform": [low, high]}


def _spread(middle: float, factor: float) -> Any:
    low, high = (float(f"{v:.3g}") for v in (middle / factor, middle * factor))
    return {"loguniform": [low, high]}
