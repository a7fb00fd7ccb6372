"""Procedural colour patterns, baked by numpy so that every engine sees the same pixels.

Every pattern is a field on the unit torus, so its tile repeats without a seam, and is fully
given by its recipe: colours, contrast and a seed of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.pattern_grids import checker, dots, fabric, gradient, stripes
from simgen.assets.pattern_noise import marble, noise, speckle, wood
from simgen.assets.pattern_print import print_page
from simgen.errors import AssetError, Fault
from simgen.records.asset import Image
from simgen.records.colour import linear_to_srgb

SIZE = 512
Field = NDArray[np.float64]
# Each gives float64[size, size] in [0, 1]: where on the list of colours a texel lies.
PATTERNS: dict[str, Callable[[int, np.random.Generator], Field]] = {
    "checker": checker,
    "stripes": stripes,
    "dots": dots,
    "noise": noise,
    "marble": marble,
    "wood": wood,
    "speckle": speckle,
    "fabric": fabric,
    "gradient": gradient,
    "print": print_page,
}
_DEFAULT_COLORS = ((0.8, 0.8, 0.8), (0.2, 0.2, 0.2))


def bake_pattern(name: str, params: dict[str, Any], size: int = SIZE) -> Image:
    """uint8[size, size, 3] sRGB.

    Args:
        name: key of `PATTERNS`.
        params: `colors` (two or more, linear), `contrast` in [0, 1] (0 is the mean colour),
            `seed`; anything else is an error.

    Raises:
        AssetError: an unknown parameter or unusable colours.
    """
    unknown = sorted(set(params) - {"colors", "contrast", "seed"})
    if unknown:
        what = f"unknown parameter {unknown[0]!r} of pattern {name!r}"
        raise AssetError(Fault("texture", what, "known: colors, contrast, seed"))
    colors = np.asarray(params.get("colors", _DEFAULT_COLORS), np.float64)
    if colors.ndim != 2 or colors.shape[1] != 3 or len(colors) < 2:
        what = f"pattern {name!r} needs two or more colours"
        raise AssetError(Fault("texture", what, "give [[r, g, b], ...]"))
    # The recipe's own seed, not a draw: the same recipe is the same picture everywhere.
    rng = np.random.Generator(np.random.PCG64(int(params.get("seed", 0))))
    where = np.clip(PATTERNS[name](size, rng), 0, 1) * (len(colors) - 1)
    low = np.minimum(where.astype(np.int64), len(colors) - 2)
    share = (where - low)[:, :, None]
    linear = colors[low] * (1 - share) + colors[low + 1] * share
    mean = linear.mean(axis=(0, 1))
    linear = mean + (linear - mean) * float(params.get("contrast", 1.0))
    return np.asarray(linear_to_srgb(linear) * 255 + 0.5, np.uint8)
