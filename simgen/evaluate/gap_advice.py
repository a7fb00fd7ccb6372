"""One sentence per measure of the gap: what to change in the scene when it is large."""

from __future__ import annotations

_MOST_OUTSIDE = 0.15  # of a set with the same distribution, 0.05 lie outside
_BOTH_SIDES = 0.25

# Measure -> when synthetic values are too low, when they are too high, when they vary too little.
_CHANGES: dict[str, tuple[str, str, str]] = {
    "green_red": ("pictures are too green: shift light and backgrounds towards red",
                  "pictures are too red: shift light and backgrounds towards green",
                  "vary the tint of light and backgrounds more"),
    "blue_yellow": ("pictures are too blue: warm the light (lower temperature_k) or backgrounds",
                    "pictures are too yellow: cool the light (raise temperature_k) or backgrounds",
                    "vary colour temperature and backgrounds more"),
    "brightness": ("raise exposure or lamp power", "lower exposure or lamp power",
                   "vary exposure and lamp power more"),
    "contrast": ("use harder light, darker shadows, busier backgrounds",
                 "use softer light, brighter shadows, plainer backgrounds",
                 "vary between soft and hard light, plain and busy backgrounds"),
    "saturation": ("use more colourful materials and backgrounds",
                   "use paler materials and backgrounds",
                   "vary how colourful materials and backgrounds are"),
    "sharpness": ("add fine texture to objects and backgrounds, render more samples, blur less",
                  "blur pictures as the real camera does, or use calmer textures",
                  "vary focus, motion blur and texture detail more"),
    "noise": ("add the real camera's noise (sensor settings), or finer textures",
              "reduce noise: more samples, denoise, coarser textures",
              "vary sensor noise (ISO) more"),
    "spectrum_slope": ("pictures fall off too steeply: add fine detail and noise, blur less",
                       "pictures have too much fine detail: blur, use calmer textures",
                       "vary focus and texture detail more"),
    "size": ("bring the camera closer (lower camera.distance_m) or enlarge objects",
             "move the camera away (raise camera.distance_m) or shrink objects",
             "widen the range of camera.distance_m"),
    "aspect": ("show objects turned so that boxes are taller, or check the label style",
               "show objects turned so that boxes are wider, or check the label style",
               "vary poses and camera elevation more"),
    "across": ("place objects further to the right, or aim the camera to their left",
               "place objects further to the left, or aim the camera to their right",
               "spread objects wider across the picture (larger scene area, aim jitter)"),
    "down": ("place objects lower in the picture (aim higher)",
             "place objects higher in the picture (aim lower)",
             "spread objects further up and down the picture (larger scene area, aim jitter)"),
    "objects": ("put more objects into a scene (objects.*.count up)",
                "put fewer objects into a scene (objects.*.count down)",
                "widen the range of objects.*.count"),
    "overlap": ("let objects overlap more (smaller area, more of them)",
                "let objects overlap less (larger area, fewer of them)",
                "mix scenes with loose and with piled objects"),
}  # fmt: skip


def advise(name: str, above: float, below: float) -> str:
    """What to change. What counts is whether synthetic values cover the real ones: a synthetic
    set that reaches further (domain randomisation, Tobin et al. 2017) needs no change.

    Args:
        name: of the measure.
        above: share of the real set above the synthetic 97.5th percentile.
        below: share of the real set below the synthetic 2.5th percentile.

    Returns:
        A sentence, or "" where the real values are covered.
    """
    low, high, narrow = _CHANGES[name]
    if above + below <= _MOST_OUTSIDE:
        return ""
    if min(above, below) > (above + below) * _BOTH_SIDES:
        return narrow
    return low if above > below else high
